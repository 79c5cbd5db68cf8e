"""Classifiers of a few numbers, built in the test and saved as an operator would have them: real files, real runtimes.

A text's logits are the mean of its words' rows in ``WORDS``. Three words misbehave on purpose.
"""

import json
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper, save_model
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

LABELS = ("OFFENSE", "OTHER")
WORDS = {
    "[PAD]": (0.0, 0.0),
    "[UNK]": (0.0, 1.0),
    "idiot": (9.0, 0.0),
    "danke": (0.0, 9.0),
    "naja": (0.5, 0.5),
    "unzahl": (float("nan"), 0.0),
    "endlos": (0.0, 0.0),
}
BEYOND = "jenseits"
"""Known to the tokenizer, unknown to the model: looking it up fails inside the runtime."""
ENDLESS = list(WORDS).index("endlos")
_FOREVER = 2**62


def tokenizer() -> Tokenizer:
    """One token a word, small letters."""
    ids = {word: place for place, word in enumerate((*WORDS, BEYOND))}
    made = Tokenizer(models.WordLevel(ids, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def onnx_model(columns: int = len(LABELS), extra_input: str = "") -> ModelProto:
    """Words to rows, their mean without the filling, and a loop that the word "endlos" never leaves."""
    table = np.array([row[:columns] if columns <= 2 else (*row, 0.0) for row in WORDS.values()], dtype=np.float32)
    constants = {
        "table": table,
        "linear": np.eye(columns, dtype=np.float32),
        "axis": np.array([1], dtype=np.int64),
        "last": np.array([2], dtype=np.int64),
        "endless": np.array(ENDLESS, dtype=np.int64),
        "forever": np.array(_FOREVER, dtype=np.int64),
        "yes": np.ones((), dtype=bool),
    }
    node = helper.make_node
    nodes = [
        node("Gather", ["table", "input_ids"], ["rows"]),
        node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["mask", "last"], ["mask_3d"]),
        node("Mul", ["rows", "mask_3d"], ["masked"]),
        node("ReduceSum", ["masked", "axis"], ["sums"], keepdims=0),
        node("ReduceSum", ["mask", "axis"], ["counts"], keepdims=1),
        node("Div", ["sums", "counts"], ["means"]),
        node("MatMul", ["means", "linear"], ["straight"]),
        node("Equal", ["input_ids", "endless"], ["stuck"]),
        node("Cast", ["stuck"], ["stuck_numbers"], to=TensorProto.INT64),
        node("ReduceMax", ["stuck_numbers"], ["any_stuck"], keepdims=0),
        node("Mul", ["any_stuck", "forever"], ["rounds"]),
        node("Loop", ["rounds", "yes", "straight"], ["logits"], body=_loop_body(columns)),
    ]
    inputs = ["input_ids", "attention_mask", *filter(None, [extra_input])]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", columns])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _loop_body(columns: int) -> object:
    float_table = helper.make_tensor_value_info("before", TensorProto.FLOAT, ["texts", columns])
    return helper.make_graph(
        [helper.make_node("Identity", ["go_on"], ["go_on_out"]), helper.make_node("Identity", ["before"], ["after"])],
        "round",
        [
            helper.make_tensor_value_info("count", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            float_table,
        ],
        [
            helper.make_tensor_value_info("go_on_out", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, ["texts", columns]),
        ],
    )


def config(**changed: object) -> dict[str, object]:
    """What stands in config.json."""
    names = {str(place): label for place, label in enumerate(LABELS)}
    return {"model_type": "tiny", "id2label": names, "pad_token_id": 0, **changed}


def save(folder: Path, model: ModelProto | None = None, **changed: object) -> Path:
    """A whole folder, as an export leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config(**changed)), "utf-8")
    tokenizer().save(str(folder / "tokenizer.json"))
    save_model(model or onnx_model(), str(folder / "model.onnx"))
    return folder


def settings_file(root: Path, *, head: str = "abuse", labels: str = "", **keys: object) -> Path:
    """A models.toml in ``root`` that names the folder "tiny" for a head."""
    labels = labels or '{ OFFENSE = "abuse", OTHER = "none" }'
    lines = [f"[{head}]", 'folder = "tiny"', f"labels = {labels}"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    file = root / "models.toml"
    file.write_text("\n".join(lines), "utf-8")
    return file
