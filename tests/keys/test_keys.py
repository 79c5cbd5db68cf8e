"""The house's keys are made once, are nobody else's to read, and are never printed."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot import keys
from bot.errors import EarshotError

NAMES = ("pseudonym", "suppression", "signing")
DAY = 86_400_000
QUARTER = 91 * DAY


@pytest.fixture
def folder(tmp_path):
    keys.make(tmp_path / "keys")
    return tmp_path / "keys"


def test_keys_can_be_read_by_their_owner_only(folder):
    assert {place.name for place in folder.iterdir()} == {*(f"{name}.key" for name in NAMES), "signing.pub"}
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in NAMES:
        assert (folder / f"{name}.key").stat().st_mode & 0o777 == 0o600


def test_a_careless_umask_opens_no_key(tmp_path):
    before = os.umask(0)
    try:
        keys.make(tmp_path / "keys")
    finally:
        os.umask(before)
    assert (tmp_path / "keys" / "pseudonym.key").stat().st_mode & 0o777 == 0o600


def test_the_three_keys_are_32_bytes_each_and_differ(folder):
    loaded = keys.load(folder)
    found = [getattr(loaded, name) for name in NAMES]
    assert [len(key) for key in found] == [32] * 3
    assert len(set(found)) == 3


def test_keys_that_exist_are_kept_and_missing_ones_are_made(folder):
    before = keys.load(folder)
    assert not keys.make(folder)
    (folder / "pseudonym.key").unlink()
    assert not keys.complete(folder)
    assert keys.make(folder)
    assert keys.complete(folder)
    after = keys.load(folder)
    assert after.pseudonym != before.pseudonym
    assert (after.suppression, after.signing) == (before.suppression, before.signing)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_others_can_read_is_refused_with_the_way_out(folder, name, mode):
    (folder / f"{name}.key").chmod(mode)
    with pytest.raises(EarshotError, match=r"can be read by others\. Run: chmod 600"):
        keys.load(folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_key_is_named_with_the_way_out(folder, name):
    (folder / f"{name}.key").unlink()
    with pytest.raises(EarshotError, match=rf"{name}\.key is missing or no key\. Run: earshot init"):
        keys.load(folder)


@pytest.mark.parametrize("content", ["", "secret words", "ab" * 31, "ab" * 33, "abc", "é" * 64])
def test_what_is_no_key_is_refused_and_not_repeated(folder, content):
    (folder / "signing.key").write_text(content, "utf-8")
    with pytest.raises(EarshotError, match="Run: earshot init") as caught:
        keys.load(folder)
    assert not content or content not in str(caught.value)


def test_the_public_key_alone_checks_what_the_private_one_signed(folder):
    signature = keys.load(folder).signer.sign(b"entry")
    (public,) = keys.published(folder)
    Ed25519PublicKey.from_public_bytes(public).verify(signature, b"entry")
    assert keys.load(folder).known == (public,) == (keys.load(folder).verifier.public_bytes_raw(),)


@pytest.mark.parametrize("content", ["zz", "ab" * 31, "ab" * 32 + "\n\n", "é"])
def test_public_keys_that_are_spoilt_are_named(folder, content):
    (folder / "signing.pub").write_text(content, "utf-8")
    with pytest.raises(EarshotError, match=r"signing\.pub is missing or no key\. Put it back"):
        keys.published(folder)


def test_a_public_key_that_was_lost_is_told_again(folder):
    before = keys.published(folder)
    (folder / "signing.pub").unlink()
    assert keys.published(folder) == ()
    assert keys.load(folder).known == before
    keys.make(folder)
    assert keys.published(folder) == before


def test_a_signing_key_that_is_made_anew_begins_a_list_of_its_own(folder):
    before = keys.published(folder)
    (folder / "signing.key").unlink()
    keys.make(folder)
    assert len(keys.published(folder)) == 1
    assert keys.published(folder) != before


# the next signing key -----------------------------------------------------------------------------


def taken_over(folder) -> bytes:
    return keys.next_signer(folder).public_key().public_bytes_raw()


def test_the_next_key_is_private_to_its_owner_and_stays_the_same_until_it_takes_over(folder):
    fresh = taken_over(folder)
    assert (folder / "signing.next.key").stat().st_mode & 0o777 == 0o600
    assert taken_over(folder) == fresh
    assert fresh not in keys.published(folder)


def test_once_the_ledger_names_it_the_next_key_takes_the_old_ones_place_and_both_stay_public(folder):
    (old,), fresh = keys.published(folder), taken_over(folder)
    assert not keys.settle(folder, old), "the ledger does not name it yet"
    assert keys.settle(folder, fresh)
    assert keys.published(folder) == keys.load(folder).known == (old, fresh)
    assert keys.load(folder).verifier.public_bytes_raw() == fresh
    assert (folder / "signing.key").stat().st_mode & 0o777 == 0o600
    assert sorted(place.name for place in folder.iterdir()) == [
        "pseudonym.key",
        "signing.key",
        "signing.pub",
        "suppression.key",
    ]
    assert not keys.settle(folder, fresh), "doing it again changes nothing"
    assert not keys.make(folder)
    assert keys.published(folder) == (old, fresh)


def test_killed_between_the_public_and_the_private_key_it_goes_on(folder, monkeypatch):
    (old,), fresh = keys.published(folder), taken_over(folder)
    replace = Path.replace

    def killed(place, target):
        if target.name == "signing.key":
            raise KeyboardInterrupt
        return replace(place, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        keys.settle(folder, fresh)
    monkeypatch.undo()
    assert keys.published(folder) == (old, fresh)
    assert keys.load(folder).signer_of(fresh).public_key().public_bytes_raw() == fresh
    assert keys.load(folder).signer_of(old).public_key().public_bytes_raw() == old
    assert keys.settle(folder, fresh)
    assert keys.published(folder) == (old, fresh)
    assert keys.load(folder).verifier.public_bytes_raw() == fresh


def test_a_program_that_runs_meanwhile_finds_the_key_that_took_over(folder):
    running, fresh = keys.load(folder), taken_over(folder)
    keys.settle(folder, fresh)
    assert running.known[-1] == fresh
    assert running.signer_of(fresh).public_key().public_bytes_raw() == fresh


def test_a_key_that_is_not_there_is_asked_for(folder):
    with pytest.raises(EarshotError, match="Put that one back"):
        keys.load(folder).signer_of(bytes(32))


@pytest.mark.parametrize("shown", [repr, str, "{0!r:}".format, lambda loaded: repr([loaded])])
def test_keys_are_never_printed(folder, shown):
    loaded = keys.load(folder)
    for key in (getattr(loaded, name) for name in NAMES):
        assert key.hex() not in shown(loaded)
        assert repr(key) not in shown(loaded)


def test_a_member_of_staff_has_one_name_in_a_quarter_and_another_in_the_next(folder):
    loaded, start = keys.load(folder), 80 * QUARTER
    assert loaded.staff(7, start) == loaded.staff(7, start + QUARTER - 1)
    assert loaded.staff(7, start) != loaded.staff(7, start + QUARTER)
    assert loaded.staff(7, start) != loaded.staff(8, start)
    assert loaded.staff(7, start) != "7"


def test_names_need_our_key(folder, tmp_path):
    keys.make(tmp_path / "other")
    ours, theirs = keys.load(folder), keys.load(tmp_path / "other")
    assert ours.staff(7, 0) != theirs.staff(7, 0)
    assert ours.author("mastodon", "kim") != theirs.author("mastodon", "kim")


def test_an_author_is_recognised_for_ever_and_on_their_platform_only(folder):
    assert keys.load(folder).author("mastodon", "kim") == keys.load(folder).author("mastodon", "kim")
    assert keys.load(folder).author("mastodon", "kim") != keys.load(folder).author("replay", "kim")
