"""Customers who post personal data: the prepared reply asks them to delete it, in their own form of address."""

import pytest
from tents import HouseInATent, post

from bot.store import drafts, mentions

NUMBER = "0171 3920012"


@pytest.mark.parametrize(
    ("text", "template"),
    [
        (
            f"@fjordfon_hilft Hilf mir bitte, du erreichst mich unter {NUMBER}, mein Internet geht nicht?",
            "personal-data-du",
        ),
        (f"@fjordfon_hilft Können Sie mich anrufen? Ihre Hotline legt auf. {NUMBER}", "personal-data-sie"),
        (f"@fjordfon_hilft My line is dead, can you please call me back on +49 {NUMBER[1:]}?", "personal-data-en"),
    ],
)
def test_the_draft_asks_for_the_deletion_and_never_repeats_the_data(
    tent: HouseInATent, text: str, template: str
) -> None:
    tent.hear(post("1", "kim", text))
    draft = drafts.open_of_case(tent.store, tent.case("kim")["id"])
    assert draft is not None
    assert draft["template"] == template
    assert "3920012" not in draft["text"]
    verdict = tent.approve("kim", f"{draft['text']} ^AL")
    assert verdict.kind == "queued", verdict.decision.open_rules


def test_without_personal_data_the_usual_draft_is_prepared(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Wann geht mein Internet wieder?"))
    draft = drafts.open_of_case(tent.store, tent.case("kim")["id"])
    assert draft is not None
    assert not draft["template"].startswith(("personal-data", "false-helper"))


def test_what_a_person_opens_later_is_prepared_the_same_way(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", f"@fjordfon_hilft Hilf mir bitte, Internet weg, {NUMBER}?"))
    case_id = tent.case("kim")["id"]
    with tent.store.write() as tx:
        drafts.set_aside(tx, case_id, tent.clock.now())
    assert tent.open("kim")["template"] == "personal-data-du"


def test_what_hangs_on_a_post_is_looked_at_as_well(tent: HouseInATent) -> None:
    quoted = {"id": "7", "author": "anna", "text": f"Ruf an: {NUMBER}", "visibility": "public"}
    tent.hear(post("1", "kim", "@fjordfon_hilft Was sagt ihr dazu?", quoted=quoted))
    row = mentions.by_key(tent.store, "replay:replay:1")
    assert row is not None
    assert NUMBER in row["extras"], "the sample really holds a quoted number"
    [found] = [one for one in mentions.findings_of(tent.store, row["id"]) if one.detector == "personal_attached"]
    assert (found.label, found.spans) == ("personal_data", ())
    draft = drafts.open_of_case(tent.store, tent.case("kim")["id"])
    assert draft is not None
    assert not draft["template"].startswith("personal-data"), "somebody else's data are not the author's to delete"
