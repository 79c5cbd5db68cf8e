"""A desk with three people, and browsers for them that behave: same site, cookies kept."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clocks import FakeClock
from flask import Flask
from flask.testing import FlaskClient
from in_chromium import ARGUMENTS, CHROMIUM
from playwright import sync_api as playwright
from sample_desk import PASSWORD, SampleDesk

from bot.desk.serve import Server
from bot.store.db import Stores


@pytest.fixture
def desk(database: Path, clock: FakeClock) -> Iterator[SampleDesk]:
    stores = Stores(database)
    yield SampleDesk(stores, clock)
    stores.close()


@pytest.fixture
def app(desk: SampleDesk) -> Flask:
    return desk.app()


class Browser(FlaskClient):
    """A test client that says where its requests come from, as a browser does."""

    def open(self, *args, **kwargs):
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("Sec-Fetch-Site", "same-origin")
        headers.setdefault("Accept-Language", "en")
        kwargs.setdefault("buffered", True)
        return super().open(*args, headers=headers, **kwargs)

    def post(self, *args, **kwargs):
        kwargs.setdefault("data", {})
        return super().post(*args, **kwargs)


@pytest.fixture
def browse(app: Flask) -> Callable[[str], Browser]:
    """Sign in as somebody; "" stays a stranger."""
    app.test_client_class = Browser

    def sign_in(name: str) -> Browser:
        client = app.test_client()
        if name:
            answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
            assert answer.status_code == 303
        return client

    return sign_in


@pytest.fixture
def alice(browse) -> Browser:
    return browse("alice")


@pytest.fixture
def bob(browse) -> Browser:
    return browse("bob")


@pytest.fixture(scope="module")
def chromium() -> Iterator[playwright.Browser]:
    """One browser a file of tests; each test opens a context of its own."""
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def address(desk: SampleDesk) -> Iterator[str]:
    """Where the desk answers a real browser."""
    server = Server(desk.app(), "127.0.0.1", 0)
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()
