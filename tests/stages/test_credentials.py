"""A credential that ends is told 14 days before, from the token itself or from the operator's day; a new one counts."""

import base64
import json

import pytest
from clocks import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.credentials import DAY_MS, UNREADABLE, WARN_MS, Ending, endings, note, soon
from bot.errors import EarshotError

NAME = "EARSHOT_MASTODON_TOKEN"
NEW_YEAR = 1_798_761_600_000
"""1 January 2027, 00:00 UTC."""


def token(claims: object) -> str:
    """A JWT whose signature is nobody's."""
    parts = [json.dumps({"alg": "none"}).encode(), json.dumps(claims).encode(), b"x"]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def secrets(**known: str):
    def secret(name: str) -> SecretStr | None:
        if known.get(name) == "broken":
            raise EarshotError("cannot be read")
        return SecretStr(known[name]) if name in known else None

    return secret


def test_a_token_that_names_its_end_is_believed():
    known = secrets(**{NAME: token({"sub": "1", "exp": NEW_YEAR // 1000})})
    assert endings([NAME], known) == [Ending(NAME, NEW_YEAR, "platform")]


def test_a_day_that_the_operator_wrote_beside_it_counts():
    assert endings([NAME], secrets(**{NAME: "opaque", f"{NAME}_EXPIRES": "2027-01-01"})) == [
        Ending(NAME, NEW_YEAR, "operator")
    ]


@pytest.mark.parametrize(("day", "told_by"), [("2026-12-01", "operator"), ("2027-02-01", "platform")])
def test_of_two_days_the_earlier_one_counts(day, told_by):
    known = secrets(**{NAME: token({"exp": NEW_YEAR // 1000}), f"{NAME}_EXPIRES": day})
    assert [ending.told_by for ending in endings([NAME], known)] == [told_by]


@pytest.mark.parametrize("secret", ["opaque", "a.b.c", "a.b", "", token({}), token({"exp": None}), token([]), "broken"])
def test_any_other_token_says_nothing(secret):
    assert endings([NAME], secrets(**{NAME: secret})) == []


@given(st.text(max_size=200))
def test_no_secret_breaks_the_look(text):
    assert all(ending.told_by == "platform" for ending in endings([NAME], secrets(**{NAME: text or " "})))


@pytest.mark.parametrize("day", ["next year", "31.03.2027", "2027-02-30", "broken"])
def test_a_day_that_cannot_be_read_is_an_alarm_at_once(day):
    (ending,) = endings([NAME], secrets(**{NAME: "opaque", f"{NAME}_EXPIRES": day}))
    assert ending.at == UNREADABLE
    assert f"{NAME}_EXPIRES holds no day" in ending.sentence(1)
    assert day not in ending.sentence(1)


def test_it_is_told_fourteen_days_before_and_until_a_new_one_stands_there(store):
    clock = FakeClock(NEW_YEAR - WARN_MS - 1)
    known = {NAME: "opaque", f"{NAME}_EXPIRES": "2027-01-01"}
    note(store, [NAME], secrets(**known))
    assert soon(store, clock) == []
    clock.advance(1)
    (ending,) = soon(store, clock)
    assert ending.sentence(clock.now()) == (
        f"ALARM: {NAME} ends on 2027-01-01. Put a new one into its file before; nothing needs a restart."
    )
    clock.advance(WARN_MS)
    assert "ended on 2027-01-01" in soon(store, clock)[0].sentence(clock.now())
    note(store, [NAME], secrets(**{**known, f"{NAME}_EXPIRES": "2027-06-01"}))
    assert soon(store, clock) == []


def test_what_no_configuration_names_any_more_is_forgotten(store, clock):
    known = secrets(**{NAME: "opaque", f"{NAME}_EXPIRES": "2020-01-01"})
    note(store, [NAME], known)
    assert len(soon(store, clock)) == 1
    note(store, [], known)
    assert soon(store, clock) == []


def test_only_names_and_days_are_kept(store):
    secret = token({"exp": NEW_YEAR // 1000})
    note(store, [NAME], secrets(**{NAME: secret}))
    store.truncate_wal()
    assert secret.encode() not in store.path.read_bytes()
    assert NAME.encode() in store.path.read_bytes()


def test_what_did_not_change_is_not_written_again(store):
    known = secrets(**{NAME: "opaque", f"{NAME}_EXPIRES": "2027-01-01"})
    note(store, [NAME], known)
    before = store.value("PRAGMA data_version"), store.connection.total_changes
    note(store, [NAME], known)
    assert (store.value("PRAGMA data_version"), store.connection.total_changes) == before


def test_a_day_is_a_day_in_utc():
    assert NEW_YEAR % DAY_MS == 0
