"""Signing in and out, sessions, locks, and the fresh password."""

import hashlib

import pytest
from sample_desk import PASSWORD

from bot.desk import auth, passwords
from bot.store import users

HOUR = 3_600_000


def cookie(client, name: str = "earshot") -> str:
    found = client.get_cookie(name)
    return found.value if found else ""


def test_the_database_holds_only_the_hash_of_a_session(desk, alice):
    rows = desk.stores().rows("SELECT * FROM sessions")
    assert [row["id_hash"] for row in rows] == [hashlib.sha256(cookie(alice).encode()).hexdigest()]
    assert cookie(alice) not in str([tuple(row) for row in rows])


def test_over_http_the_cookie_is_closed_to_scripts_and_other_sites(browse):
    answer = browse("").post("/sign-in", data={"name": "alice", "password": PASSWORD})
    told = answer.headers["Set-Cookie"]
    assert told.startswith("earshot=")
    assert "HttpOnly" in told
    assert "SameSite=Lax" in told
    assert "Secure" not in told


def test_over_https_the_cookie_is_bound_to_the_host(desk):
    answer = (
        desk.app(https=True)
        .test_client()
        .post("/sign-in", data={"name": "alice", "password": PASSWORD}, headers={"Sec-Fetch-Site": "same-origin"})
    )
    told = answer.headers["Set-Cookie"]
    assert told.startswith("__Host-earshot=")
    assert "Secure" in told
    assert "Path=/" in told
    assert "Domain" not in told


@pytest.mark.parametrize(
    ("name", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("", ""), ("alice", "x" * 5000)]
)
def test_a_wrong_pair_says_the_same_whether_or_not_the_name_exists(browse, name, password):
    answer = browse("").post("/sign-in", data={"name": name, "password": password})
    assert answer.status_code == 401
    assert "Name and password do not fit together" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_five_wrong_passwords_lock_a_name_for_a_minute_and_then_longer(desk, browse, clock):
    client = browse("")
    for _ in range(5):
        client.post("/sign-in", data={"name": "alice", "password": "wrong"})
    right = {"name": "alice", "password": PASSWORD}
    assert client.post("/sign-in", data=right).status_code == 401
    clock.advance(auth.LOCK_MS + 1)
    client.post("/sign-in", data={"name": "alice", "password": "wrong"})
    clock.advance(auth.LOCK_MS + 1)
    assert client.post("/sign-in", data=right).status_code == 401
    clock.advance(auth.LOCK_MS)
    assert client.post("/sign-in", data=right).status_code == 303


def test_a_right_password_clears_the_count(desk, browse):
    client = browse("")
    for _ in range(4):
        client.post("/sign-in", data={"name": "alice", "password": "wrong"})
    assert client.post("/sign-in", data={"name": "alice", "password": PASSWORD}).status_code == 303
    assert desk.user("alice")["failures"] == 0


def test_locks_grow_and_end_at_an_hour():
    lengths = [auth.lock_ms(n) for n in range(1, 20)]
    assert lengths[:7] == [0, 0, 0, 0, 60_000, 120_000, 240_000]
    assert lengths == sorted(lengths)
    assert lengths[-1] == HOUR


def test_one_address_cannot_ring_for_ever(browse):
    client = browse("")
    answers = [client.post("/sign-in", data={"name": f"n{n}", "password": ""}).status_code for n in range(31)]
    assert answers == [401] * 30 + [429]


def test_signing_in_again_replaces_the_session(desk, alice):
    old = cookie(alice)
    alice.post("/sign-in", data={"name": "alice", "password": PASSWORD})
    assert cookie(alice) != old
    assert len(desk.stores().rows("SELECT * FROM sessions")) == 1


def test_a_cookie_that_somebody_planted_is_never_taken_over(app, desk, browse):
    client = browse("")
    client.set_cookie("earshot", "p" * 43)
    client.post("/sign-in", data={"name": "alice", "password": PASSWORD})
    assert cookie(client) != "p" * 43


def test_signing_out_ends_the_session_in_the_database(desk, alice, browse):
    kept = cookie(alice)
    assert alice.post("/sign-out").location == "/sign-in"
    thief = browse("")
    thief.set_cookie("earshot", kept)
    assert thief.get("/").status_code == 303


def test_signing_out_everywhere_ends_them_all(desk, browse):
    one, two = browse("alice"), browse("alice")
    one.post("/account/sign-out-everywhere")
    assert two.get("/").location.startswith("/sign-in")
    assert desk.stores().rows("SELECT * FROM sessions") == []


def test_a_session_ends_after_an_hour_without_a_click(alice, clock):
    clock.advance(auth.IDLE_MS + 1)
    assert alice.get("/").status_code == 303


def test_clicks_keep_a_session_alive_but_never_beyond_twelve_hours(alice, clock):
    for _ in range(23):
        clock.advance(30 * 60_000)
        assert alice.get("/account").status_code == 200
    clock.advance(30 * 60_000 + 1)
    assert alice.get("/account").status_code == 303


def test_polling_is_no_sign_of_life(alice, clock):
    for _ in range(4):
        clock.advance(20 * 60_000)
        alice.get("/changes", headers={"X-Earshot-Live": "1"})
    assert alice.get("/").status_code == 303


def test_somebody_kept_out_is_out_at_once(desk, alice):
    with desk.stores().write() as tx:
        users.set_active(tx, desk.people["alice"], active=False)
    assert alice.get("/").status_code == 303
    assert alice.post("/sign-in", data={"name": "alice", "password": PASSWORD}).status_code == 401


def test_the_way_back_after_signing_in_keeps_the_address(browse):
    answer = browse("").get("/?lane=help&mine=1")
    assert answer.location == "/sign-in?next=/?lane%3Dhelp%26mine%3D1"


def test_the_unknown_name_is_checked_with_the_same_effort():
    assert passwords._NOBODY.split("$")[1:4] == passwords.hash_password("long enough").split("$")[1:4]
    assert passwords.fits(None, "anything") is False


def test_a_stored_hash_that_is_none_never_fits():
    assert passwords.fits("not a hash", "anything") is False


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_passwords_have_a_length(password):
    with pytest.raises(ValueError, match="10 to 200"):
        passwords.hash_password(password)


def test_the_account_shows_where_one_is_signed_in(browse):
    browse("alice")
    page = browse("alice").get("/account").text
    assert page.count("since today") == 2
    assert page.count("this browser") == 1


def test_preferences_are_kept_and_nonsense_is_not(desk, alice):
    alice.post("/account", data={"theme": "dark", "language": "de"})
    row = desk.user("alice")
    assert (row["theme"], row["language"], row["shortcuts"]) == ("dark", "de", 0)
    page = alice.get("/account").text
    assert '<html lang="de" data-theme="dark">' in page
    assert 'data-shortcuts="0"' in page
    alice.post("/account", data={"theme": "<script>", "language": "xx", "shortcuts": "1"})
    row = desk.user("alice")
    assert (row["theme"], row["language"], row["shortcuts"]) == ("", "", 1)
