"""A real Hugging Face classifier of a few numbers, saved as safetensors and run by transformers, offline."""

import json
import logging
from pathlib import Path

import pytest
import tiny_models
from trained import HEADS, LANGUAGE

from bot.detectors.abuse import Abuse
from bot.detectors.backend.switch import with_models
from bot.ports import Detector
from bot.settings import environment_of_children

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

pytestmark = pytest.mark.torch

LIGHT = Abuse(LANGUAGE, HEADS)
TEXTS = ["du idiot", "danke", "naja danke idiot", "danke " * 500]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder as ``save_pretrained`` leaves it, with weights from a fixed seed."""
    torch.manual_seed(3)
    config = transformers.BertConfig(
        vocab_size=len(tiny_models.WORDS) + 1,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        id2label=dict(enumerate(tiny_models.LABELS)),
    )
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path / "tiny")
    tiny_models.tokenizer().save(str(tmp_path / "tiny" / "tokenizer.json"))
    return tmp_path


def switched_on(root: Path, **keys: object) -> Detector:
    return with_models([LIGHT], tiny_models.settings_file(root, **keys), environment_of_children())[0]


def expected(folder: Path, text: str) -> tuple[str, int]:
    """What the library itself says to one text, without anything of ours."""
    model = transformers.BertForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    ids = tiny_models.tokenizer().encode(text).ids[:32]
    with torch.inference_mode():
        sure = model(torch.tensor([ids])).logits.softmax(-1)[0].tolist()
    return ("abuse", round(1000 * sure[0])) if sure[0] > sure[1] else ("none", round(1000 * sure[1]))


def test_the_answers_are_those_of_the_library_and_long_texts_are_cut(root):
    found = switched_on(root, timeout_seconds=60).detect(TEXTS)
    assert [finding.reason for finding in found] == ["model.tiny", "model.tiny", "model.tiny", "model.tiny;cut"]
    for text, finding in zip(TEXTS, found, strict=True):
        label, score = expected(root / "tiny", text)
        assert finding.label == label
        assert finding.score == pytest.approx(score, abs=1)


def test_weights_that_lack_the_classifier_are_refused(root, caplog):
    config = transformers.BertConfig.from_pretrained(root / "tiny")
    transformers.BertModel(config).save_pretrained(root / "tiny")
    (root / "tiny" / "config.json").write_text(
        json.dumps({**json.loads((root / "tiny" / "config.json").read_text()), "architectures": None})
    )
    with caplog.at_level(logging.ERROR):
        detector = switched_on(root)
    assert "The weights lack parts of the classifier" in caplog.text
    assert detector.detect(["Hallo"])[0].reason == "fallback.start"


def test_broken_weights_leave_the_light_head(root, caplog):
    (root / "tiny" / "model.safetensors").write_bytes(b"nothing of the kind")
    with caplog.at_level(logging.ERROR):
        detector = switched_on(root)
    assert "The model failed. " in caplog.text
    assert detector.detect(["Ihr seid Idioten."])[0].label == "abuse"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_a_model_that_wants_one_is_refused(root, caplog):
    switched_on(root, device="gpu")
    assert "PyTorch sees no GPU here" in caplog.text
