"""Real models under the real ONNX Runtime, each in the process that Earshot starts for it."""

import json
import logging
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_models
from tiny_models import BEYOND
from trained import HEADS, LANGUAGE, standard

from bot.detectors.abuse import Abuse
from bot.detectors.backend.choice import read_choices
from bot.detectors.backend.folder import read_folder
from bot.detectors.backend.runner import Order, Runner, Unanswered, order_for
from bot.detectors.backend.switch import with_models
from bot.detectors.backend.tokens import Tokens
from bot.errors import EarshotError
from bot.ports import Detector
from bot.settings import Settings, environment_of_children
from bot.wiring import Wiring

ENVIRON = environment_of_children()
LIGHT = Abuse(LANGUAGE, HEADS)
HOSTILE = {
    "emoji": "😡" * 10_000 + "a",
    "a megabyte": "danke " * 170_000,
    "marks": "Z" + "\u0301\u0327\u0345" * 3_334,
    "overrides": "\u202edu idiot\u202c" * 100,
    "lone surrogates": "\ud800du idiot\udfff" * 100,
    "binary": bytes(range(256)).decode("latin-1") * 20,
    "one long word": "scheiß" * 4_000,
    "lines and quotes": '\n{"fault": "x"}\r\n"\\\u2028' * 50,
    "special tokens": "[CLS] [SEP] [PAD] [MASK] " * 50,
    "nul": "a\0b" * 50,
}


def switched_on(root: Path, light: Detector = LIGHT, **keys: object) -> Detector:
    file = tiny_models.settings_file(root, head=light.name, **keys)
    return with_models([light], file, ENVIRON)[0]


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    """A head with a model that stays in use for several tests, for texts that do it no harm."""
    root = tmp_path_factory.mktemp("models")
    tiny_models.save(root / "tiny")
    return switched_on(root, batch=8, max_tokens=16, timeout_seconds=60)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tiny_models.save(tmp_path / "tiny")
    return tmp_path


@pytest.fixture
def runner(root: Path) -> Iterator[Runner]:
    choice = read_choices(tiny_models.settings_file(root))["abuse"]
    runner = Runner(order_for(read_folder(choice.folder), choice, ENVIRON))
    yield runner
    runner.close()


def told(detector: Detector, *texts: str) -> list[tuple[str, str]]:
    return [(finding.label, finding.reason) for finding in detector.detect(texts)]


def test_a_model_gives_its_own_labels_the_heads_names(ordinary):
    abuse, thanks, even = ordinary.detect(["Idiot idiot", "danke", "naja"])
    assert (abuse.label, abuse.score) == ("abuse", 1000)
    assert [(each.label, each.score) for each in (thanks, even)] == [("none", 1000), ("none", 500)]
    assert {each.reason for each in (abuse, thanks, even)} == {"model.tiny"}
    assert abuse.version == ordinary.version != LIGHT.version


def test_the_order_of_the_texts_is_kept_over_all_batches(ordinary):
    texts = [" ".join(["idiot"] * (place % 5 + 1)) if place % 3 else "danke " * (place % 7 + 1) for place in range(50)]
    random.Random(7).shuffle(texts)  # noqa: S311 - an order, not a secret
    assert [label for label, _ in told(ordinary, *texts)] == ["abuse" if "idiot" in text else "none" for text in texts]


def test_the_filling_of_a_batch_changes_no_answer(ordinary):
    texts = ["du idiot", "danke " * 14, "naja"]
    assert [ordinary.detect([text])[0] for text in texts] == list(ordinary.detect(texts))


def test_a_long_text_is_cut_and_says_so(ordinary):
    assert told(ordinary, "danke " * 16, "danke " * 16 + "idiot " * 99) == [
        ("none", "model.tiny"),
        ("none", "model.tiny;cut"),
    ]


def test_a_batch_is_never_larger_than_its_bounds(root):
    tokens = Tokens(root / "tiny" / "tokenizer.json", 16, 0)
    encoded = tokens.encode(["idiot " * 20_000] * 8)
    assert encoded.ids.shape == encoded.mask.shape == encoded.types.shape == (8, 16)
    assert encoded.cut == (True,) * 8


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_gets_a_models_finding(ordinary, text):
    finding = ordinary.detect([text, "danke"])[0]
    assert finding.label in {"none", "abuse"}
    assert finding.reason.split(";")[0] == "model.tiny"


def test_the_same_texts_get_the_same_findings_from_a_new_process(root):
    texts = ["du idiot danke", "naja danke", "Guten Tag"]
    assert switched_on(root).detect(texts) == switched_on(root).detect(texts)


def test_a_model_of_several_labels_is_read_label_by_label(tmp_path):
    names = {"0": "rude", "1": "vulgar"}
    tiny_models.save(tmp_path / "tiny", problem_type="multi_label_classification", id2label=names)
    detector = switched_on(tmp_path, labels='{ rude = "abuse", vulgar = "profanity" }')
    assert [label for label, _ in told(detector, "idiot", "danke")] == ["abuse", "profanity"]


def test_a_model_may_speak_for_the_sentiment(tmp_path):
    tiny_models.save(tmp_path / "tiny", id2label={"0": "NEG", "1": "POS"})
    light = next(each for each in standard() if each.name == "sentiment")
    detector = switched_on(tmp_path, light, labels='{ NEG = "negative", POS = "positive" }')
    assert [label for label, _ in told(detector, "idiot", "danke")] == ["negative", "positive"]
    assert detector.detect(["12 !"]) == list(light.detect(["12 !"]))


# failures -----------------------------------------------------------------------------------------


def test_a_stuck_model_is_ended_and_the_next_text_is_answered_again(root):
    detector = switched_on(root, timeout_seconds=3)
    alone = LIGHT.detect(["endlos du Idiot"])[0]
    assert told(detector, "endlos du Idiot") == [("abuse", f"{alone.reason};fallback.timeout")]
    assert told(detector, "danke") == [("none", "model.tiny")]


@pytest.mark.parametrize(("word", "why"), [("unzahl", "answer"), (BEYOND, "crash")])
def test_a_model_that_fails_in_the_middle_falls_back_and_comes_back(root, word, why):
    detector = switched_on(root, timeout_seconds=60)
    assert told(detector, word) == [("none", f"fallback.{why}")]
    assert told(detector, "danke") == [("none", "model.tiny")]


def test_the_log_tells_the_kind_of_a_fault_and_never_the_post(root, caplog):
    detector = switched_on(root, timeout_seconds=60)
    with caplog.at_level(logging.WARNING):
        detector.detect([f"Kanarienvogel {BEYOND}"])
    assert caplog.messages == [
        "The model of 'abuse' did not answer, the light head did: The model failed. InvalidArgument"
    ]


def broken_weights(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"no protobuf at all")


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def odd_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}", "utf-8")


def three_columns(folder: Path) -> None:
    tiny_models.save(folder, tiny_models.onnx_model(columns=3))


def picture_input(folder: Path) -> None:
    tiny_models.save(folder, tiny_models.onnx_model(extra_input="pixel_values"))


def pickle_beside(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"")


def other_labels(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(tiny_models.config(id2label={"0": "A", "1": "B"})), "utf-8")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (broken_weights, "InvalidProtobuf"),
        (no_tokenizer, "holds no tokenizer.json"),
        (odd_tokenizer, "The model failed. Exception"),
        (three_columns, "It answers 2 texts with numbers of shape (2, 3), not one per label."),
        (picture_input, "It wants the input 'pixel_values'. A text classifier wants token numbers."),
        (pickle_beside, "such a file can run code"),
        (other_labels, "The model has no label 'OFFENSE'. Its config.json names: A, B."),
    ],
)
def test_a_model_that_cannot_be_used_leaves_the_light_head_and_a_plain_sentence(root, caplog, harm, sentence):
    harm(root / "tiny")
    with caplog.at_level(logging.ERROR):
        detector = switched_on(root)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("The model for 'abuse' is not used, the light head is: ")
    assert sentence in caplog.messages[0]
    alone = LIGHT.detect(["Ihr seid Idioten."])[0]
    assert told(detector, "Ihr seid Idioten.", "Hallo") == [
        ("abuse", f"{alone.reason};fallback.start"),
        ("none", "fallback.start"),
    ]


def test_without_a_gpu_a_model_that_wants_one_is_not_moved_to_the_cpu_in_secret(root, caplog):
    switched_on(root, device="gpu")
    assert "ONNX Runtime sees no GPU here" in caplog.text


def test_a_head_that_this_version_does_not_have_is_a_fault_of_the_file(root):
    file = tiny_models.settings_file(root, head="crisis", labels='{ OFFENSE = "crisis", OTHER = "none" }')
    with pytest.raises(EarshotError, match=r"models.toml: there is no detector 'crisis' in this version."):
        with_models([LIGHT], file, ENVIRON)


# the process --------------------------------------------------------------------------------------


def test_a_process_that_dies_is_started_again(runner):
    assert len(runner.rows(["danke"])) == 1
    runner._child.kill()
    runner._child.wait()
    assert len(runner.rows(["danke"])) == 1


def test_nothing_of_a_closed_runner_stays(runner):
    runner.rows(["danke"])
    child = runner._child
    runner.close()
    assert child.returncode is not None


@pytest.mark.parametrize("program", ["raise SystemExit", "print('Hello')", "print('[]')", "print('{}')"])
def test_a_program_that_is_no_model_is_told_apart(program):
    runner = Runner(Order({}, 2, 60, ENVIRON, (sys.executable, "-c", program)))
    with pytest.raises(Unanswered) as told_of:
        runner.start()
    assert told_of.value.why == "crash"


def test_a_program_that_cannot_be_started_is_a_crash(tmp_path):
    with pytest.raises(Unanswered, match="cannot be started"):
        Runner(Order({}, 2, 60, ENVIRON, (str(tmp_path / "none"),))).start()


def test_a_models_process_knows_no_secret_and_is_told_to_stay_offline(root, monkeypatch):
    monkeypatch.setenv("EARSHOT_MASTODON_TOKEN", "canary")
    choice = read_choices(tiny_models.settings_file(root))["abuse"]
    environ = order_for(read_folder(choice.folder), choice, environment_of_children()).environ
    assert not [name for name in environ if name.startswith("EARSHOT_")]
    assert environ["HF_HUB_OFFLINE"] == environ["TRANSFORMERS_OFFLINE"] == "1"


@pytest.mark.parametrize(
    "way_out",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('models.example', 443)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('127.0.0.1', 9))",
    ],
)
def test_a_models_process_opens_no_connection(way_out):
    program = (
        "import socket, sys\n"
        "from bot.detectors.backend.child import no_network\n"
        f"sys.addaudithook(no_network)\n{way_out}"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.stderr.splitlines()[-1] == "PermissionError: a model's process opens no connection"


def test_the_process_refuses_connections_before_it_loads_anything(tmp_path):
    (tmp_path / "calling.py").write_text(
        "import socket\ndef load(file, device):\n    socket.create_connection(('127.0.0.1', 9))\n", "utf-8"
    )
    program = "from bot.detectors.backend import child; child.RUNTIMES['onnx'] = 'calling:load'; child.main()"
    request = {"runtime": "onnx", "folder": "x", "weights": "x", "device": "cpu"}
    with pytest.raises(Unanswered, match="PermissionError: a model's process opens no connection"):
        Runner(Order(request, 2, 60, {**ENVIRON, "PYTHONPATH": str(tmp_path)}, (sys.executable, "-c", program))).start()


def test_a_models_process_ends_with_its_parent_even_in_the_middle_of_a_sum(runner):
    runner.start()
    child = runner._child
    child.stdin.write(json.dumps(["endlos"]).encode() + b"\n")
    child.stdin.close()
    assert child.wait(timeout=60) == 0


def test_what_a_library_prints_is_no_answer(tmp_path):
    (tmp_path / "chatting.py").write_text("print('[]', flush=True)\nload = None\n", "utf-8")
    program = "from bot.detectors.backend import child; child.RUNTIMES['onnx'] = 'chatting:load'; child.main()"
    request = {"runtime": "onnx", "folder": "x", "weights": "x", "device": "cpu"}
    with pytest.raises(Unanswered, match="TypeError"):
        Runner(Order(request, 2, 60, {**ENVIRON, "PYTHONPATH": str(tmp_path)}, (sys.executable, "-c", program))).start()


# wiring -------------------------------------------------------------------------------------------


def test_the_settings_put_a_model_before_its_head_and_leave_the_door_alone(root):
    wiring = Wiring(Settings(data_dir=root / "data", models=tiny_models.settings_file(root)))
    assert [each.name for each in wiring.detectors] == [each.name for each in wiring.light_detectors]
    by_name = {each.name: each for each in wiring.detectors}
    assert told(by_name["abuse"], "danke") == [("none", "model.tiny")]
    assert [each for each in wiring.detectors if each not in wiring.light_detectors] == [by_name["abuse"]]


def test_without_the_setting_nothing_is_loaded(tmp_path):
    wiring = Wiring(Settings(data_dir=tmp_path / "data"))
    assert wiring.detectors is wiring.light_detectors
