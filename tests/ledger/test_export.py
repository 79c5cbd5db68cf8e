"""An export is whole, holds no personal data unasked, and is judged by its own verifier without any of our software."""

import ast
import json
import secrets
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import sealed
from sealed import HANDLE, RULES, STRANGER, Sealed, repack

from bot.errors import EarshotError, LedgerBroken
from bot.gate.ruleset import ruleset_source
from bot.ledger import proof
from bot.store.db import Store

OK, TAMPERED, MISSING, USAGE = 0, 1, 2, 3


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed.build(tmp_path_factory.mktemp("original") / "house").root


@pytest.fixture(scope="module")
def exported(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full export with personal data, of a copy of the house."""
    house = copy_of(original, tmp_path_factory.mktemp("exported"))
    return house.export(house.root / "export.zip", personal=True)


@pytest.fixture
def house(original: Path, tmp_path: Path) -> Sealed:
    return copy_of(original, tmp_path)


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    """The export, unpacked."""
    return unpacked(exported, tmp_path / "unpacked")


def copy_of(original: Path, place: Path) -> Sealed:
    shutil.copytree(original, place / "house")
    return Sealed(place / "house")


def unpacked(place: Path, folder: Path) -> Path:
    with zipfile.ZipFile(place) as box:
        box.extractall(folder)
    return folder


def key_of(original: Path) -> str:
    return Sealed(original).keys.known[-1].hex()


def checked(place: Path, *words: str, verifier: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the verifier as an authority does: another folder, and nothing of ours to import."""
    script = verifier or Path(proof.__file__)
    told = subprocess.run(
        [sys.executable, "-I", str(script), str(place), *words],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert "Traceback" not in told.stderr
    return told


def entries_in(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "entries.jsonl").read_text("utf-8").splitlines()]


# what is in it ------------------------------------------------------------------------------------


def test_the_verifier_is_one_file_that_needs_only_python_and_cryptography(folder):
    source = (folder / "verify.py").read_text("utf-8")
    assert source == Path(proof.__file__).read_text("utf-8")
    named = {
        (found.module or "").partition(".")[0] if isinstance(found, ast.ImportFrom) else alias.name.partition(".")[0]
        for found in ast.walk(ast.parse(source))
        if isinstance(found, ast.Import | ast.ImportFrom)
        for alias in found.names
    }
    assert named - sys.stdlib_module_names == {"cryptography"}


def test_the_verifier_in_the_export_finds_it_whole(folder, exported, original):
    for place in (folder, exported):
        told = checked(place, "--key", key_of(original), verifier=folder / "verify.py")
        assert (told.returncode, told.stderr) == (OK, "")
        assert told.stdout == "ok: entries 1 to 13 of 13, 3 checkpoints and 5 openings, every one in its place.\n"


def test_without_a_key_to_compare_it_says_which_one_signed(folder, original):
    assert key_of(original) in checked(folder).stdout
    assert checked(folder, "--key", "ab" * 32).returncode == TAMPERED


@pytest.mark.parametrize("words", [(), ("--key",), ("--key", "xy"), ("--what", "ab" * 32), ("one", "two", "three")])
def test_a_wrong_call_is_exit_3(folder, words):
    told = checked(folder / "nowhere", *words) if not words else checked(folder, *words)
    assert (told.returncode, "Usage" in told.stderr, told.stdout) == (USAGE, True, "")


def test_the_explanation_stands_there_in_german_and_english(folder, original):
    german, english = ((folder / name).read_text("utf-8") for name in ("LIESMICH.txt", "README.txt"))
    assert "Was geprüft wird" in german
    assert "What is checked" in english
    for text in (german, english):
        assert "python verify.py . --key HEX" in text
        assert key_of(original) in text
        assert "{author}" in text
        for name in ("entries.jsonl", "hashes.txt", "checkpoints.txt", "public-keys.txt", "manifest.json"):
            assert name in text


def test_it_holds_the_rules_byte_by_byte(folder):
    assert (folder / "rulesets" / f"{RULES}.toml").read_bytes() == ruleset_source()


def test_personal_data_is_in_it_only_when_asked_for_and_the_ledger_says_so(house, tmp_path):
    plain = unpacked(house.export(tmp_path / "plain.zip"), tmp_path / "plain")
    assert not (plain / "vault.jsonl").exists()
    assert all(HANDLE.encode() not in place.read_bytes() for place in plain.rglob("*") if place.is_file())
    full = unpacked(house.export(tmp_path / "full.zip", personal=True), tmp_path / "full")
    assert HANDLE in (full / "vault.jsonl").read_text("utf-8")
    assert checked(plain).returncode == checked(full).returncode == OK
    first, second = (json.loads(body) for body in house.bodies()[-2:])
    assert (first["type"], first["personal"], second["personal"]) == ("EXPORT", False, True)
    assert (first["from"], first["to"], second["to"]) == (1, 13, 14)
    assert first["manifest"] == proof.sha256((plain / "manifest.json").read_bytes()).hexdigest()


def test_an_export_is_for_its_owner_only(house, tmp_path):
    assert house.export(tmp_path / "export.zip").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("first", range(1, 14))
def test_every_range_verifies_with_what_it_rests_on(house, tmp_path, first):
    for last in {first, min(first + 3, 13), 13}:
        place = unpacked(house.export(tmp_path / f"{last}.zip", first=first, last=last), tmp_path / f"{last}")
        assert set(range(first, last + 1)) <= {entry["seq"] for entry in entries_in(place)}
        assert proof.main([str(place)]) == OK
    assert len(entries_in(place)) < 13 or first == 1, "not the whole ledger each time"


def test_an_erased_opening_is_left_out_and_the_rest_verifies(house, tmp_path):
    house.run("DELETE FROM vault WHERE subject = 'subject-1'")
    place = house.export(tmp_path / "export.zip", personal=True)
    assert "3 openings" in checked(place).stdout


@pytest.mark.parametrize(("first", "last"), [(14, None), (5, 4), (1, 14), (0, 3)])
def test_a_range_that_is_not_there_is_refused_and_leaves_nothing(house, tmp_path, first, last):
    with pytest.raises(EarshotError, match="entries 1 to 13"):
        house.export(tmp_path / "x.zip", first=first, last=last)
    assert [place.name for place in tmp_path.iterdir()] == ["house"]
    assert len(house.bodies()) == 13


@pytest.mark.parametrize("statement", ["UPDATE log SET body = x'7b7d' WHERE seq = 4", "DELETE FROM log WHERE seq > 3"])
def test_a_ledger_whose_chain_does_not_verify_is_not_exported(house, tmp_path, statement):
    house.run(statement)
    with pytest.raises(LedgerBroken, match="nothing can be proven"):
        house.export(tmp_path / "x.zip")
    assert [place.name for place in tmp_path.iterdir()] == ["house"]


def test_a_spoilt_vault_is_not_exported(house, tmp_path):
    house.loosen("vault", "commitment, kind, subject, salt, snapshot")
    house.run("UPDATE vault SET salt = 'salt'")
    with pytest.raises(LedgerBroken, match="spoilt"):
        house.export(tmp_path / "x.zip", personal=True)
    assert [place.name for place in tmp_path.iterdir()] == ["house"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "DECISION", "act": "DIRECT_MESSAGE"},
        {"type": "SEND_RESULT", "result": "sent", "draft": [1], "text_hash": None},
        b'{"type":"KILL","type":"KILL"}',
        b"no JSON",
        b"\n",
    ],
)
def test_what_the_entries_say_is_handed_on_as_it_is_and_found_there(house, tmp_path, wrong):
    house.append(wrong)
    told = checked(house.export(tmp_path / "x.zip"))
    assert (told.returncode, told.stderr) == (TAMPERED, ""), told.stdout


@pytest.mark.parametrize("place", ["/proc/x.zip", "house/data/earshot.db/x.zip", "nowhere/x.zip"])
def test_where_nothing_can_be_written_it_says_so_and_writes_no_entry(house, tmp_path, place):
    with pytest.raises(EarshotError, match=r"cannot be written: .*\. Nothing is left of it there\."):
        house.export(tmp_path / place)
    assert len(house.bodies()) == 13


def test_a_place_that_is_taken_is_not_overwritten(house, tmp_path):
    (tmp_path / "x.zip").write_text("mine")
    with pytest.raises(EarshotError, match="exists already"):
        house.export(tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_text() == "mine"


FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from sealed import Sealed
from bot.errors import EarshotError
resource.setrlimit(resource.RLIMIT_FSIZE, (40_960, resource.RLIM_INFINITY))
try:
    Sealed(Path(sys.argv[2])).export(Path(sys.argv[3]))
except EarshotError as error:
    sys.exit(str(error))
"""


def test_a_full_disk_is_said_leaves_nothing_half_written_and_no_entry(house, tmp_path):
    house.append(*({"type": "KILL", "step": secrets.token_hex(200)} for _ in range(300)))
    tests, place = str(Path(sealed.__file__).parent), tmp_path / "x.zip"
    told = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tests, str(house.root), str(place)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(tests).parent,
    )
    assert (told.returncode, "cannot be written" in told.stderr) == (1, True), told.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["house"]
    assert len(house.bodies()) == 313


def test_killed_after_its_entry_nothing_stands_under_its_name(house, tmp_path, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        house.export(tmp_path / "x.zip")
    assert [one.name for one in tmp_path.iterdir()] == ["house"]
    assert json.loads(house.bodies()[-1])["type"] == "EXPORT"


def test_an_export_waits_for_nobody_who_writes_meanwhile(house, tmp_path):
    other = Store(house.database)
    with other.write() as tx:
        tx.insert("tallies", {"day": 1, "source": "s", "reason": "r", "n": 1})
    other.close()
    assert checked(house.export(tmp_path / "x.zip")).returncode == OK


# what somebody does to it -------------------------------------------------------------------------


def edit(name: str, old: str, new: str):
    def attack(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")

    return attack


def remove(name: str):
    return lambda folder: (folder / name).unlink()


def without_line(name: str, number: int):
    def attack(folder: Path) -> None:
        lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
        del lines[number]
        (folder / name).write_text("".join(lines), "utf-8")

    return attack


def swapped_lines(folder: Path) -> None:
    lines = (folder / "entries.jsonl").read_text("utf-8").splitlines(keepends=True)
    (folder / "entries.jsonl").write_text("".join([lines[1], lines[0], *lines[2:]]), "utf-8")


def without_the_last_checkpoint(folder: Path) -> None:
    lines = (folder / "checkpoints.txt").read_text("utf-8").splitlines(keepends=True)
    (folder / "checkpoints.txt").write_text("".join(lines[:-5]), "utf-8")


def with_a_file_that_leads_elsewhere(folder: Path) -> None:
    (folder.parent / "elsewhere.txt").write_text("secret")
    edit("manifest.json", '"hashes.txt"', '"../elsewhere.txt":"0","hashes.txt"')(folder)


def of_a_stranger(folder: Path) -> None:
    """A whole export that somebody else signed: their key alone, and no KEY entry that names it."""
    (folder / "public-keys.txt").write_text(STRANGER.public_key().public_bytes_raw().hex() + "\n")


def later_key(folder: Path) -> None:
    with (folder / "public-keys.txt").open("a") as file:
        file.write(STRANGER.public_key().public_bytes_raw().hex() + "\n")


OUTSIDE = {
    "the manifest edited": (edit("manifest.json", '"to":13', '"to":12'), TAMPERED),
    "the manifest is no JSON": (edit("manifest.json", "{", "["), TAMPERED),
    "the manifest gone": (remove("manifest.json"), MISSING),
    "the signature gone": (remove("manifest.sig"), MISSING),
    "the signature spoilt": (edit("manifest.sig", "0", "x"), TAMPERED),
    "the entries gone": (remove("entries.jsonl"), MISSING),
    "a line removed": (without_line("entries.jsonl", 4), TAMPERED),
    "a word in a line changed": (edit("entries.jsonl", "HOLD-self", "NOTE-self"), TAMPERED),
    "a line of hashes removed": (without_line("hashes.txt", 2), TAMPERED),
    "a rule file edited": (edit(f"rulesets/{RULES}.toml", "version", "Version"), TAMPERED),
    "a rule file gone": (remove(f"rulesets/{RULES}.toml"), MISSING),
    "a checkpoint edited": (edit("checkpoints.txt", "\n5\n", "\n4\n"), TAMPERED),
    "a snapshot edited": (edit("vault.jsonl", HANDLE, "kim.lovas"), TAMPERED),
    "the keys replaced": (of_a_stranger, TAMPERED),
    "the explanation edited": (edit("README.txt", "tampered", "untouched"), TAMPERED),
}
"""What anybody can do to an export that passes through their hands."""

INSIDE = {
    "a line removed": (without_line("entries.jsonl", 4), MISSING),
    "the last line removed": (without_line("entries.jsonl", 12), MISSING),
    "two lines swapped": (swapped_lines, TAMPERED),
    "a word in a line changed": (edit("entries.jsonl", "HOLD-self", "HOLD-selb"), TAMPERED),
    "a line with a key twice": (
        edit("entries.jsonl", '"act":"PUBLIC_REPLY"', '"act":"X","act":"PUBLIC_REPLY"'),
        TAMPERED,
    ),
    "a line with a space": (edit("entries.jsonl", '"act":', '"act": '), TAMPERED),
    "a number as text": (edit("entries.jsonl", '"seq":1}', '"seq":"1"}'), TAMPERED),
    "a hash changed": (edit("hashes.txt", "a", "b"), TAMPERED),
    "the last hash removed": (without_line("hashes.txt", 12), TAMPERED),
    "a checkpoint's size changed": (edit("checkpoints.txt", "\n5\n", "\n4\n"), TAMPERED),
    "a checkpoint out of its form": (without_line("checkpoints.txt", 3), TAMPERED),
    "the last checkpoint removed": (without_the_last_checkpoint, MISSING),
    "a snapshot changed": (edit("vault.jsonl", HANDLE, "kim.lovas"), TAMPERED),
    "a salt changed": (edit("vault.jsonl", '"salt":"', '"salt":"00'), TAMPERED),
    "a file that leads elsewhere": (with_a_file_that_leads_elsewhere, TAMPERED),
    "a longer range": (edit("manifest.json", '"to":13', '"to":14'), MISSING),
    "another form": (edit("manifest.json", "earshot-export-1", "earshot-export-0"), TAMPERED),
    "files of another form": (edit("manifest.json", '"files":{', '"files":7,"fileš":{'), TAMPERED),
    "the first key left out": (without_line("public-keys.txt", 0), TAMPERED),
}
"""What only somebody with our key can do, who signs the manifest again."""


@pytest.mark.parametrize("attack", OUTSIDE)
def test_what_was_done_to_an_export_is_found(folder, attack):
    make, code = OUTSIDE[attack]
    make(folder)
    told = checked(folder)
    assert (told.returncode, told.stderr) == (code, ""), told.stdout


@pytest.mark.parametrize("attack", INSIDE)
def test_what_was_done_to_an_export_by_an_insider_is_found(folder, original, attack):
    make, code = INSIDE[attack]
    make(folder)
    if "leads" in attack or "form" in attack.removeprefix("a checkpoint"):
        signer = Sealed(original).keys.signer
        source = (folder / "manifest.json").read_bytes()
        (folder / "manifest.sig").write_text(signer.sign(proof.SIGNED_BEFORE + source).hex())
    else:
        repack(folder, Sealed(original).keys.signer)
    told = checked(folder)
    assert (told.returncode, told.stderr) == (code, ""), told.stdout


@pytest.mark.parametrize("make", [of_a_stranger, later_key])
def test_an_export_signed_by_somebody_else_is_found_by_the_key_and_by_the_ledger(folder, original, make):
    make(folder)
    repack(folder, STRANGER)
    assert checked(folder, "--key", key_of(original)).returncode == TAMPERED
    assert checked(folder).returncode == TAMPERED


def zip_with(exported: Path, place: Path, name: str) -> Path:
    shutil.copyfile(exported, place)
    with zipfile.ZipFile(place, "a") as box:
        box.writestr(name, b"x")
    return place


@pytest.mark.parametrize("name", ["../evil.py", "/etc/passwd", "rulesets/../../evil", "..\\evil", "a/b/c", ".hidden"])
def test_a_zip_with_a_name_that_leads_elsewhere_is_found_and_nothing_is_written(exported, tmp_path, name):
    told = checked(zip_with(exported, tmp_path / "x.zip", name))
    assert (told.returncode, told.stderr) == (TAMPERED, "")
    assert [place.name for place in tmp_path.iterdir()] == ["x.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_name_twice_is_found(exported, tmp_path):
    assert checked(zip_with(exported, tmp_path / "x.zip", "entries.jsonl")).returncode == TAMPERED


@pytest.mark.parametrize("part", range(1, 10))
def test_a_zip_that_is_cut_or_flipped_anywhere_is_found_and_no_crash(exported, tmp_path, part):
    whole = exported.read_bytes()
    place = len(whole) * part // 10
    (tmp_path / "cut.zip").write_bytes(whole[:place])
    assert checked(tmp_path / "cut.zip").returncode == TAMPERED
    (tmp_path / "flipped.zip").write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
    assert checked(tmp_path / "flipped.zip").returncode in {TAMPERED, MISSING}
