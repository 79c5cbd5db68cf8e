"""The picture of a post's public page: drawn by a browser without a network, from the hosts that the operator named."""

import os
import shutil
import struct
import time
import zlib
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from canaries import CANARY_TOKEN
from http_double import Double, answer, redirect, silence
from hypothesis import given
from hypothesis import strategies as st
from preserved import Preserved, read, told, verified
from test_evidence_raw import a_server, records

from bot.errors import Gone, Permanent, Transient
from bot.protect.evidence import bundle, page
from bot.protect.evidence.capture import Captured
from bot.protect.evidence.page import WORDS, Pages, photograph
from bot.protect.evidence.picture import Picture, browser_of

BROWSER = browser_of(os.environ)
drawn = [pytest.mark.browser, pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")]

THREAT = "Morgen um acht stehe ich vor eurer Tür"
PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Forum</title>
<link rel="stylesheet" href="/style.css"><link rel="stylesheet" href="{third}/third.css">
<link rel="preload" as="image" href="{third}/preload.png"><link rel="preconnect" href="{third}">
<link rel="icon" href="{third}/favicon.ico"><link rel="manifest" href="{third}/manifest.json">
<script src="{third}/spy.js"></script><script>document.body.textContent = "a script ran"</script>
<style>body {{ background-image: url({third}/back.png) }} @import url({third}/import.css);
@font-face {{ font-family: x; src: url({third}/font.woff2) }} h1 {{ font-family: x }}</style></head>
<body onload="location='{third}/onload'"><h1>{words}</h1>
<img src="{third}/third.png" width="300" height="300"><img src="/own.png" width="300" height="300">
<img srcset="{third}/set.png 1x"><picture><source srcset="{third}/source.png"><img src="{third}/p.png"></picture>
<video src="{third}/film.mp4" poster="{third}/poster.png" autoplay></video><audio src="{third}/a.mp3" autoplay></audio>
<iframe src="{third}/frame"></iframe><iframe src="/own-frame"></iframe><object data="{third}/object"></object>
<embed src="{third}/embed"><a ping="{third}/ping" href="{third}/link">x</a>
<svg><image href="{third}/svg.png"/></svg><div style="height: 2500px"></div><p>das Ende</p></body></html>"""
RED = "html { background: #ff0000 }"


@pytest.fixture
def forum(tmp_path, clock, monkeypatch):
    """A server with a threat on it and its page, and a second server that the page leads to."""
    mastodon = import_module("mastodon_double")
    monkeypatch.setenv("EARSHOT_FEDI_TOKEN", CANARY_TOKEN)
    bench = mastodon.Bench()
    with bench.double as double, Double() as third:
        third.whole = answer(b"x", kind="image/png", headers={"Set-Cookie": "a=canary-cookie"})
        threat = mastodon.status("100", THREAT, url=f"{double.url}/@kundin/100")
        double.posts = {"100": threat}
        double.get("/api/v1/notifications", [mastodon.notification("1", threat)])
        html = PAGE.format(third=third.url, words=THREAT).encode()
        double.get("/@kundin/100", answer(html, kind="text/html; charset=utf-8", headers={"Set-Cookie": "b=c"}))
        double.get("/style.css", answer(RED.encode(), kind="text/css"))
        tent = a_server(tmp_path, clock, bench)
        tent.listen()
        monkeypatch.setattr(bundle, "draw", lambda *_: Picture(b"", "no browser"))
        proof = Preserved(tent, int(tent.store.value("SELECT id FROM cases")))
        yield SimpleNamespace(double=double, third=third, proof=proof)


def named(forum, *hosts: str) -> None:
    """The operator names servers whose pages may be read."""
    tent = forum.proof.tent
    protection = tent.config.protection.model_copy(update={"page_pictures": hosts})
    tent.config = tent.config.model_copy(update={"protection": protection})


def taken(forum) -> Path:
    """A bundle with a browser, but for the report's own picture: it costs seconds and is shown elsewhere."""
    return forum.proof.taken(environment=dict(os.environ))


def asked(double) -> list[str]:
    return [seen.path for seen in double.seen if not seen.path.startswith("/api/")]


class TestDrawn:
    pytestmark = drawn

    def test_the_whole_page_is_drawn_and_no_other_server_hears_of_it(self, forum):
        named(forum, forum.double.url)
        place = taken(forum)
        manifest, picture = told(place, "manifest.json"), read(place, "page.png")
        assert manifest["page"] == "full page"
        width, height = struct.unpack(">II", picture[16:24])
        assert width == 1000
        assert height > 2500, "all of the page"
        assert forum.third.seen == [], "no image, style, script, frame or ping of a third server was asked for"
        assert asked(forum.double) == ["/@kundin/100", "/style.css"], "and of its own server only page and styles"
        for seen in forum.double.seen:
            if not seen.path.startswith("/api/"):
                assert "cookie" not in seen.headers
                assert "authorization" not in seen.headers
                assert seen.headers["user-agent"] == "Earshot"
        assert verified(place, "--key", forum.proof.key).returncode == 0
        found = {address: body for kind, address, _, body in records(read(place, "raw.warc.gz")) if kind == "response"}
        assert THREAT.encode() in found[f"{forum.double.url}/@kundin/100"], "what was read is among the raw answers"
        assert found[f"{forum.double.url}/style.css"] == RED.encode()
        assert b"canary-cookie" not in place.read_bytes()
        facts = told(place, "capture.json")
        assert facts["page"]["url"] == f"{forum.double.url}/@kundin/100"
        assert facts["page"]["at"]["utc"].endswith("Z")
        assert facts["exchanges"] == manifest["exchanges"]
        assert "die ganze Seite" in read(place, "report.html").decode()

    def test_scripts_do_not_run_and_a_page_that_needs_them_is_said_to_show_other_words(self):
        body = f"<!doctype html><body><script>document.body.textContent = '{THREAT}'</script>Please enable JavaScript"
        assert shot(found(), of(body), os.environ["PATH"]).told == "other words"

    def test_a_page_of_endless_height_is_cut_and_says_so_and_its_colours_are_the_pages(self):
        body = f"<!doctype html><style>body{{background:#f00}}</style><p>{THREAT}</p><div style='height:90000px'></div>"
        made = shot(found(), of(body), os.environ["PATH"])
        assert made.told == "cut"
        (_, tall, _), rows = page._lines(made.png)
        assert page.TALLEST < tall < page.TALLEST + 200
        assert rows, "and it can be taken apart again"


def of(body: str) -> Pages:
    """A server that gives this page under every address."""
    return Pages(frozenset({"forum.example"}), lambda *_: ("text/html; charset=utf-8", body.encode()))


# where there is none ------------------------------------------------------------------------------


def test_without_a_named_server_pictures_of_pages_are_off_and_nothing_is_asked(forum):
    place = taken(forum)
    assert told(place, "manifest.json")["page"] == "off"
    assert asked(forum.double) == []
    assert "nicht eingerichtet" in read(place, "report.html").decode()


def test_a_page_on_a_server_that_is_not_named_is_not_asked_for(forum):
    named(forum, forum.third.url)
    assert told(taken(forum), "manifest.json")["page"] == "other host"
    assert asked(forum.double) == asked(forum.third) == []


def found(**more: object) -> Captured:
    made = Captured(1)
    said = {"answer": "shown", "visibility": "public", **more.pop("said", {})}
    made.posts = [
        {"url": "https://forum.example/1", "text": THREAT, "visibility": "public", "platform_now": said} | more
    ]
    return made


def never(*_: object) -> tuple[str, bytes]:
    raise AssertionError("nothing may be asked for")


PAGES = Pages(frozenset({"forum.example"}), never)


def shot(captured: Captured, pages: Pages = PAGES, path: str = "") -> page.Page:
    return photograph(captured, pages, lambda: 1_790_000_000_000, ZoneInfo("Europe/Berlin"), {"PATH": path})


@pytest.mark.parametrize(
    ("captured", "words"),
    [
        (Captured(1), "no post"),
        (found(visibility="followers"), "no post"),
        (found(visibility="unknown"), "no post"),
        (found(said={"answer": "gone"}), "no post"),
        (found(said={"answer": "refused"}), "no post"),
        (found(said={"visibility": "followers"}), "no post"),
        (found(url=""), "no address"),
        (found(url="http://forum.example/1"), "no address"),
        (found(url="javascript:alert(1)"), "no address"),
        (found(url="file:///etc/passwd"), "no address"),
        (found(url="https://[::"), "no address"),
        (found(url="https://forum.example.evil.example/1"), "other host"),
        (found(url="https://forum.example:8443/1"), "other host"),
        (found(url="https://forum.example@evil.example/1"), "other host"),
        (found(url="https://a:b@forum.example/1"), "other host"),
        (found(), "no browser"),
    ],
)
def test_where_there_can_be_no_picture_nothing_is_asked_and_the_reason_is_said(captured, words):
    assert (shot(captured).told, shot(captured).png) == (words, b"")


def test_no_page_is_opened_on_which_a_post_stands_of_which_nothing_may_be_kept():
    barred = found()
    barred.barred = True
    assert shot(barred).told == "never kept"


def test_a_browser_that_hangs_is_ended_with_everything_that_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "SECONDS", 0.5)
    fake = tmp_path / "chromium"
    fake.write_text(f"#!{shutil.which('sh')}\nsleep 600 & echo $! > {tmp_path}/child\nwait\n")
    fake.chmod(0o755)
    assert shot(found(), path=f"{tmp_path}:{os.environ['PATH']}").told == "too slow"
    child = int((tmp_path / "child").read_text())
    ends = time.monotonic() + 20
    while _lives(child) and time.monotonic() < ends:
        os.sched_yield()
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense >&4; sleep 9", "printf 'no json\\0' >&4; sleep 9"])
def test_a_browser_that_fails_costs_the_picture_and_not_the_evidence(tmp_path, script):
    fake = tmp_path / "chromium"
    fake.write_text(f"#!{shutil.which('sh')}\n{script.replace('sleep 9', 'exit 0')}\n")
    fake.chmod(0o755)
    assert shot(found(), path=f"{tmp_path}:{os.environ['PATH']}").told == "the browser failed"


class Tab:
    """Hears what the browser is told."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict]] = []

    def tell(self, method: str, **parameters: object) -> None:
        self.said.append((method, parameters))


def asks(fetch, *requests: tuple[str, str], method: str = "GET") -> tuple[list[str], page._Look]:
    """What a tab is told when it asks for these addresses as these kinds, one after the other."""
    look = page._Look("https://forum.example/1", Pages(frozenset({"forum.example"}), fetch), lambda: 1)
    look.tab = tab = Tab()
    for number, (kind, url) in enumerate(requests):
        asked = {"requestId": str(number), "resourceType": kind, "request": {"url": url, "method": method}}
        look.heard("Fetch.requestPaused", asked)
    return [name for name, _ in tab.said], look


FULFILLED, FAILED = "Fetch.fulfillRequest", "Fetch.failRequest"


@pytest.mark.parametrize(
    "kind", ["Image", "Script", "Media", "Font", "XHR", "Fetch", "Ping", "Manifest", "Other", "Odd"]
)
def test_only_the_page_and_its_styles_are_ever_read(kind):
    assert asks(never, (kind, "https://forum.example/1"))[0] == [FAILED]


@pytest.mark.parametrize(
    "url", ["https://evil.example/1", "http://forum.example/1", "https://forum.example:444/1", "file:///x", "data:,x"]
)
@pytest.mark.parametrize("kind", ["Document", "Stylesheet"])
def test_nothing_is_read_from_another_server(kind, url):
    assert asks(never, (kind, url))[0] == [FAILED]


def test_a_second_document_is_a_frame_or_a_flight_and_is_not_read():
    same = ("Document", "https://forum.example/1")
    told_, _ = asks(lambda *_: ("text/html", b"x"), same, same, ("Document", "https://forum.example/2"))
    assert told_ == [FULFILLED, FAILED, FAILED]


def test_no_form_is_sent_and_no_more_styles_are_read_than_a_page_needs():
    assert asks(never, ("Document", "https://forum.example/1"), method="POST")[0] == [FAILED]
    many = [("Stylesheet", f"https://forum.example/{n}.css") for n in range(page.MOST_STYLES + 5)]
    told_, _ = asks(lambda *_: ("text/css", b""), *many)
    assert told_.count(FULFILLED) == page.MOST_STYLES


@pytest.mark.parametrize(
    ("answer_", "words"),
    [
        (Gone("The platform answered 404."), "not there"),
        (Permanent("The platform answered 403."), "not given"),
        (Transient("The platform did not answer in time."), "no answer"),
        (("image/png", b"\x89PNG"), "not given"),
        (("application/json", b"{}"), "not given"),
    ],
)
def test_a_page_that_is_not_given_out_has_its_reason(answer_, words):
    def fetch(*_):
        if isinstance(answer_, Exception):
            raise answer_
        return answer_

    told_, look = asks(fetch, ("Document", "https://forum.example/1"))
    assert (told_, look.trouble) == ([FAILED], words)
    told_, look = asks(fetch, ("Stylesheet", "https://forum.example/1.css"))
    assert (told_, look.trouble) == ([FAILED], ""), "without its style a page is a page"


def test_every_reason_has_words_in_both_languages():
    assert all(de and en and de != en for de, en in WORDS.values())


def test_a_page_is_read_by_the_door_which_knows_its_hosts_and_gives_no_cookie(forum):
    from bot.egress.pages import read_public

    refusals, heard = forum.double.refusals, []
    kind, body = read_public(f"{forum.double.url}/style.css", [forum.double.url], refusals, heard.append)
    assert (kind, body) == ("text/css", RED.encode())
    assert [one.url for one in heard] == [f"{forum.double.url}/style.css"]
    for url in (f"{forum.third.url}/x", f"{forum.double.url}/messages"):
        with pytest.raises(Permanent):
            read_public(url, [forum.double.url], refusals, heard.append)
    assert {endpoint for _, endpoint, _ in refusals.seen} == {"GET /:page"}, "no address stands among refusals"
    assert forum.third.seen == []
    with pytest.raises(Gone):
        read_public(f"{forum.double.url}/gone", [forum.double.url], refusals, heard.append)
    forum.double.get("/short", redirect("/style.css"))
    assert read_public(f"{forum.double.url}/short", [forum.double.url], refusals, heard.append)[1] == RED.encode()
    forum.double.get("/short", redirect(f"{forum.third.url}/elsewhere"))
    with pytest.raises(Permanent):
        read_public(f"{forum.double.url}/short", [forum.double.url], refusals, heard.append)
    assert forum.third.seen == []


@given(st.binary(max_size=200))
def test_whatever_is_no_picture_is_never_taken_for_one(raw):
    for png in (raw, page._PNG + raw):
        with pytest.raises((ValueError, KeyError, struct.error, zlib.error)):
            page.stacked(png, png)


def test_a_page_that_never_ends_is_cut_off(forum, monkeypatch):
    from bot.egress import pages

    monkeypatch.setattr(pages, "_PAGE_SECONDS", 0.2)
    forum.double.get("/slow", silence)
    with pytest.raises(Transient):
        pages.read_public(f"{forum.double.url}/slow", [forum.double.url], forum.double.refusals, lambda _: None)
