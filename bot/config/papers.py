"""Which papers a source needs before it may listen to a real platform (rules P-07 and W-01). Pure."""

from urllib.parse import urlsplit

from bot.config.models import Brand, Legal, Source
from bot.config.places import is_loopback
from bot.model import Platform

_NEEDED = {
    "operator": "who operates the account",
    "privacy_notice": "address and version of the privacy notice (Art. 13 and 14 GDPR)",
    "interest_assessment": "reference and date of the balancing of interests (Art. 6(1)(f) GDPR)",
    "processing_record": "reference and date of the record of processing (Art. 30 GDPR)",
    "impact_assessment": "reference and date of the decision about an impact assessment (Art. 35 GDPR)",
    "works_agreement": 'reference and date of the works agreement, or "no works council"',
}
_FILES = frozenset({Platform.REPLAY, Platform.ARCHIVE})


def lacking(legal: Legal) -> tuple[str, ...]:
    """The lines that are missing under ``legal`` in brand.yaml, each with what it should say."""
    return tuple(f"legal.{line}: {what}" for line, what in _NEEDED.items() if not getattr(legal, line))


def refusal(brand: Brand, source: Source) -> str:
    """Why this source stays off for want of papers, "" when it may run.

    Files and servers on this machine need none: samples, the demo and a sandbox always start.
    """
    if source.kind in _FILES or _on_this_machine(source):
        return ""
    lines = lacking(brand.legal)
    return f"brand.yaml lacks {'; '.join(lines)}. Until then '{source.name}' stays off." if lines else ""


def _on_this_machine(source: Source) -> bool:
    """Whether every server that the source names is a loopback address, and there is one."""
    hosts = [urlsplit(value).hostname or "" for value in source.model_dump().values() if _is_address(value)]
    return bool(hosts) and all(map(is_loopback, hosts))


def _is_address(value: object) -> bool:
    return isinstance(value, str) and "://" in value
