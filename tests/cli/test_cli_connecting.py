"""connect, doctor: what a platform needs is said, asked for, tested and put away, and no secret is ever printed."""

import json
import sys
from pathlib import Path

import pytest
from programs import change

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import mastodon_double as md
import x_double as xd
import yaml
from stream_double import EVENT, Stream

from bot.connectors.mastodon_bell import STREAM

SOURCE = """sources:
  - kind: mastodon
    name: fedi
    server: {server}
    account: {account}
    token: EARSHOT_FEDI
"""


@pytest.fixture
def bench():
    running = md.Bench()
    with running.double:
        yield running


@pytest.fixture
def fediverse(house, bench):
    """A house with one source on a server, whose token is not set yet."""

    def write(account="fjordfon_hilft"):
        text = SOURCE.format(server=bench.double.url, account=account)
        (house / "config" / "platforms.yaml").write_text(text, "utf-8")
        ours = f"accounts:\n  mastodon: [{{ handle: {account} }}]\n  replay:"
        change(house / "config" / "brand.yaml", "accounts:\n  replay:", ours)
        return house

    return write


def signs_in(bench, token=md.TOKEN):
    bench.double.post("/api/v1/apps", {"client_id": "id-1", "client_secret": "canary-secret"})
    bench.double.post("/oauth/token", {"access_token": token, "token_type": "Bearer"})


def test_connecting_says_the_steps_and_each_scope_with_its_reason(earshot, fediverse, bench):
    fediverse()
    signs_in(bench)
    said = earshot("connect", "mastodon", "--secrets-stdin", stdin="the-code\n")
    assert (said.code, said.err) == (0, "")
    for scope in ("read:notifications", "write:statuses"):
        assert scope in said.out
    assert "to publish a reply and to take it back" in said.out
    assert f"{bench.double.url}/oauth/authorize?" in said.out


def test_a_secret_is_tested_and_then_readable_by_its_owner_alone(earshot, fediverse, bench):
    house = fediverse()
    signs_in(bench)
    said = earshot("connect", "mastodon", "--secrets-stdin", "--into", house / "safe", stdin="the-code\n")
    file = house / "safe" / "EARSHOT_FEDI"
    assert file.read_text() == md.TOKEN
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in file.parent.iterdir()] == ["EARSHOT_FEDI"]
    assert md.TOKEN not in said.out + said.err
    assert "canary-secret" not in said.out + said.err
    assert "EARSHOT_SECRETS_DIR" in said.out


@pytest.mark.parametrize("status", [401, 500])
def test_credentials_that_do_not_work_are_not_stored(earshot, fediverse, bench, status):
    house = fediverse()
    signs_in(bench)
    bench.double.get("/api/v1/notifications", md.answer({}, status))
    bench.double.posts_off = True
    said = earshot("connect", "mastodon", "--secrets-stdin", "--into", house / "safe", stdin="the-code\n")
    assert said.code == 1
    assert "Nothing was stored." in said.err
    assert not (house / "safe").exists()


def test_the_token_of_another_account_is_not_stored(earshot, fediverse, bench):
    house = fediverse(account="somebody_else")
    signs_in(bench)
    said = earshot("connect", "mastodon", "--secrets-stdin", "--into", house / "safe", stdin="the-code\n")
    assert (said.code, "another account" in said.err) == (1, True)
    assert not (house / "safe").exists()


def test_a_platform_without_a_source_is_named(earshot, house):
    said = earshot("connect", "x", "--secrets-stdin")
    assert said.code == 1
    assert "platforms.yaml has no X source yet." in said.err


@pytest.fixture
def connected(earshot, fediverse, bench, monkeypatch):
    """A house whose one token stands in its folder of secrets."""
    house = fediverse()
    monkeypatch.setenv("EARSHOT_SECRETS_DIR", str(house / "safe"))
    signs_in(bench, "canary-of-yesterday")
    assert earshot("connect", "mastodon", "--secrets-stdin", stdin="the-code\n").code == 0
    signs_in(bench)
    bench.double.seen.clear()
    return house / "safe" / "EARSHOT_FEDI"


def asked_for_a_code(bench):
    return any(seen.path == "/oauth/token" for seen in bench.double.seen)


def test_a_secret_that_works_is_tested_and_not_asked_for_again(earshot, connected, bench):
    said = earshot("connect", "mastodon", "--secrets-stdin")
    assert (said.code, asked_for_a_code(bench), connected.read_text()) == (0, False, "canary-of-yesterday")
    assert "EARSHOT_FEDI is set already." in said.out
    assert "Nothing new to store." in said.out


def test_a_secret_that_the_platform_refuses_is_asked_for_anew_and_replaced(earshot, connected, bench):
    bench.double.get("/api/v1/notifications", md.in_turn(md.answer({}, 401), md.answer([])))
    said = earshot("connect", "mastodon", "--secrets-stdin", stdin="the-code\n")
    assert (said.code, said.err) == (0, "")
    assert (connected.read_text(), connected.stat().st_mode & 0o777) == (md.TOKEN, 0o600)
    assert [path.name for path in connected.parent.iterdir()] == ["EARSHOT_FEDI"]
    assert "canary" not in said.out + said.err


def test_a_secret_is_asked_for_anew_where_a_person_wants_that(earshot, connected, bench):
    said = earshot("connect", "mastodon", "--again", "--secrets-stdin", stdin="the-code\n")
    assert (said.code, connected.read_text()) == (0, md.TOKEN)
    assert "canary" not in said.out + said.err


def test_a_server_that_does_not_answer_is_no_reason_to_ask_for_a_secret_anew(earshot, connected, bench):
    bench.double.get("/api/v1/notifications", md.answer({}, 500))
    said = earshot("connect", "mastodon", "--secrets-stdin", stdin="the-code\n")
    assert (said.code, asked_for_a_code(bench), connected.read_text()) == (1, False, "canary-of-yesterday")
    assert "--again" in said.err


def test_the_old_secret_stays_if_the_one_given_anew_does_not_work(earshot, connected, bench):
    bench.double.get("/api/v1/notifications", md.answer({}, 401))
    said = earshot("connect", "mastodon", "--secrets-stdin", stdin="the-code\n")
    assert (said.code, connected.read_text()) == (1, "canary-of-yesterday")
    assert "Nothing was stored." in said.err


@pytest.mark.parametrize("where", ["EARSHOT_FEDI", "EARSHOT_FEDI_FILE"])
def test_a_secret_of_the_environment_is_changed_there_and_not_behind_its_back(
    *, earshot, connected, bench, monkeypatch, where
):
    monkeypatch.setenv(where, "canary-elsewhere" if where == "EARSHOT_FEDI" else str(connected))
    said = earshot("connect", "mastodon", "--again", "--secrets-stdin", stdin="the-code\n")
    assert (said.code, asked_for_a_code(bench), connected.read_text()) == (1, False, "canary-of-yesterday")
    assert "EARSHOT_FEDI is set in the environment" in said.err
    assert "canary" not in said.out + said.err


@pytest.fixture
def on_x(house):
    """A house with one source on X; its double."""
    bench = xd.Bench()
    with bench.double:
        sources = {"sources": [bench.source.model_dump(mode="json")]}
        (house / "config" / "platforms.yaml").write_text(yaml.safe_dump(sources), "utf-8")
        ours = f"accounts:\n  x: [{{ handle: {xd.HANDLE} }}]\n  replay:"
        change(house / "config" / "brand.yaml", "accounts:\n  replay:", ours)
        yield bench


WRITING = tuple(xd.SECRETS)[1:]


def test_x_is_connected_for_listening_alone_by_leaving_the_keys_for_writing_out(earshot, on_x, folder):
    said = earshot("connect", "x", "--secrets-stdin", "--into", folder / "safe", stdin=f"{xd.TOKEN}\n\n\n\n\n")
    assert (said.code, said.err) == (0, "")
    assert [path.name for path in (folder / "safe").iterdir()] == ["EARSHOT_X_BEARER"]
    assert f"It only listens, not set: {', '.join(WRITING)}." in said.out


def test_doctor_reads_what_can_be_read_and_says_that_it_only_listens(earshot, on_x, monkeypatch):
    monkeypatch.setenv("EARSHOT_X_BEARER", xd.TOKEN)
    said = earshot("doctor", "--json")
    (told,) = json.loads(said.out)
    assert (said.code, told["state"]) == (1, f"only listens, not set: {', '.join(WRITING)}")
    assert [seen.path for seen in on_x.double.seen] != []


def test_doctor_looks_at_everything_and_sends_nothing(earshot, fediverse, bench, monkeypatch):
    fediverse()
    monkeypatch.setenv("EARSHOT_FEDI", md.TOKEN)
    (told,) = json.loads(earshot("doctor", "--json").out)
    assert (told["source"], told["state"], told["bot label"], told["bio"]) == ("fedi", "ok", "not set", "filled in")
    assert bench.double.writes() == []
    assert "fedi (Mastodon): ok" in earshot("doctor").out


def test_doctor_tries_the_stream_of_a_source_that_is_told_at_once(earshot, fediverse, bench, monkeypatch):
    change(fediverse() / "config" / "platforms.yaml", "    token:", "    streaming: true\n    token:")
    monkeypatch.setenv("EARSHOT_FEDI", md.TOKEN)
    bench.double.get(STREAM, Stream(EVENT))
    (told,) = json.loads(earshot("doctor", "--json").out)
    assert (told["state"], told["stream"]) == ("ok", "tells of news at once")
    bench.double.get(STREAM, md.answer({}, 500))
    said = earshot("doctor", "--json")
    assert (said.code, json.loads(said.out)[0]["stream"]) == (1, "")
    assert json.loads(said.out)[0]["state"] != "ok"


def test_doctor_names_the_secret_that_is_missing_and_ends_with_one(earshot, fediverse):
    fediverse()
    said = earshot("doctor")
    assert said.code == 1
    assert "not set: EARSHOT_FEDI" in said.out


def test_doctor_tells_what_is_left_of_an_allowance(earshot, fediverse, bench, monkeypatch):
    fediverse()
    monkeypatch.setenv("EARSHOT_FEDI", md.TOKEN)
    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "2199-01-01T00:00:00Z"}
    bench.double.get("/api/v1/notifications", md.answer([], headers=headers))
    earshot("doctor")
    assert "of 300 left" in earshot("doctor").out
