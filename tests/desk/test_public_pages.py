"""The two pages for everybody: open without signing in, true to the configuration, silent about persons."""

import re
from html.parser import HTMLParser

import pytest
from sample_desk import KEYS, PASSWORD, SampleDesk
from sample_posts import published

from bot.config.canonical import to_json
from bot.desk import public
from bot.desk.app import create_app
from bot.desk.guard import HEADERS
from bot.gate.ruleset import load_ruleset
from bot.gate.texts import rule_texts
from bot.keys import Keys
from bot.ledger import checkpoint
from bot.ledger.checkpoint import Checkpoint
from bot.ledger.proof import read_note
from bot.model import Outcome, Platform
from bot.store import house as house_rows
from bot.store import standing

PATHS = ("/about-this-account", "/verify")


class Links(HTMLParser):
    """What a page points to, and the text of its preformatted parts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.found += [value or "" for name, value in attrs if name in {"href", "src"}]


@pytest.fixture
def open_house(desk: SampleDesk) -> SampleDesk:
    """The sample brand says who it is."""
    with desk.stores().write() as tx:
        house_rows.add_config(tx, "other", to_json(published()), desk.clock.now())
    return desk


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "desk.fjordfon.example"])
def test_strangers_read_them_under_every_name_of_the_desk_with_the_same_headers(desk, path, host):
    client = desk.app(hosts=["desk.fjordfon.example"]).test_client()
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 200
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 400
    assert client.post(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 405


@pytest.mark.parametrize("path", PATHS)
def test_they_run_no_script_and_load_nothing_from_elsewhere(browse, open_house, path):
    links = Links(browse("").get(path).text)
    assert links.scripts == 0
    assert {link.split("/")[2] for link in links.found if "://" in link} <= {"fjordfon.example"}


def test_the_language_is_the_addresss_then_the_browsers_whoever_is_signed_in(browse, alice):
    stranger = browse("")
    assert "So arbeitet dieses Konto" in stranger.get("/about-this-account?language=de").text
    german = {"Accept-Language": "de"}
    assert '<html lang="de">' in stranger.get("/verify", headers=german).text
    assert '<html lang="en">' in stranger.get("/verify?language=en", headers=german).text
    alice.post("/account", data={"language": "en"})
    assert '<html lang="de">' in alice.get("/verify?language=de").text
    assert '<html lang="en">' in alice.get("/rules?language=de").text


def test_it_says_who_is_behind_it_and_which_accounts_are_ours(browse, open_house):
    page = browse("").get("/about-this-account").text
    for told in (
        "Fjordfon GmbH, Werftstraße 1, 24143 Kiel",
        "Wiebke Petersen",
        'href="https://fjordfon.example/impressum"',
        'href="https://fjordfon.example/datenschutz/soziale-netze"',
        "datenschutz@fjordfon.example",
        "<bdi>@fjordfon_hilft</bdi>",
        "Mastodon, social.fjordfon.example",
    ):
        assert told in page


def test_without_these_lines_it_says_less_and_nothing_breaks(browse):
    page = browse("").get("/about-this-account").text
    assert "Imprint" not in page
    assert "Privacy notice" not in page.partition("The rules in short")[0]


@pytest.mark.parametrize("imprint", ["javascript:alert(1)", "Fjordfon GmbH, Kiel"])
def test_an_imprint_that_is_no_web_address_is_text(desk, browse, imprint):
    config = published()
    legal = config.brand.legal.model_copy(update={"imprint": imprint})
    config = config.model_copy(update={"brand": config.brand.model_copy(update={"legal": legal})})
    with desk.stores().write() as tx:
        house_rows.add_config(tx, "other", to_json(config), desk.clock.now())
    page = browse("").get("/about-this-account").text
    assert imprint in page
    assert f'href="{imprint}"' not in page


def test_it_lists_every_word_that_stops_us_and_every_rule_in_a_sentence(browse):
    for language, place in (("de", 0), ("en", 1)):
        page = browse("").get(f"/about-this-account?language={language}").text.replace("&#39;", "'")
        assert all(f"<li>{word}</li>" in page for word in load_ruleset().opt_out.alone)
        assert all(text.does[place] in page for text in rule_texts())


def test_it_says_how_long_what_is_kept(browse, open_house):
    page = browse("").get("/about-this-account").text
    assert "30 days" in page
    assert "90 days, then their words are erased" in page
    assert "nothing for 7 days" in page


def test_a_platform_that_asks_for_less_is_named_with_its_days(desk, browse):
    config = published()
    accounts = {Platform.REDDIT: config.brand.accounts[Platform.MASTODON]}
    config = config.model_copy(update={"brand": config.brand.model_copy(update={"accounts": accounts})})
    with desk.stores().write() as tx:
        house_rows.add_config(tx, "other", to_json(config), desk.clock.now())
    page = browse("").get("/about-this-account").text
    assert "30 days (Reddit 2 days)" in page
    assert "nothing for 2 days" in page


def count(desk: SampleDesk, outcome: str, times: int, days_ago: int = 0) -> None:
    with desk.stores().write() as tx:
        for _ in range(times):
            standing.fired(tx, Platform.REPLAY, [("", outcome)], desk.clock.now() - days_ago * 86_400_000)


def months(page: str) -> list[list[str]]:
    table = page.partition('id="months"')[2].partition("</section>")[0].partition("<tbody>")[2]
    return [re.findall(r"<t[hd][^>]*>([^<]*)<", row) for row in table.split("<tr>")[1:]]


def test_numbers_of_a_month_are_told_and_those_below_five_are_not(desk, browse):
    count(desk, standing.SENT, 7)
    count(desk, Outcome.HOLD_SELF, 3)
    count(desk, Outcome.HOLD_SECOND, 2)
    count(desk, Outcome.DENY, 4)
    count(desk, Outcome.ALLOW, 50)
    count(desk, standing.SENT, 5, days_ago=40)
    assert months(browse("").get("/about-this-account").text) == [
        ["September 2026", "7", "5", "&lt;5"],
        ["August 2026", "5", "&lt;5", "&lt;5"],
    ]


def test_a_year_of_months_is_enough(desk, browse):
    for number in range(20):
        count(desk, standing.SENT, 5, days_ago=31 * number)
    assert len(months(browse("").get("/about-this-account").text)) == public.MONTHS


def test_the_verify_page_shows_the_key_the_newest_checkpoint_and_the_command(desk, browse):
    note = checkpoint.sign(Checkpoint(40, b"r" * 32), KEYS.signer)
    with desk.stores().write() as tx:
        house_rows.set_checkpoint(tx, "worker", 40, note, anchored=True, at=desk.clock.now())
    page = browse("").get("/verify").text
    key = KEYS.verifier.public_bytes_raw().hex()
    assert note in page
    assert f"python verify.py FOLDER --key {key}" in page


def test_before_the_first_checkpoint_it_shows_one_of_the_right_form(desk, browse):
    with desk.stores().write() as tx:
        tx.run("DELETE FROM checkpoints")
    page = browse("").get("/verify").text
    shown = re.search(r"<pre tabindex=\"0\">(earshot/ledger\n.*?)</pre>", page, re.DOTALL)
    assert shown
    assert read_note(shown[1].replace("&#43;", "+")).checkpoint.size == 0


def test_after_a_rotation_both_keys_stand_there_the_one_in_force_first(desk):
    old, new = KEYS.verifier.public_bytes_raw(), b"\x01" * 32
    keys = Keys(KEYS.pseudonym, KEYS.suppression, KEYS.signing, (old, new))
    desk_app = public_app(desk, keys)
    page = desk_app.test_client().get("/verify").text
    assert page.index(new.hex()) < page.index(old.hex())
    assert f"--key {new.hex()}" in page


def public_app(desk: SampleDesk, keys: Keys):
    return create_app(stores=desk.stores, keys=keys, clock=desk.clock, ruleset=load_ruleset())


def test_nobody_is_named_but_who_answers_for_the_account(desk, browse, open_house):
    desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?", handle="frager")
    for path in PATHS:
        page = browse("").get(path).text
        assert not [name for name in ("alice", "bob", "frager", "Rechnung?", PASSWORD) if name in page]


def test_the_files_for_a_website_are_the_same_pages_and_lead_to_each_other(desk, open_house, app):
    files = public.files(app)
    pages = {name for name in files if name.endswith(".html")}
    assert pages == {
        f"{name}.{language}.html" for name in ("about-this-account", "verify") for language in ("de", "en")
    }
    for name in pages:
        links = Links(files[name])
        assert links.scripts == 0
        near = {link for link in links.found if "://" not in link and not link.startswith("#")}
        assert near <= files.keys()
        assert public.STYLE in near
        assert f'<html lang="{name.split(".")[1]}">' in files[name]
    assert "So arbeitet dieses Konto" in files["about-this-account.de.html"]
    assert "--canvas" in files[public.STYLE]
    assert "body.public" in files[public.STYLE]
