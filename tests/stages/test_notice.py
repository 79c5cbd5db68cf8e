"""C-28: once a day somebody looks whether the privacy notice stands, over a real server."""

import pytest
from doubles.http_double import Double, answer
from tents import HouseInATent

from bot import notice
from bot.config.models import PrivacyNotice
from bot.egress.pages import read_page
from bot.store import standing


@pytest.fixture
def page():
    with Double() as server:
        yield server


def look(tent: HouseInATent, server, version: str = "3.1"):
    known = PrivacyNotice(url=f"{server.url}/datenschutz?de=1", version=version)
    looked = notice.run(tent.store, known, lambda url: read_page(url, server.refusals), tent.clock)
    row = standing.notice(tent.store, known.url)
    return looked, None if row is None else (row["http_status"], row["current"])


def shows(server, text: str, status: int = 200) -> None:
    server.answers["GET", "/datenschutz"] = answer(text.encode(), status, kind="text/html; charset=utf-8")


def test_a_page_that_shows_the_version_in_force_is_current_and_is_asked_once_a_day(tent, page):
    shows(page, "<p>Fassung 3.1 vom 4. Mai</p>")
    assert look(tent, page) == (True, (200, 1))
    assert look(tent, page, version="4.0") == (False, (200, 1))
    assert [(seen.path, seen.query) for seen in page.seen] == [("/datenschutz", {"de": ["1"]})]
    tent.clock.advance(notice.EVERY_MS)
    assert look(tent, page, version="4.0") == (True, (200, 0))


@pytest.mark.parametrize(("status", "kept"), [(404, 404), (410, 404), (403, 403), (401, 403)])
def test_a_page_that_is_gone_or_closed_is_kept_as_such(tent, page, status, kept):
    shows(page, "Fassung 3.1", status)
    assert look(tent, page) == (True, (kept, None))


def test_a_host_that_does_not_answer_is_asked_again_and_the_last_look_stands(tent, page):
    shows(page, "Fassung 3.1")
    look(tent, page)
    tent.clock.advance(notice.EVERY_MS)
    shows(page, "", 503)
    assert look(tent, page) == (False, (200, 1))
    shows(page, "Fassung 3.2")
    assert look(tent, page) == (True, (200, 0))


def test_nothing_but_that_page_is_asked_of_the_host(page):
    page.answers["GET", "/datenschutz"] = answer(b"", 302, {"Location": f"{page.url}/tracking"})
    assert read_page(f"{page.url}/datenschutz", page.refusals) == (403, "")
    assert [seen.path for seen in page.seen] == ["/datenschutz"]


def test_without_a_notice_nothing_is_asked(tent):
    assert notice.run(tent.store, None, pytest.fail, tent.clock) is False
