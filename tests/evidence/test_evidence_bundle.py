"""A bundle is whole, says everything that a court asks for, and is judged without any of our software."""

import ast
import json
import os
import shutil
import stat
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from preserved import QUESTION, THREAT, inspected, read, told, verified

from bot.model.evidence import Offence
from bot.protect.evidence import verify
from bot.protect.evidence.picture import browser_of

FILES = {
    *("raw.warc.gz", "post.json", "parents.json", "thread.json", "capture.json", "report.html", "verify.py"),
    *("manifest.json", "manifest.sig"),
}
BROWSER = browser_of(os.environ)


def test_one_request_leaves_one_signed_bundle_for_its_owner_only_and_an_entry_with_its_hash(proof):
    place = proof.taken()
    assert place == proof.place
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    [entry] = [entry for entry in proof.tent.entries("EVIDENCE") if entry["step"] == "evidence_taken"]
    digest = verify.sha256(read(place, "manifest.json")).hexdigest()
    assert entry["manifest"] == proof.row()["manifest"] == digest
    assert entry["bundle"] == verify.sha256(place.read_bytes()).hexdigest()
    assert entry["by"] == proof.tent.wiring.keys.staff(proof.tent.user("bob")["id"], proof.tent.clock.now())


def test_it_holds_the_posts_their_times_in_utc_and_here_the_tool_and_the_operator(proof):
    place, now = proof.taken(), proof.tent.clock.now()
    with zipfile.ZipFile(place) as box:
        assert set(box.namelist()) == FILES
    [own], [parent] = told(place, "post.json")["posts"], told(place, "parents.json")["posts"]
    assert own["text"] == THREAT
    assert parent["text"] == QUESTION
    assert own["created"]["utc"].endswith("Z")
    assert own["created"]["local"].endswith("+02:00")
    assert own["created"]["zone"] == "Europe/Berlin"
    assert own["platform_now"]["answer"] == "shown"
    facts = told(place, "capture.json")
    assert facts["classification"] == Offence.THREAT.told
    assert facts["tool"].startswith("Earshot ")
    assert facts["operator"] == proof.tent.wiring.keys.staff(proof.tent.user("bob")["id"], now)
    manifest = told(place, "manifest.json")
    assert manifest["taken_at"] == now
    assert manifest["taken_at_utc"] == facts["taken"]["utc"]
    assert set(manifest["files"]) == FILES - {"manifest.json", "manifest.sig"}


def test_what_else_was_said_in_the_thread_comes_along_and_nothing_from_elsewhere(proof):
    from tents import post

    proof.tent.hear(
        post("3", "max", "@fjordfon_hilft Lasst ihn doch", root="1"),
        post("4", "zorn", "@fjordfon_hilft Ganz woanders, ganz friedlich", root="4"),
    )
    everything = b"".join(read(proof.taken(), name) for name in ("post.json", "parents.json", "thread.json"))
    assert b"Lasst ihn doch" in everything
    assert b"friedlich" in everything, "within six hours it is the same case"
    assert [one["text"] for one in told(proof.place, "thread.json")["posts"]] == ["@fjordfon_hilft Lasst ihn doch"]


def test_a_post_that_is_gone_there_is_told_as_gone_with_what_the_store_has(proof):
    with proof.tent.timeline.with_suffix(".status.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "2", "exists": false}\n')
    place = proof.taken()
    [own] = told(place, "post.json")["posts"]
    assert (own["platform_now"]["answer"], own["text_from"], own["text"]) == ("gone", "store", THREAT)
    assert told(place, "manifest.json")["platform_answer"] == "gone"
    report = read(place, "report.html").decode()
    assert "Die Plattform zeigt den Beitrag nicht mehr; der Wortlaut stammt aus unserem Speicher." in report
    assert "The platform no longer shows the post; the wording is from our store." in report


def test_the_report_says_in_both_languages_what_its_signature_proves_and_what_it_does_not(proof):
    report = read(proof.taken(), "report.html").decode()
    for words in ("Was die Unterschrift belegt", "Nicht belegt sind", "what the signature proves", "It does not prove"):
        assert words in report


def test_a_source_that_cannot_be_asked_is_told_as_such(proof):
    place = proof.taken(witness=lambda source, recorder: None)
    assert told(place, "manifest.json")["platform_answer"] == "not_asked"


def test_the_manifest_is_salted_so_that_its_hash_in_the_ledger_cannot_be_guessed(proof):
    first = proof.taken()
    second = proof.taken()
    salts = {told(place, "manifest.json")["salt"] for place in (first, second)}
    assert len(salts) == 2
    assert {len(salt) for salt in salts} == {64}


def test_the_verifier_in_it_is_one_file_that_needs_only_python_and_cryptography(proof):
    source = read(proof.taken(), "verify.py").decode()
    named = {
        (found.module or "").partition(".")[0] if isinstance(found, ast.ImportFrom) else alias.name.partition(".")[0]
        for found in ast.walk(ast.parse(source))
        if isinstance(found, ast.Import | ast.ImportFrom)
        for alias in found.names
    }
    assert named - sys.stdlib_module_names == {"cryptography"}


def test_a_second_program_with_the_public_key_alone_opens_it_and_finds_it_whole(proof):
    done = inspected(proof.taken(), proof.key)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["digest"] == proof.row()["manifest"]
    assert inspected(proof.place, "ab" * 32).returncode == 1


def test_the_verifier_in_it_finds_it_whole_offline_with_the_public_key_alone(proof):
    done = verified(proof.taken(), "--key", proof.key, "--manifest", proof.row()["manifest"])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"ok: bundle 1 of case {proof.case_id}, taken ")


@pytest.mark.parametrize("words", [(), ("--key",), ("--key", "xy"), ("--what", "ab" * 32), ("--manifest", "ab" * 32)])
def test_a_wrong_call_is_exit_3(proof, words):
    done = verified(proof.taken(), *words)
    assert (done.returncode, "Usage" in done.stderr, done.stdout) == (3, True, "")


def test_a_bundle_of_before_the_key_was_rotated_still_verifies(proof):
    from bot.ledger.rotation import rotate

    place, old, settings = proof.taken(), proof.key, proof.tent.wiring.settings
    proof.tent.beat()
    rotate(
        proof.tent.store, proof.tent.wiring.keys, settings.keys_dir, settings.checkpoints_dir, proof.tent.clock.now()
    )
    known = proof.tent.wiring.keys.known
    assert len(known) == 2
    assert verify.check(place.read_bytes(), known).manifest["key"] == old
    second = proof.taken()
    assert verify.check(second.read_bytes(), known[1:]).manifest["evidence"] == 2
    with pytest.raises(verify.Finding):
        verify.check(place.read_bytes(), known[1:])


# the report ---------------------------------------------------------------------------------------


def test_the_report_escapes_hostile_words_and_writes_out_what_hides(proof):
    report = read(proof.taken(), "report.html").decode()
    assert "<script" not in report
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in report
    assert "⟨U+202E⟩gnp" in report
    assert "\u202e" not in report
    assert "Content-Security-Policy" in report
    assert "default-src &#39;none&#39;" in report or "default-src 'none'" in report
    assert "http-equiv" in report
    assert 'src="' not in report
    assert "@media print" in report


def test_the_report_speaks_german_and_english(proof):
    report = read(proof.taken(), "report.html").decode()
    for words in ("Gesichert am", "taken at", "Bedrohung / threat, § 241 StGB", "Europe/Berlin", "UTC"):
        assert words in report


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
def test_where_a_browser_is_installed_the_bundle_has_a_picture_of_the_whole_report(proof):
    place = proof.taken(environment=dict(os.environ))
    manifest, picture = told(place, "manifest.json"), read(place, "picture.png")
    assert manifest["picture"] == "full page"
    assert told(place, "capture.json")["picture"] == {"how": "full page", "of": "report.html"}
    width, height = struct.unpack(">II", picture[16:24])
    assert width == 1000
    assert height > 1000, "all of the report, not only a window of it"
    assert verified(place, "--key", proof.key).returncode == 0


def test_where_no_browser_is_installed_the_bundle_says_so_and_is_whole(proof):
    place = proof.taken()
    assert told(place, "manifest.json")["picture"] == "no browser"
    assert told(place, "capture.json")["picture"] == {"how": "no browser", "of": None}
    with zipfile.ZipFile(place) as box:
        assert "picture.png" not in box.namelist()


@pytest.mark.parametrize("script", ["exit 1", "echo '<html data-height=\"900\">'"])
def test_a_browser_that_fails_costs_the_picture_and_not_the_evidence(proof, tmp_path, script):
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "chromium"
    fake.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    fake.chmod(0o755)
    place = proof.taken(environment={"PATH": str(tmp_path / "bin")})
    assert told(place, "manifest.json")["picture"] == "the browser failed"
    assert verified(place, "--key", proof.key).returncode == 0


# nothing of ours, nothing of theirs ---------------------------------------------------------------


def test_no_word_of_a_post_and_no_name_stands_in_the_ledger(proof):
    proof.taken()
    entries = json.dumps([*proof.tent.entries("EVIDENCE"), *proof.tent.entries("ACCESS")])
    for word in ("Tür", "zorn", "lea", "bob", "Bedrohung"):
        assert word not in entries


def test_the_full_verification_of_the_ledger_holds_with_evidence_in_it(proof):
    from bot.ledger.full import compare_in_full
    from bot.ledger.proof import Verdict

    proof.taken()
    proof.tent.beat()
    settings, keys = proof.tent.wiring.settings, proof.tent.wiring.keys
    compared = compare_in_full(proof.tent.store, settings.checkpoints_dir, keys.known)
    assert compared.report.verdict is Verdict.OK, compared.report.sentence


def test_the_wheel_would_carry_what_a_bundle_is_made_of():
    folder = Path(verify.__file__).parent
    assert {"report.html", "verify.py"} <= {path.name for path in folder.iterdir()}
