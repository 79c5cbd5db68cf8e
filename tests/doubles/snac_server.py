"""A real server of the fediverse on the loopback interface: Debian's snac2, with a brand and a customer on it.

``running_snac`` starts one; ``Snac`` has all that a test needs: the brand's token and client as the house uses
them, and the customer's own client, which is the bare SDK without our door.
"""

import contextlib
import json
import re
import subprocess
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser

import requests
from mastodon import Mastodon
from ports import free_port

from bot.connectors.mastodon import Client
from bot.connectors.mastodon_connect import authorise_url, register, token
from bot.egress import MASTODON, Door
from bot.egress.mastodon import MASTODON_CONNECT

BRAND = "fjordfon_hilft"
CUSTOMER = "kundin"


@dataclass
class Refusals:
    """A RefusalSink that remembers."""

    seen: list = field(default_factory=list)

    def refused(self, platform, endpoint, reason):
        self.seen.append((platform, endpoint, reason))


class WallClock:
    """The machine's own time."""

    def now(self):
        return time.time_ns() // 1_000_000

    def monotonic(self):
        return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True)
class Snac:
    """A running server. ``url`` is its origin, ``surface`` its host and port."""

    url: str
    surface: str
    brand: str
    brand_token: str
    customer: str
    customer_client: Mastodon
    refusals: Refusals

    def door(self):
        return Door("mastodon", [self.url], MASTODON, self.refusals)

    def client(self):
        """The brand's client, as wiring makes it."""
        return Client(self.url, self.brand_token, self.door)


class _Form(HTMLParser):
    """The form of a page: where it goes, and its hidden fields."""

    def __init__(self, page):
        super().__init__()
        self.action = ""
        self.hidden = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.action = given["action"]
        if tag == "input" and given.get("type") == "hidden":
            self.hidden[given["name"]] = given.get("value", "")


def within(seconds, look):
    """What ``look`` finds as soon as it finds something; asked again and again until the deadline."""
    ends = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > ends:
            return found
        time.sleep(0.25)


def answers(url):
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(url, timeout=2).status_code < 500
    return False


def make_server(folder):
    """Write a server's folder on a free port, with two people; returns (port, passwords)."""
    port = free_port()
    answers_to_init = f"127.0.0.1\n{port}\nlocalhost:{port}\n\n\n"
    subprocess.run(["snac", "init", folder], input=answers_to_init, text=True, check=True, capture_output=True)
    settings = json.loads((folder / "server.json").read_text())
    (folder / "server.json").write_text(json.dumps({**settings, "protocol": "http"}))
    passwords = {}
    for person in (BRAND, CUSTOMER):
        said = subprocess.run(["snac", "adduser", folder, person], text=True, check=True, capture_output=True)
        passwords[person] = re.search(r"password is (\S+)", said.stdout + said.stderr)[1]
    return port, passwords


def sign_in(url, refusals, person, password):
    """Connect as a person does: our own code for the program's part, the server's own page for theirs."""
    with Door("mastodon", [url], MASTODON_CONNECT, refusals) as door:
        app = register(door, url)
        form = _Form(requests.get(authorise_url(app), timeout=5).text)
        page = requests.post(form.action, data={**form.hidden, "login": person, "passwd": password}, timeout=5).text
        return token(door, app, re.search(r"\b[0-9a-f]{16,}\b", page)[0])


@contextlib.contextmanager
def running_snac(folder):
    """A server in ``folder``, which must not exist yet."""
    port, passwords = make_server(folder)
    url = f"http://localhost:{port}"
    with (folder.parent / "log").open("w") as log, subprocess.Popen(["snac", "httpd", folder], stderr=log) as server:
        try:
            assert within(10, lambda: answers(url)), "snac did not start"
            refusals = Refusals()
            tokens = {person: sign_in(url, refusals, person, password) for person, password in passwords.items()}
            with requests.Session() as session:
                session.trust_env = False
                own = Mastodon(access_token=tokens[CUSTOMER], api_base_url=url, session=session, request_timeout=5)
                yield Snac(url, f"localhost:{port}", BRAND, tokens[BRAND], CUSTOMER, own, refusals)
        finally:
            server.terminate()
