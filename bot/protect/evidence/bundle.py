"""Seals what was captured: the files of a bundle, its manifest with the SHA-256 of each, and our signature."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from zoneinfo import ZoneInfo

from bot import __version__
from bot.keys import Keys
from bot.model import Platform
from bot.protect.evidence import report
from bot.protect.evidence.capture import Captured, Told, moment, warc
from bot.protect.evidence.page import WORDS, Page
from bot.protect.evidence.picture import draw
from bot.protect.evidence.verify import FORMAT, MANIFEST, SIGNATURE, SIGNED_BEFORE, written, zip_of
from bot.store.db import Row


@dataclass(frozen=True, slots=True)
class Sealed:
    """A bundle's bytes, its manifest, and the SHA-256 of that in hexadecimal."""

    body: bytes
    digest: str
    manifest: Told


def seal(
    asked_under: tuple[Row, Row],
    found: Captured,
    page: Page,
    *,
    keys: Keys,
    zone: ZoneInfo,
    environment: Mapping[str, str],
) -> Sealed:
    """Make a bundle.

    Args:
        asked_under: the evidence row, with its case's platform, and the legal hold that keeps it: what a person found
            the post to be, and the basis.
        found: what was captured.
        page: the picture of the post's page, or why there is none.
        keys: our signing key.
        zone: the brand's, for the local times.
        environment: what the browser that draws the picture may see.

    Raises:
        EarshotError: the signing key is not the one that the ledger names.
    """
    asked, hold = asked_under
    facts = _facts(asked, hold, found, zone)
    facts["exchanges"] = len(found.heard) + len(page.heard)
    facts["page"] = {"how": page.told, "url": page.url, "at": moment(page.at or None, zone), "words": WORDS[page.told]}
    picture = draw(lambda measuring: report.render(facts, found, measuring=measuring), environment)
    # Drawn by the browser or not, the bundle says which: whoever reads it need not wonder.
    facts["picture"] = {"of": "report.html" if picture.png else None, "how": picture.told}
    files = {
        "report.html": report.render(facts, found).encode(),
        "capture.json": _json(facts),
        "post.json": _json({"posts": found.posts}),
        "parents.json": _json({"posts": found.parents}),
        "thread.json": _json({"posts": found.thread}),
        "raw.warc.gz": warc([*found.heard, *page.heard], found.at),
        "verify.py": resources.files("bot.protect.evidence").joinpath("verify.py").read_bytes(),
    }
    if picture.png:
        files["picture.png"] = picture.png
    if page.png:
        files["page.png"] = page.png
    public = keys.known[-1]
    manifest = _manifest(asked, facts, files, found.at, public)
    source = written(manifest)
    signature = keys.signer_of(public).sign(SIGNED_BEFORE + source).hex().encode("ascii")
    body = zip_of({**files, MANIFEST: source, SIGNATURE: signature})
    return Sealed(body, sha256(source).hexdigest(), manifest)


def _manifest(asked: Row, facts: Told, files: Mapping[str, bytes], at: int, public: bytes) -> Told:
    return {
        "format": FORMAT,
        "evidence": asked["id"],
        "case": asked["case_id"],
        "asked_at": asked["asked_at"],
        "taken_at": at,
        "taken_at_utc": facts["taken"]["utc"],
        "taken_at_local": facts["taken"]["local"],
        "tool": facts["tool"],
        "operator": asked["operator"],
        "key": public.hex(),
        "picture": facts["picture"]["how"],
        "page": facts["page"]["how"],
        "platform_answer": facts["platform_answer"],
        "exchanges": facts["exchanges"],
        # The ledger keeps the manifest's hash for ever: without this, it could be guessed from a post's words.
        "salt": secrets.token_hex(32),
        "files": {name: {"sha256": sha256(body).hexdigest(), "size": len(body)} for name, body in files.items()},
    }


def _facts(asked: Row, hold: Row, found: Captured, zone: ZoneInfo) -> Told:
    newest = found.posts[0] if found.posts else {}
    return {
        "evidence": asked["id"],
        "case": asked["case_id"],
        "hold": hold["id"],
        "platform": asked["platform"],
        "platform_name": Platform(asked["platform"]).label,
        "surface": newest.get("surface", ""),
        "classification": hold["classification"],
        "basis": hold["basis"],
        "operator": asked["operator"],
        "tool": f"Earshot {__version__}",
        "asked": moment(asked["asked_at"], zone),
        "taken": moment(found.at, zone),
        "platform_answer": newest.get("platform_now", {}).get("answer", "not_asked"),
        "threads": found.around,
    }


def _json(value: Told) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode()
