"""The house's keys are made once, are nobody else's to read, and are never printed."""

import os

import pytest

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
    keys.load_public(folder).verify(signature, b"entry")
    assert keys.load_public(folder) == keys.load(folder).verifier


@pytest.mark.parametrize("content", [None, "", "zz", "ab" * 31])
def test_a_public_key_that_is_missing_or_spoilt_is_named(folder, content):
    (folder / "signing.pub").unlink()
    if content is not None:
        (folder / "signing.pub").write_text(content)
    with pytest.raises(EarshotError, match=r"signing\.pub is missing or no key"):
        keys.load_public(folder)


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
