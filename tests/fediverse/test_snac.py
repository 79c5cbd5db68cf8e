"""The way of a question and its answer over a real server: heard, answered in public, read by the customer."""

import time

import pytest
from snac_server import WallClock, within

from bot.connectors.mastodon import MastodonConnector
from bot.connectors.mastodon_publisher import MastodonPublisher
from bot.errors import EgressRefused, Permanent
from bot.model import Consent, Platform, Target, Visibility
from bot.text import post_hash

pytestmark = pytest.mark.fediverse

HEARD_WITHIN = 60
"""Seconds. The server hands its mail to itself through a queue; 5 to 15 seconds are usual."""


class Listener:
    """Polls a connector as the house does: page by page, with the cursor of the last page."""

    def __init__(self, connector):
        self.connector = connector
        self.cursor = ""
        self.heard = {}
        self.dropped = 0
        self.words = ""

    def poll(self):
        page = self.connector.fetch(self.cursor, 20)
        self.cursor = page.cursor
        self.dropped += page.dropped.get("not public", 0)
        self.heard |= {mention.canonical_key: mention for mention in page.mentions}
        self.words += repr(page)
        return page

    def wait_for(self, word):
        """The first mention whose text holds ``word``."""

        def look():
            self.poll()
            return next((mention for mention in self.heard.values() if word in mention.text), None)

        return within(HEARD_WITHIN, look)


@pytest.fixture
def listener(snac):
    return Listener(MastodonConnector("snac", snac.client(), snac.brand, hashtags=["fjordfon"]))


@pytest.fixture
def publisher(snac):
    return MastodonPublisher(snac.client(), snac.brand, WallClock())


def target_of(mention):
    return Target(
        platform=Platform.MASTODON,
        surface=mention.surface,
        account=mention.account,
        native_id=mention.native_id,
        canonical_key=mention.canonical_key,
        author_handle=mention.author.handle,
        visibility=mention.visibility,
        url=mention.url,
    )


def consent_to(mention, text):
    return Consent(
        target=target_of(mention),
        text=text,
        request_key="first",
        decision_seq=1,
        valid_until=WallClock().now() + 60_000,
    )


def test_a_public_question_is_heard_answered_and_read(snac, listener, publisher):
    asked = snac.customer_client.status_post(f"@{snac.brand} mein Router blinkt rot & piept <3", visibility="public")
    mention = listener.wait_for("blinkt rot")
    assert mention is not None, "the mention was not heard in time"
    assert mention.canonical_key == asked["uri"]
    assert mention.own_mentions == (snac.brand,)
    assert (mention.author.handle, mention.visibility) == (snac.customer, Visibility.PUBLIC)

    status = publisher.inspect(target_of(mention))
    assert (status.exists, status.visibility, status.summoned) == (True, Visibility.PUBLIC, True)
    assert status.text_hash == post_hash(mention.text)

    started = WallClock().now()
    receipt = publisher.publish(consent_to(mention, "Danke, wir sehen nach. ^AB"))
    assert "Danke, wir sehen nach. ^AB" in receipt.text_read_back

    def read():
        thread = snac.customer_client.status_context(asked["id"])["descendants"]
        return [post for post in thread if "wir sehen nach" in post["content"]]

    (reply,) = within(HEARD_WITHIN, read)
    assert reply["visibility"] == "public"
    assert reply["in_reply_to_id"] == asked["id"]
    assert publisher.find(target_of(mention), "Danke, wir sehen nach. ^AB", started).native_id == receipt.native_id
    assert publisher.find(target_of(mention), "Nie gesagt.", started).native_id == receipt.native_id, "servers rewrite"
    assert publisher.find(target_of(mention), "Danke, wir sehen nach. ^AB", started + 3_600_000) is None

    with pytest.raises(Permanent, match="by hand"):
        publisher.retract(receipt)


def test_what_is_not_for_everyone_never_comes_out(snac, listener):
    sdk = snac.customer_client
    sdk.status_post(f"@{snac.brand} canary-followers", visibility="private")
    sdk.status_post(f"@{snac.brand} canary-direct", visibility="direct")
    sdk.status_post(f"@{snac.brand} und jetzt offen", visibility="public")
    assert listener.wait_for("und jetzt offen"), "the public mention was not heard in time"
    within(HEARD_WITHIN, lambda: listener.poll() and listener.dropped >= 2)
    assert listener.dropped >= 2
    assert "canary" not in listener.words


def test_an_edit_is_seen_when_the_post_is_looked_at_again(snac, listener, publisher):
    asked = snac.customer_client.status_post("Die #fjordfon Leitung ist weg", visibility="public")
    mention = listener.wait_for("Leitung ist weg")
    assert mention.own_mentions == ()
    snac.customer_client.status_update(asked["id"], "Die #fjordfon Leitung ist wieder da")
    status = publisher.inspect(target_of(mention))
    assert status.text_hash != post_hash(mention.text)
    assert status.edited_at is not None


def test_a_post_that_is_not_there_is_a_status(publisher, listener, snac):
    snac.customer_client.status_post("Gruß an #fjordfon", visibility="public")
    mention = listener.wait_for("Gruß an")
    absent = target_of(mention)
    status = publisher.inspect(
        Target(**{name: getattr(absent, name) for name in absent.__dataclass_fields__} | {"native_id": "1" * 42})
    )
    assert (status.exists, status.http_status) == (False, 404)


def test_a_direct_post_through_the_brands_own_client_does_not_leave(snac):
    client = snac.client()
    with pytest.raises(Exception, match="visibility is not public") as caught:
        client.sdk.status_post("@kundin heimlich", in_reply_to_id="1", visibility="direct")
    assert isinstance(caught.value.__context__, EgressRefused)
    assert snac.refusals.seen[-1] == ("mastodon", "POST /api/v1/statuses", "visibility is not public")


def test_a_poll_of_an_idle_server_brings_nothing_new(listener):
    listener.poll()
    ends = time.monotonic() + HEARD_WITHIN
    while listener.poll().more:
        assert time.monotonic() < ends
    assert listener.poll().mentions == ()
