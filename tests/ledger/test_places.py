"""Checkpoints reach a git repository and people's post; a place out of reach is told and never raises."""

import subprocess
from pathlib import Path

import pytest
from smtp_double import PostOffice

from bot.ledger.mail import MailPlace
from bot.ledger.places import GitPlace

NOTES = [(5, "note of five\n"), (9, "note of nine\n")]


def git(folder: Path, *words: str) -> str:
    told = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return told.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    git(folder, "init", "--quiet")
    return folder


def place(folder: Path) -> GitPlace:
    return GitPlace(folder, {"PATH": "/usr/bin:/bin", "HOME": str(folder.parent)})


def test_each_checkpoint_is_a_commit_with_its_note(repository):
    for one in NOTES:
        assert place(repository).take([one]) == ""
    assert git(repository, "log", "--format=%s %an").splitlines() == [
        "Checkpoint of 9 entries Earshot",
        "Checkpoint of 5 entries Earshot",
    ]
    assert git(repository, "show", "HEAD:00000000000000000009.checkpoint") == "note of nine\n"


def test_what_was_missed_comes_in_one_commit_and_twice_does_no_harm(repository):
    assert place(repository).take(NOTES) == ""
    assert place(repository).take(NOTES) == ""
    assert git(repository, "ls-files").split() == [f"{size:020d}.checkpoint" for size, _ in NOTES]
    assert git(repository, "status", "--porcelain") == ""


def test_what_somebody_else_prepared_there_is_left_alone(repository):
    (repository / "draft.txt").write_text("mine")
    git(repository, "add", "draft.txt")
    assert place(repository).take(NOTES) == ""
    assert git(repository, "status", "--porcelain") == "A  draft.txt\n"


@pytest.mark.parametrize("hook", ["exit 1", "sleep 5"])
def test_a_git_that_fails_or_hangs_is_told(repository, hook, monkeypatch):
    monkeypatch.setattr("bot.ledger.places.GIT_SECONDS", 1)
    script = repository / ".git" / "hooks" / "pre-commit"
    script.write_text(f"#!/bin/sh\nexec {hook}\n" if "sleep" in hook else f"#!/bin/sh\n{hook}\n")
    script.chmod(0o755)
    trouble = place(repository).take(NOTES)
    assert ("longer than 1 s" if "sleep" in hook else "failed") in trouble


def test_a_folder_that_is_gone_or_no_repository_is_told_even_inside_another_one(repository):
    inner = repository / "inner"
    inner.mkdir()
    assert "no git repository" in place(inner).take(NOTES)
    assert "no git repository" in place(repository / "nowhere").take(NOTES)
    assert git(repository, "status", "--porcelain") == ""


def test_git_sees_nothing_of_ours(repository):
    (repository / ".git" / "hooks" / "post-commit").write_text("#!/bin/sh\nenv > ../seen.txt\n")
    (repository / ".git" / "hooks" / "post-commit").chmod(0o755)
    assert place(repository).take(NOTES) == ""
    assert "EARSHOT_" not in (repository.parent / "seen.txt").read_text()


# mail ---------------------------------------------------------------------------------------------


def mail(office: PostOffice, **more: object) -> MailPlace:
    wanted = {"sender": "earshot@fjordfon.example", "people": ("dpo@fjordfon.example", "council@fjordfon.example")}
    return MailPlace(**({"host": "127.0.0.1", "port": office.port} | wanted | more))


def test_named_people_get_the_last_checkpoint_word_by_word():
    with PostOffice() as office:
        assert mail(office).take(NOTES) == ""
    (letter,) = office.letters
    assert office.people == ["dpo@fjordfon.example", "council@fjordfon.example"]
    assert letter["Subject"] == "Earshot: checkpoint of 9 entries"
    text = letter.get_body().get_content()
    assert "note of nine" in text
    (note,) = letter.iter_attachments()
    assert (note.get_filename(), note.get_content()) == ("00000000000000000009.checkpoint", b"note of nine\n")
    assert "note of five" not in text
    assert "Bitte aufheben" in text
    assert "Please keep this" in text


def test_a_password_never_travels_without_tls():
    with PostOffice() as office:
        trouble = mail(office, user="earshot", password="canary-token").take(NOTES)
    assert "did not take the mail" in trouble
    assert "canary-token" not in trouble + repr(mail(office, password="canary-token")) + office.heard
    assert "AUTH" not in office.heard
    assert office.letters == []


@pytest.mark.parametrize("refused", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_refuses_is_told(refused):
    with PostOffice(refuses=refused) as office:
        assert "did not take the mail" in mail(office).take(NOTES)
    assert office.letters == []


def test_a_server_that_is_not_there_is_told():
    with PostOffice() as office:
        pass
    assert "did not take the mail" in mail(office).take(NOTES)
