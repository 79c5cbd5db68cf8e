"""C-17: a profile that calls itself parody is known at the look before sending; of its words nothing else is kept."""

import pytest
from doubles import bluesky_double, discourse_double, lemmy_double, mastodon_double, reddit_double, x_double

from bot.text import calls_itself_parody


def on_mastodon(bench, native_id, name):
    bench.double.posts[native_id]["account"]["display_name"] = name


def on_bluesky(bench, native_id, name):
    author = bench.double.posts[native_id]["author"]
    bench.double.profiles[author["did"]] = {**author, "displayName": name}


def on_x(bench, _native_id, name):
    bench.double.people["kundin"]["name"] = name


def on_lemmy(bench, native_id, name):
    bench.double.comments[int(native_id.removeprefix("comment-"))]["creator"]["display_name"] = name


def on_discourse(bench, native_id, name):
    bench.double.posts[int(native_id)]["name"] = name


def on_reddit(bench, native_id, name):
    bench.double.accounts[bench.double.things[native_id]["author"]]["subreddit"]["title"] = name


PLATFORMS = {
    "mastodon": (mastodon_double, on_mastodon),
    "bluesky": (bluesky_double, on_bluesky),
    "x": (x_double, on_x),
    "lemmy": (lemmy_double, on_lemmy),
    "discourse": (discourse_double, on_discourse),
    "reddit": (reddit_double, on_reddit),
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(("name", "told"), [("Fjordfon (Parodie)", True), ("Lena M.", False)])
def test_a_profile_that_calls_itself_parody_is_told_before_anything_is_sent(platform, name, told):
    room, call = PLATFORMS[platform]
    bench = room.Bench()
    with bench.double:
        native_id = bench.say("Der Router blinkt rot")
        call(bench, native_id, name)
        status = bench.publisher().inspect(bench.target(native_id))
    assert status.author_parody is told
    assert name not in repr(status)


@pytest.mark.parametrize(
    ("name", "bio", "told"),
    [
        ("Fjordfon Parody", "", True),
        ("NotFjordfon", "Satire. Wir sind nicht Fjordfon.", True),
        ("Fjordfon inoffiziell", "", True),
        ("Fjordfon Fanclub Kiel", "", True),
        ("Kim", "Mitglied im Fanclub, liebt Memes, gegen Fake News", False),
        ("Paradies", "unofficious", False),
        ("", "", False),
    ],
)
def test_what_somebody_likes_is_no_parody(name, bio, told):
    assert calls_itself_parody(name, bio) is told
