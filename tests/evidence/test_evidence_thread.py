"""The thread of a post comes into its bundle as its platform shows it: public posts, each once; the rest is counted."""

import json
from dataclasses import replace
from importlib import import_module

import pytest
from canaries import CANARY_TOKEN
from preserved import Preserved, read, told
from tents import post
from test_evidence_raw import a_server, records

from bot.errors import EgressRefused, Permanent, RateLimited, Transient
from bot.model import Author, Mention, Platform, PostStatus, Thread, Visibility
from bot.model.evidence import Exchange
from bot.protect.evidence import acts, capture

SECRET = "Geheimnis unter Freunden"


class Listed:
    """A platform that shows the post, and of its thread what the test laid out; each answer passes the recorder."""

    def __init__(self, recorder, thread) -> None:
        self.recorder, self.laid_out = recorder, thread

    def inspect(self, target):
        self.recorder(_exchange(f"/posts/{target.native_id}", {"text": "Morgen"}))
        return PostStatus(1, exists=True, visibility=Visibility.PUBLIC, http_status=200, text="Morgen")

    def thread(self, target, root, most):
        self.recorder(_exchange("/thread", {"of": target.native_id, "words": SECRET}))
        if isinstance(self.laid_out, Exception):
            raise self.laid_out
        return self.laid_out


def _exchange(path: str, body: object) -> Exchange:
    return Exchange(f"https://social.example{path}", {}, 200, "OK", {}, json.dumps(body).encode())


def heard(native_id: str, text: str, **more: object) -> Mention:
    made = Mention(
        platform=Platform.REPLAY,
        surface="replay",
        account="fjordfon_hilft",
        native_id=native_id,
        canonical_key=f"replay/{native_id}",
        text=text,
        author=Author("max", "max"),
        created_at=1_793_613_600_000,
        visibility=Visibility.PUBLIC,
        url=f"https://social.example/{native_id}",
    )
    return replace(made, **more)


def taken(proof, thread):
    return proof.taken(witness=lambda _source, recorder: Listed(recorder, thread))


def around(place) -> dict:
    [one] = told(place, "capture.json")["threads"]
    return one


def raw(place) -> bytes:
    return b"".join(body for *_, body in records(read(place, "raw.warc.gz")))


def test_posts_that_nobody_here_heard_come_along_with_author_time_and_address(proof):
    place = taken(proof, Thread((heard("8", "Lasst ihn doch"), heard("9", "<script>alert(8)</script>"))))
    posts = {one["native_id"]: one for one in told(place, "thread.json")["posts"]}
    assert posts["8"]["text"] == "Lasst ihn doch"
    assert posts["8"]["text_from"] == "platform"
    assert posts["8"]["author"] == {"id": "max", "handle": "max"}
    assert posts["8"]["created"]["utc"] == "2026-11-02T10:00:00.000Z"
    assert posts["8"]["url"] == "https://social.example/8"
    said = around(place)
    assert (said["answer"], said["posts"], said["unheard"], said["raw"]) == ("shown", 2, 2, "kept")
    assert said["most"] == capture.MOST_AROUND
    assert SECRET.encode() in raw(place), "the raw answer is kept where all of it may be"
    report = read(place, "report.html").decode()
    assert "Lasst ihn doch" in report
    assert "<script" not in report
    assert "Die Plattform nannte uns den Faden." in report


def test_what_was_left_out_is_said_and_an_answer_with_posts_that_are_not_public_is_not_kept(proof):
    place = taken(proof, Thread((heard("8", "Lasst ihn doch"),), {"not public": 2, "too many": 40}))
    said = around(place)
    assert (said["left_out"], said["raw"]) == ({"not public": 2, "too many": 40}, "left_out")
    assert SECRET.encode() not in raw(place) + place.read_bytes()
    assert b"/posts/2" in read_uris(place), "the answer about the post itself stays"
    report = read(place, "report.html").decode()
    assert "nicht öffentlich" in report
    assert "(40)" in report
    assert "Die Rohantwort fehlt" in report


def read_uris(place) -> bytes:
    return " ".join(address for _, address, *_ in records(read(place, "raw.warc.gz"))).encode()


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (Transient("The connection broke off."), "no_answer"),
        (RateLimited("The platform answered 429.", 60.0), "no_answer"),
        (Permanent("The platform answered 403."), "refused"),
        (EgressRefused("The door refused it."), "refused"),
    ],
)
def test_a_platform_that_fails_leaves_the_bundle_whole_with_the_reason_in_it(proof, error, answer):
    place = taken(proof, error)
    assert around(place)["answer"] == answer
    assert told(place, "manifest.json")["platform_answer"] == "shown"
    assert SECRET.encode() not in raw(place), "nobody looked at what a failed read did say"


def test_a_source_that_cannot_be_asked_is_not_asked_for_the_thread_either(proof):
    place = proof.taken(witness=lambda *_: None)
    assert around(place)["answer"] == "not_asked"


def test_a_thread_is_asked_for_however_many_of_its_posts_we_heard_and_not_when_the_platform_asks_to_wait(proof):
    many = [post(str(n), f"max{n}", f"@fjordfon_hilft Stimme {n}", root="1") for n in range(10, 35)]
    proof.tent.hear(*many)
    place = taken(proof, Thread((heard("8", "Lasst ihn doch"),)))
    assert around(place)["answer"] == "shown"

    class Busy(Listed):
        def inspect(self, target):
            if target.native_id == "2":
                return super().inspect(target)
            raise RateLimited("The platform answered 429.", 60.0)

    place = proof.taken(witness=lambda _source, recorder: Busy(recorder, Thread(())))
    assert around(place)["answer"] == "not_asked"


def test_what_we_heard_ourselves_is_not_there_twice(proof):
    proof.tent.hear(post("3", "max", "@fjordfon_hilft Lasst ihn doch", root="1"))
    place = proof.taken()
    names = [one["native_id"] for name in ("post", "parents", "thread") for one in told(place, f"{name}.json")["posts"]]
    assert sorted(names) == ["1", "2", "3"]
    assert around(place)["unheard"] == 0


def test_the_replay_shows_the_posts_of_its_file_that_no_watch_heard(proof):
    silent = {"id": "5", "author": "eva", "text": "Das geht zu weit, lasst das.", "root": "1"}
    elsewhere = {"id": "6", "author": "zorn", "text": "Ganz woanders", "root": "6"}
    hidden = {"id": "7", "author": "pia", "text": SECRET, "root": "1", "visibility": "followers"}
    with proof.tent.posts.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in (silent, elsewhere, hidden))
    place = proof.taken()
    [own] = told(place, "thread.json")["posts"]
    assert (own["native_id"], own["author"]["handle"]) == ("5", "eva")
    assert around(place)["left_out"] == {"not public": 1}
    for words in (b"Ganz woanders", SECRET.encode()):
        assert words not in place.read_bytes(), "nobody looks for other posts of the sender"


def test_a_post_of_a_case_of_which_nothing_may_be_kept_is_in_no_other_bundle_and_no_raw_answer_either(proof):
    proof.tent.hear(post("3", "max", f"@fjordfon_hilft {SECRET}", root="1", media=[{"kind": "image", "alt": "x"}]))
    tent = proof.tent
    other = int(tent.case("max")["id"])
    with tent.store.write() as tx:
        acts.suspect(tx, tent.wiring.keys, other, user=tent.user("alice"), now=tent.clock.now())
    listed = heard(
        "3", SECRET, canonical_key=tent.store.value("SELECT canonical_key FROM mentions WHERE native_id='3'")
    )
    place = taken(proof, Thread((listed, heard("8", "Lasst ihn doch"))))
    everything = place.read_bytes() + raw(place)
    assert SECRET.encode() not in everything
    assert b"/posts/3" not in read_uris(place), "the platform is not even asked for it"
    assert around(place)["left_out"] == {"never kept": 1}
    assert [one["native_id"] for one in told(place, "thread.json")["posts"]] == ["8"]


def test_a_parent_that_only_we_may_see_leaves_neither_words_nor_raw_answer(proof):
    proof.tent.hear(post("4", "zorn", "@fjordfon_hilft Und das hier", in_reply_to="77", root="1"))

    class Parent(Listed):
        def inspect(self, target):
            if target.native_id != "77":
                return super().inspect(target)
            self.recorder(_exchange("/posts/77", {"text": SECRET}))
            return PostStatus(1, exists=True, visibility=Visibility.FOLLOWERS, http_status=200)

    place = proof.taken(witness=lambda _source, recorder: Parent(recorder, Transient("No.")))
    assert SECRET.encode() not in raw(place) + place.read_bytes()
    parent = next(one for one in told(place, "parents.json")["posts"] if one["native_id"] == "77")
    assert (parent["platform_now"]["visibility"], parent["platform_now"]["raw"]) == ("followers", "left_out")


def test_over_a_real_connection_the_thread_is_read_without_our_token(tmp_path, clock, monkeypatch):
    mastodon = import_module("mastodon_double")
    monkeypatch.setenv("EARSHOT_FEDI_TOKEN", CANARY_TOKEN)
    bench = mastodon.Bench()
    with bench.double as double:
        threat = mastodon.status("100", "Morgen um acht", in_reply_to_id="99")
        question = mastodon.status("99", "Wann geht es?", account=mastodon.person("30", "lea"), mentions=[])
        answered = mastodon.status("101", "Lasst ihn", account=mastodon.person("31", "max"), in_reply_to_id="100")
        double.get("/api/v1/accounts/verify_credentials", mastodon.person("7", "fjordfon_hilft"))
        double.get("/api/v1/notifications", [mastodon.notification("1", threat)])
        double.posts = {"100": threat, "99": question, "101": answered}
        tent = a_server(tmp_path, clock, bench)
        tent.listen()
        proof = Preserved(tent, int(tent.store.value("SELECT id FROM cases")))
        place = proof.taken()
        contexts = [seen for seen in double.seen if seen.path.endswith("/context")]
        assert contexts
        assert not [seen for seen in contexts if "authorization" in seen.headers]
    [parent] = told(place, "parents.json")["posts"]
    assert (parent["author"]["handle"], parent["text"]) == ("lea", "@fjordfon_hilft Wann geht es?")
    assert parent["created"]
    assert [one["author"]["handle"] for one in told(place, "thread.json")["posts"]] == ["max"]
    assert "/api/v1/statuses/100/context" in read_uris(place).decode()
