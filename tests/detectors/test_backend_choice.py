"""Naming a model for a head: what an operator may write, and the plain sentence for everything else."""

from pathlib import Path

import pytest
from trained import standard

from bot.detectors.backend.choice import HEADS, read_choices
from bot.errors import EarshotError

WHOLE = """
[abuse]
folder = "german-abuse"
labels = { OFFENSE = "abuse", OTHER = "none" }
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "models.toml"
    file.write_text(text, "utf-8")
    return file


def fault(tmp_path: Path, text: str) -> str:
    with pytest.raises(EarshotError) as refused:
        read_choices(written(tmp_path, text))
    return str(refused.value)


def test_a_folder_and_labels_are_enough(tmp_path):
    choice = read_choices(written(tmp_path, WHOLE))["abuse"]
    assert choice.folder == tmp_path / "german-abuse"
    assert choice.labels == {"OFFENSE": "abuse", "OTHER": "none"}
    assert (choice.device, choice.batch, choice.timeout_seconds, choice.max_tokens) == ("cpu", 16, 10, 256)


def test_a_folder_elsewhere_stays_there(tmp_path):
    elsewhere = WHOLE.replace("german-abuse", "/srv/models/abuse")
    assert read_choices(written(tmp_path, elsewhere))["abuse"].folder == Path("/srv/models/abuse")


def test_an_empty_file_names_no_model(tmp_path):
    assert read_choices(written(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            WHOLE.replace("[abuse]", "[humour]"),
            "[humour] is not a head that a model can speak for. Known heads: threat,",
        ),
        (
            WHOLE.replace('"abuse"', '"offensive"'),
            "'OFFENSE' cannot mean 'offensive'. Labels of this head: none, abuse",
        ),
        (WHOLE + 'url = "https://models.example"', "[abuse] url is not a key. Known keys: folder, labels, device"),
        ('[abuse]\nfolder = "x"', "[abuse] labels is missing."),
        (WHOLE + "batch = 1000", "[abuse] batch: Input should be less than or equal to 64."),
        (WHOLE + "timeout_seconds = 0", "[abuse] timeout_seconds: Input should be greater than 0."),
        (WHOLE + "max_tokens = 100000", "[abuse] max_tokens: Input should be less than or equal to 512."),
        (WHOLE + 'device = "tpu"', "[abuse] device: Input should be 'cpu' or 'gpu'."),
        ("abuse = 1", "[abuse]: Input should be a valid dictionary"),
        ("[abuse", "models.toml is not TOML:"),
    ],
)
def test_a_fault_is_told_in_a_sentence_that_names_the_place(tmp_path, text, sentence):
    assert sentence in fault(tmp_path, text)


def test_all_faults_are_told_at_once(tmp_path):
    told = fault(tmp_path, "[humour]\n[abuse]\nbatch = 0")
    assert told.count("models.toml: ") == 4


def test_a_file_that_is_missing_or_no_text_is_told(tmp_path):
    with pytest.raises(EarshotError, match=r"none\.toml cannot be read: No such file or directory\. EARSHOT_MODELS"):
        read_choices(tmp_path / "none.toml")
    (tmp_path / "models.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(EarshotError, match="is not TOML"):
        read_choices(tmp_path / "models.toml")


def test_a_light_head_gives_no_label_that_a_model_could_not_give():
    texts = [
        "Ich bringe dich um, du Idiot!",
        "Ich will nicht mehr leben.",
        "Das ist scheiße.",
        "Installieren Sie AnyDesk.",
    ]
    for detector in standard():
        given = {finding.label for finding in detector.detect([*texts, "Ich gehe zum Anwalt.", "Alles gut."])}
        assert given - {"undetermined"} <= set(HEADS.get(detector.name, given))
