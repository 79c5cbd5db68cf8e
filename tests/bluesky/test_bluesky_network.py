"""The way of a question and its answer over a real network: heard, looked at again, answered, read, taken back."""

import contextlib
import secrets
import socket
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from atproto import CAR, FirehoseSubscribeReposClient, models, parse_subscribe_repos_message
from bluesky_network import Refused, key_of, within
from http_double import Budget, Refusals

from bot.clock import SystemClock
from bot.connectors.bluesky import connector
from bot.connectors.bluesky_client import Source
from bot.connectors.bluesky_publisher import publisher
from bot.connectors.tools import Tools
from bot.errors import Permanent, RateLimited, Unauthorised, Uncertain
from bot.model import Consent, Kind, Platform, Target, Visibility
from bot.text import post_hash

pytestmark = pytest.mark.bluesky

HEARD_WITHIN = 30
"""Seconds. The view of all posts follows the server within half a second on an idle machine."""

CLOCK = SystemClock()


class House:
    """Our two ends of the brand's account, and all that was heard through them."""

    def __init__(self, brand, app_password, words):
        self.source = Source(
            kind="bluesky",
            name="network",
            account=brand.handle,
            did=brand.did,
            app_password="EARSHOT_BLUESKY",
            server=brand.origin,
            searches=(words,),
        )
        self.words, self.refusals = words, Refusals()
        self.tools = Tools(CLOCK, self.refusals, Budget(), {"EARSHOT_BLUESKY": app_password}.get, Path(), Path())
        self.connector, self.publisher = connector(self.source, self.tools), publisher(self.source, self.tools)
        self.cursor, self.heard, self.dropped, self.said = "", {}, 0, ""

    def poll(self):
        page = self.connector.fetch(self.cursor, 20)
        self.cursor = page.cursor
        self.dropped += page.dropped.get("not public", 0)
        self.heard |= {mention.native_id: mention for mention in page.mentions}
        self.said += repr(page)
        return page

    def hear(self, post):
        """The mention that ``post`` (a strong reference) becomes."""
        mention = within(HEARD_WITHIN, lambda: self.poll() and self.heard.get(post["uri"]))
        assert mention is not None, "the post was not heard in time"
        return mention

    def inspect_until(self, mention, holds):
        """The status of a mention as soon as ``holds`` is true of it: the view follows the server with a delay."""
        found = []
        within(HEARD_WITHIN, lambda: found.append(self.publisher.inspect(target_of(mention))) or holds(found[-1]))
        return found[-1]


@pytest.fixture
def house(brand):
    """A house that searches for a word which no other test's posts hold."""
    house = House(brand, brand.app_password(), f"fjordfon{secrets.token_hex(4)}")
    yield house
    assert house.refusals.seen == [], "our own door refused what our own connector asked"


def target_of(mention):
    return Target(
        platform=Platform.BLUESKY,
        surface=mention.surface,
        account=mention.account,
        native_id=mention.native_id,
        canonical_key=mention.canonical_key,
        author_handle=mention.author.handle,
        visibility=mention.visibility,
        url=mention.url,
    )


def consent_to(mention, text="Danke, wir sehen nach. ^AB"):
    return Consent(
        target=target_of(mention), text=text, request_key="first", decision_seq=1, valid_until=CLOCK.now() + 60_000
    )


def test_a_post_that_names_the_brand_is_found_by_search(house, customer):
    asked = customer.say(f"Seit heute früh kein Netz bei {house.words}. Ist das bekannt?", langs=["de"])
    mention = house.hear(asked)
    assert mention.text == f"Seit heute früh kein Netz bei {house.words}. Ist das bekannt?"
    assert (mention.author.native_id, mention.author.handle) == (customer.did, customer.handle)
    assert (mention.visibility, mention.kind, mention.own_mentions) == (Visibility.PUBLIC, Kind.POST, ())
    assert mention.declared_language == "de"
    assert abs(CLOCK.now() - mention.created_at) < 60_000
    assert house.publisher.inspect(target_of(mention)).summoned is False


def test_a_post_that_tags_the_brand_is_heard_by_its_notification(house, brand, customer):
    asked = customer.tag("mein Router blinkt rot & piept <3 🙃", brand)
    mention = house.hear(asked)
    assert {brand.did, brand.handle} == set(mention.own_mentions)
    assert mention.canonical_key == asked["uri"]
    status = house.publisher.inspect(target_of(mention))
    assert (status.exists, status.visibility, status.summoned) == (True, Visibility.PUBLIC, True)
    assert (status.replies_open, status.author_active, status.author_blocks_us) == (True, True, False)
    assert status.text_hash == post_hash(mention.text)


def test_what_was_heard_once_is_not_heard_again(house, brand, customer):
    house.hear(customer.tag(f"{house.words} steht in der Suche und in den Nachrichten", brand))
    again = within(HEARD_WITHIN, lambda: (page := house.poll()) and not page.more and page)
    assert again.mentions == ()


def test_many_posts_come_once_each_page_by_page_and_once_more_for_whoever_begins_at_a_date(house, brand, customer):
    began = CLOCK.now()
    house.hear(customer.tag("fangen wir an", brand))
    cursor, posts = house.cursor, [customer.tag(f"{house.words} {number}", brand)["uri"] for number in range(30)]
    for start in (cursor, house.connector.since(began - 60_000)):
        place, heard = start, Counter()

        def all_heard(heard=heard):
            nonlocal place
            page = house.connector.fetch(place, 7)
            assert len(page.mentions) <= 7
            assert page.gap is None
            place = page.cursor
            heard.update(mention.native_id for mention in page.mentions)
            return not page.more and set(posts) <= heard.keys()

        assert within(HEARD_WITHIN, all_heard), "posts were lost"
        assert set(heard.values()) == {1}
        assert len(heard) == (30 if start == cursor else 31)


def test_a_reply_is_read_by_the_customer_below_their_post_and_in_the_thread_that_it_belongs_to(
    house, network, brand, customer
):
    neighbour = network.person("nachbar")
    first = neighbour.say("Wer hat gerade Internet in Kiel?")
    asked = customer.tag("ihr etwa? Hier ist alles tot.", brand, to=first)
    mention = house.hear(asked)
    assert (mention.root_key, mention.parent_key) == (first["uri"], first["uri"])

    receipt = house.publisher.publish(consent_to(mention))
    assert receipt.text_read_back == "Danke, wir sehen nach. ^AB"
    (reply,) = within(HEARD_WITHIN, lambda: customer.replies(asked))
    assert (reply["uri"], reply["author"]["did"]) == (receipt.native_id, brand.did)
    assert reply["record"]["text"] == "Danke, wir sehen nach. ^AB"
    assert reply["record"]["reply"] == {"root": first, "parent": asked}
    told = customer.ask("app.bsky.notification.listNotifications")["notifications"]
    assert [each["reason"] for each in told if each["uri"] == receipt.native_id] == ["reply"]


def test_a_reply_is_found_again_and_never_stands_twice(house, brand, customer):
    asked = customer.tag("ist der Ausfall bekannt?", brand)
    mention = house.hear(asked)
    target = target_of(mention)
    started = CLOCK.now()
    assert house.publisher.find(target, "Danke, wir sehen nach. ^AB", started) is None
    receipt = house.publisher.publish(consent_to(mention))
    assert house.publisher.find(target, "Danke, wir sehen nach. ^AB", started).native_id == receipt.native_id
    # A server that is asked for the same record again says that it has broken down.
    with contextlib.suppress(Uncertain):
        assert house.publisher.publish(consent_to(mention)).native_id == receipt.native_id
    assert house.publisher.find(target, "Danke, wir sehen nach. ^AB", started).native_id == receipt.native_id
    assert len(within(HEARD_WITHIN, lambda: customer.replies(asked))) == 1


def test_a_reply_leads_where_its_address_and_its_handles_lead(house, brand, customer):
    mention = house.hear(customer.tag("wo steht das?", brand))
    text = f"Grüße an @{customer.handle}: https://status.example/kiel 🙃 ^AB"
    receipt = house.publisher.publish(consent_to(mention, text))
    record = within(HEARD_WITHIN, lambda: customer.shown({"uri": receipt.native_id}))["record"]
    pieces = {
        record["text"].encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): next(
            value for name, value in facet["features"][0].items() if name != "$type"
        )
        for facet in record["facets"]
    }
    assert pieces == {
        f"@{customer.handle}": customer.did,
        "https://status.example/kiel": "https://status.example/kiel",
    }


def test_where_the_author_closed_the_replies_nothing_is_sent_although_the_server_would_take_it(
    house, network, brand, customer
):
    asked = customer.tag("nur zur Kenntnis", brand)
    mention = house.hear(asked)
    gate = {"post": asked["uri"], "allow": []}
    customer.put("app.bsky.feed.threadgate", gate, key_of(asked))
    assert house.inspect_until(mention, lambda status: status.replies_open is False).replies_open is False
    with pytest.raises(Permanent, match="does not let us answer"):
        house.publisher.publish(consent_to(mention))
    # Whoever asks the server alone is told that all is well, and is read by nobody.
    stranger = network.person("fremder")
    written = stranger.say("Trotzdem!", to=asked)
    assert within(HEARD_WITHIN, lambda: stranger.shown(written))
    assert customer.replies(asked) == []


def test_an_author_who_blocks_us_is_not_answered(house, brand, customer):
    mention = house.hear(customer.tag("lasst mich in Ruhe", brand))
    customer.put("app.bsky.graph.block", {"subject": brand.did})
    status = house.inspect_until(mention, lambda status: status.author_blocks_us and status.exists is not True)
    assert (status.author_blocks_us, status.exists, status.http_status) == (True, None, 403)
    assert (status.text, status.text_hash) == ("", "")
    with pytest.raises(Permanent):
        house.publisher.publish(consent_to(mention))


def test_an_edit_is_seen_when_the_post_is_looked_at_again(house, customer):
    asked = customer.say(f"{house.words}: Leitung weg")
    mention = house.hear(asked)
    customer.edit(asked, f"{house.words}: Leitung wieder da")
    status = house.inspect_until(mention, lambda status: status.text_hash != post_hash(mention.text))
    assert status.text == f"{house.words}: Leitung wieder da"
    assert status.text_hash == post_hash(status.text)


def test_a_deleted_post_is_gone_and_is_not_answered(house, customer):
    asked = customer.say(f"{house.words}: hat sich erledigt")
    mention = house.hear(asked)
    customer.delete(asked)
    status = house.inspect_until(mention, lambda status: status.exists is False)
    assert (status.exists, status.http_status, status.text_hash) == (False, 404, "")
    with pytest.raises(Permanent):
        house.publisher.publish(consent_to(mention))


def test_the_post_of_a_deactivated_account_is_not_answered(house, customer):
    mention = house.hear(customer.say(f"{house.words}: ich bin dann mal weg"))
    customer.act("com.atproto.server.deactivateAccount")
    status = house.inspect_until(mention, lambda status: status.exists is not True)
    assert (status.exists, status.text) == (False, "")
    with pytest.raises(Permanent):
        house.publisher.publish(consent_to(mention))


def test_what_is_not_for_everyone_never_comes_out_although_the_network_shows_it(house, brand, customer):
    label = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
    hidden = customer.tag(f"{house.words} canary-angemeldet", brand, labels=label)
    assert within(HEARD_WITHIN, lambda: brand.shown(hidden)), "the network does not show it"
    house.hear(customer.tag(f"{house.words} und jetzt offen", brand))
    assert within(HEARD_WITHIN, lambda: house.dropped or (house.poll() and house.dropped))
    assert "canary" not in house.said


def test_a_reply_that_was_taken_back_is_gone_for_the_customer(house, brand, customer):
    asked = customer.tag("falsch verbunden?", brand)
    mention = house.hear(asked)
    receipt = house.publisher.publish(consent_to(mention))
    assert within(HEARD_WITHIN, lambda: customer.replies(asked))
    house.publisher.retract(receipt)
    assert within(HEARD_WITHIN, lambda: not customer.replies(asked))
    assert house.publisher.find(target_of(mention), receipt.text_read_back, 0) is None
    house.publisher.retract(receipt)
    with pytest.raises(Permanent):
        house.publisher.retract(replace(receipt, native_id=asked["uri"]))
    assert customer.shown(asked), "another's post was touched"


def logins(brand, times):
    for _ in range(times):
        brand.act("com.atproto.server.createSession", identifier=brand.did, password=brand.password)


def test_too_many_logins_are_a_wait_that_the_server_names(house, brand):
    with pytest.raises(Refused, match="429 RateLimitExceeded"):
        logins(brand, 40)
    with pytest.raises(RateLimited) as caught:
        house.connector.fetch("", 20)
    assert 0 < caught.value.retry_after <= 300


def test_a_wrong_password_is_told_apart_from_everything_else(brand, customer):
    wrong = House(brand, customer.app_password(), "egal")
    with pytest.raises(Unauthorised):
        wrong.connector.fetch("", 20)


class Stream:
    """What happens in one repository of a server, as its stream of all events tells it."""

    def __init__(self, origin, did):
        self.did, self.events, self.opened = did, [], threading.Event()
        self.client = FirehoseSubscribeReposClient(base_uri=f"{origin.replace('http', 'ws', 1)}/xrpc")
        self.reader = threading.Thread(target=self.client.start, args=(self.take,), daemon=True)

    def take(self, message):
        self.opened.set()
        commit = parse_subscribe_repos_message(message)
        if not isinstance(commit, models.ComAtprotoSyncSubscribeRepos.Commit) or commit.repo != self.did:
            return
        blocks = CAR.from_bytes(commit.blocks).blocks
        for operation in commit.ops:
            record = blocks.get(operation.cid, {}) if operation.cid else {}
            self.events.append((operation.action, operation.path, record.get("text", "")))

    def __enter__(self):
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.client.stop()
        self.reader.join(10)
        assert not self.reader.is_alive()


def test_the_stream_of_all_events_tells_a_post_and_its_deletion(network, customer):
    with Stream(network.pds, customer.did) as stream:

        def opened():
            customer.say("Ist da jemand?")
            return stream.opened.wait(0.5)

        assert within(HEARD_WITHIN, opened)
        post = customer.say("Kein Netz in Kiel")
        customer.delete(post)
        path = f"app.bsky.feed.post/{key_of(post)}"
        assert within(HEARD_WITHIN, lambda: ("delete", path, "") in stream.events)
        told = [event for event in stream.events if event[1] == path]
        assert told == [("create", path, "Kein Netz in Kiel"), ("delete", path, "")]


def listening(pids):
    """The addresses that the processes and their threads listen on, from the system's own tables."""
    ours = set()
    for pid in pids:
        ours |= {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[column] for column in (1, 3, 9))
            if state == "0A" and f"socket:[{inode}]" in ours:
                yield local.partition(":")[0]


def test_the_network_listens_on_the_loopback_interface_alone(network):
    loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
    heard_on = list(listening(network.pids))
    assert len(heard_on) >= 6
    assert set(heard_on) == {loopback}
