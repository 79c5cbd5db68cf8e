"""A desk with three people, and browsers for them that behave: same site, cookies kept."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clocks import FakeClock
from flask import Flask
from flask.testing import FlaskClient
from sample_desk import PASSWORD, SampleDesk

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
