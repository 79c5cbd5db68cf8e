"""A model's folder is looked at before anything in it is loaded, and nothing that could run code ever is."""

import json

import pytest
import tiny_models

from bot.detectors.backend.folder import check_labels, read_folder
from bot.errors import EarshotError


@pytest.fixture
def folder(tmp_path):
    return tiny_models.save(tmp_path / "tiny")


def fault(path) -> str:
    with pytest.raises(EarshotError) as refused:
        read_folder(path)
    return str(refused.value)


def test_a_whole_folder_is_read(folder):
    read = read_folder(folder)
    assert (read.runtime, read.weights, read.labels) == ("onnx", "model.onnx", ("OFFENSE", "OTHER"))
    assert (read.multi_label, read.pad_id, read.max_tokens) == (False, 0, 0)


def test_safetensors_are_read_where_there_is_no_onnx(folder):
    (folder / "model.safetensors").write_bytes(b"")
    assert read_folder(folder).runtime == "onnx"
    (folder / "model.onnx").unlink()
    assert read_folder(folder).runtime == "torch"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    assert fault(tmp_path / "none") == f"There is no folder {tmp_path}/none."


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "model.pt", "x.PTH", "training_args.pkl", "modeling_tiny.py", "deep/a.so"]
)
def test_a_file_that_could_run_code_is_refused_even_beside_a_good_one(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"")
    assert f"holds {name.rpartition('/')[2]}: such a file can run code. Remove it" in fault(folder)


def test_a_configuration_that_asks_for_code_is_refused(tmp_path):
    folder = tiny_models.save(tmp_path / "tiny", auto_map={"AutoModel": "somebody/else--modeling.Tiny"})
    assert "asks for code of its own" in fault(folder)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("config.json", "holds no config.json"),
        ("tokenizer.json", "holds no tokenizer.json"),
        ("model.onnx", "holds neither model.onnx nor model.safetensors"),
    ],
)
def test_a_missing_file_is_named(folder, name, sentence):
    (folder / name).unlink()
    assert sentence in fault(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize(
    ("text", "sentence"), [("{", "is not JSON"), ("[]", "does not hold a JSON object"), ("[" * 90_000, "is not JSON")]
)
def test_a_broken_file_is_named(folder, name, text, sentence):
    (folder / name).write_text(text, "utf-8")
    assert f"{name} {sentence}" in fault(folder)


@pytest.mark.parametrize(
    ("id2label", "sentence"),
    [
        (None, "names no labels"),
        ({}, "names no labels"),
        ({"0": "A", "2": "B"}, "names no labels"),
        ({"0": "A", "1": "A"}, "gives one label to two outputs"),
        ({"0": "A"}, "names one label only"),
    ],
)
def test_labels_must_be_numbered_and_different(tmp_path, id2label, sentence):
    assert sentence in fault(tiny_models.save(tmp_path / "tiny", id2label=id2label))


def test_the_places_of_a_model_limit_the_tokens(tmp_path):
    plain = tiny_models.save(tmp_path / "a", max_position_embeddings=128)
    counted = tiny_models.save(tmp_path / "b", max_position_embeddings=514, model_type="roberta", pad_token_id=1)
    assert (read_folder(plain).max_tokens, read_folder(counted).max_tokens) == (128, 512)


def test_every_label_needs_a_meaning_and_every_meaning_a_label(folder):
    read = read_folder(folder)
    check_labels(read, {"OFFENSE": "abuse", "OTHER": "none"})
    with pytest.raises(EarshotError, match=r"The model has no label 'HATE'. Its config.json names: OFFENSE, OTHER."):
        check_labels(read, {"HATE": "abuse", "OTHER": "none"})
    with pytest.raises(EarshotError, match="The model's label 'OTHER' has no meaning yet"):
        check_labels(read, {"OFFENSE": "abuse"})


def test_the_version_changes_with_every_file_and_with_the_labels(folder):
    first = read_folder(folder).fingerprint("OFFENSE = abuse")
    assert first == read_folder(folder).fingerprint("OFFENSE = abuse")
    assert first != read_folder(folder).fingerprint("OFFENSE = none")
    (folder / "config.json").write_text(json.dumps(tiny_models.config(problem_type="x")), "utf-8")
    second = read_folder(folder).fingerprint("OFFENSE = abuse")
    (folder / "model.onnx_data").write_bytes(b"weights apart")
    assert len({first, second, read_folder(folder).fingerprint("OFFENSE = abuse")}) == 3
