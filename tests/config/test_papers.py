"""P-07 and W-01: a real platform needs its papers; samples, the demo and a sandbox need none."""

import pytest

from bot.config.models import Brand, Legal, PrivacyNotice, Reference, Source
from bot.config.papers import lacking, refusal
from bot.model import Platform

PAPER = Reference(reference="DS-17", date="2026-05-04")
LEGAL = Legal(
    operator="Fjordfon GmbH, Hafenstraße 1, 24103 Kiel",
    privacy_notice=PrivacyNotice(url="https://fjordfon.example/datenschutz/social", version="3.1"),
    interest_assessment=PAPER,
    processing_record=PAPER,
    impact_assessment=PAPER,
    works_agreement="no works council",
)


def brand(legal: Legal = LEGAL) -> Brand:
    return Brand(name="Fjordfon", names=("Fjordfon",), accounts={}, legal=legal)


def source(kind: Platform, **fields: str) -> Source:
    return Source.model_validate({"kind": kind, "name": "one", **fields})


def test_with_all_papers_every_platform_may_run():
    assert lacking(LEGAL) == ()
    assert not any(refusal(brand(), source(kind)) for kind in Platform)


@pytest.mark.parametrize(
    "line",
    [
        "operator",
        "privacy_notice",
        "interest_assessment",
        "processing_record",
        "impact_assessment",
        "works_agreement",
    ],
)
def test_each_missing_paper_keeps_a_real_platform_off_and_is_named(line):
    legal = LEGAL.model_copy(update={line: "" if line == "operator" else None})
    sentence = refusal(brand(legal), source(Platform.MASTODON, server="social.example"))
    assert f"legal.{line}: " in sentence
    assert sentence.count("legal.") == 1
    assert "'one' stays off" in sentence


@pytest.mark.parametrize("kind", [Platform.REPLAY, Platform.ARCHIVE])
def test_files_need_no_papers(kind):
    assert refusal(brand(Legal()), source(kind, file="posts.jsonl")) == ""


@pytest.mark.parametrize(
    ("servers", "runs"),
    [
        (["http://127.0.0.1:4100"], True),
        (["http://localhost:4100", "http://[::1]:9"], True),
        (["https://social.example"], False),
        (["http://127.0.0.1:4100", "https://oauth.reddit.com"], False),
        (["127.0.0.1.evil.example"], False),
        ([], False),
    ],
)
def test_a_sandbox_is_a_source_whose_every_server_is_this_machine(servers, runs):
    fields = {f"server_{number}": server for number, server in enumerate(servers)}
    assert (refusal(brand(Legal()), source(Platform.REDDIT, **fields)) == "") is runs
