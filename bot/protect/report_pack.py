"""What a security case gives people to copy: the report to the platform, the warning for our own timeline (E-13).

Nothing here is sent by the house: people copy the texts and paste them by hand.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from bot.config.models import Brand
from bot.model import Platform
from bot.store import mentions
from bot.store.db import Reader, Row

LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class Pack:
    """Texts by language; ``where`` says how the platform is told, ``signals`` what speaks for it, both by language.

    ``report`` is empty where a person only told us of a false helper: whose account it is stands in no row.
    """

    report: Mapping[str, str]
    warning: Mapping[str, str]
    where: Mapping[str, str]
    signals: Mapping[str, tuple[str, ...]]


def pack(reader: Reader, brand: Brand, security: Row, case: Row) -> Pack:
    """The pack of one security case. Addresses of posts that are gone are left out."""
    post, customer = (
        None if security[name] is None else mentions.by_id(reader, security[name])
        for name in ("mention_id", "customer_mention")
    )
    known = LANGUAGES if security["kind"] == "false_helper" else ()
    return Pack(
        report={language: _report(brand, security, case, language, post=post, customer=customer) for language in known},
        warning={language: warning(brand, language) for language in LANGUAGES},
        where={language: _where(case["platform"], language) for language in LANGUAGES},
        signals={language: signals(security, language) for language in LANGUAGES},
    )


def warning(brand: Brand, language: str) -> str:
    """The warning for our own timeline; posted by hand."""
    return str(_texts()["warning"][language]).strip().format(own=own_accounts(brand))


def own_accounts(brand: Brand) -> str:
    """Our official accounts in one line, as the public page lists them."""
    named = (
        f"@{account.handle}{f'@{account.surface}' if account.surface else ''} ({platform.label})"
        for platform, accounts in brand.accounts.items()
        for account in accounts
    )
    return ", ".join(named)


def signals(security: Row, language: str) -> tuple[str, ...]:
    """What speaks for it, in words; a code that is not known here is shown as it is."""
    known = _texts()["signals"]
    place = LANGUAGES.index(language)
    return tuple(known[code][place] if code in known else code for code in security["signals"].split())


def _report(brand: Brand, security: Row, case: Row, language: str, *, post: Row | None, customer: Row | None) -> str:
    texts = _texts()
    nobody = texts["nobody"][language]
    link = customer["url"] if customer else ""
    at = post["created_at"] if post else security["opened_at"]
    told: str = texts["report"][language].strip()
    return told.format(
        brand=brand.name,
        account=f"@{case['author_handle']} ({Platform(case['platform']).label})",
        post=(post["url"] if post else "") or "–",
        posted=datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        customer_line=texts["customer_line"][language].format(link=link) if link else "",
        signals=", ".join(signals(security, language)),
        operator=brand.legal.operator or brand.name,
        own=own_accounts(brand),
        contact=brand.legal.privacy_contact or nobody,
    )


def _where(platform: str, language: str) -> str:
    known = _texts()["where"]
    return str(known.get(platform, known["other"])[LANGUAGES.index(language)])


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    return tomllib.loads(files("bot.protect").joinpath("security_texts.toml").read_text("utf-8"))
