"""New configuration replaces the old one only when it is valid."""

import os

from bot.config.load import load
from bot.config.reload import Reloader

CHANGED = "topics:\n  outage: [Ausfall]\n"
BROKEN = "topics: [\n"


def test_the_first_look_brings_the_configuration_and_the_second_nothing(write):
    folder = write()
    reloader = Reloader(folder)
    assert reloader.current is None
    assert reloader.poll() == load(folder)
    assert reloader.current == load(folder)
    assert reloader.poll() is None


def test_a_changed_file_brings_a_new_set(write):
    reloader = Reloader(write())
    before = reloader.poll()
    write({"triage.yaml": CHANGED})
    fresh = reloader.poll()
    assert fresh != before
    assert fresh.triage.topics == {"outage": ("Ausfall",)}


def test_a_change_of_the_same_length_is_seen_by_its_time(write):
    folder = write()
    reloader = Reloader(folder)
    reloader.poll()
    write({"triage.yaml": "topics:\n  outage: [Stärung]\n"})
    os.utime(folder / "triage.yaml", ns=(1, 1))
    assert reloader.poll().triage.topics == {"outage": ("Stärung",)}


def test_a_broken_file_never_replaces_the_last_good_set(write):
    reloader = Reloader(write())
    good = reloader.poll()
    write({"triage.yaml": BROKEN})
    assert reloader.poll() is None
    assert reloader.current == good
    assert [problem.file for problem in reloader.problems] == ["triage.yaml"]


def test_the_faults_stay_visible_until_somebody_mends_them(write):
    reloader = Reloader(write())
    reloader.poll()
    write({"triage.yaml": BROKEN})
    reloader.poll()
    assert reloader.poll() is None
    assert reloader.problems
    write({"triage.yaml": CHANGED})
    assert reloader.poll() is not None
    assert reloader.problems == ()


def test_a_new_file_is_seen(write):
    reloader = Reloader(write())
    reloader.poll()
    write({"watches/more.yaml": "watch: more\nany: [Fjordfon]\n"})
    assert len(reloader.poll().watches) == 2


def test_a_file_that_is_gone_is_seen(write):
    reloader = Reloader(write())
    reloader.poll()
    write({"templates/de.yaml": None})
    assert reloader.poll().templates == ()
    write({"brand.yaml": None})
    assert reloader.poll() is None
    assert "missing" in reloader.problems[0].sentence


def test_renaming_a_stray_file_away_mends_the_fault(write):
    folder = write({"watches/more.yml": "x"})
    reloader = Reloader(folder)
    assert reloader.poll() is None
    assert reloader.problems
    (folder / "watches/more.yml").unlink()
    assert reloader.poll() is not None


def test_a_folder_that_appears_later_is_read_then(tmp_path, write):
    reloader = Reloader(tmp_path)
    assert reloader.poll() is None
    assert reloader.problems
    write()
    assert reloader.poll() is not None


def test_a_folder_that_is_gone_keeps_the_last_good_set(write, tmp_path):
    folder = write()
    reloader = Reloader(folder)
    good = reloader.poll()
    folder.rename(tmp_path.with_name("elsewhere"))
    assert reloader.poll() is None
    assert reloader.current == good
    assert reloader.problems
