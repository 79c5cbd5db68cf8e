"""A classifier run by ONNX Runtime. Runs in the model's process; reads one file and nothing else."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions, get_available_providers

from bot.detectors.backend.tokens import Encoded
from bot.errors import EarshotError

_PROVIDERS = {"cpu": "CPUExecutionProvider", "gpu": "CUDAExecutionProvider"}
_NUMBERS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_FATAL = 4
"""The runtime's severity at which it writes to the log: only what ends the process."""


class OnnxModel:
    """``model.onnx`` of a folder. The output "logits" counts, or the first one if none bears that name."""

    def __init__(self, file: Path, device: str) -> None:
        provider = _PROVIDERS[device]
        if provider not in get_available_providers():
            raise EarshotError("ONNX Runtime sees no GPU here: install onnxruntime-gpu, or set device to cpu.")
        options = SessionOptions()
        options.log_severity_level = _FATAL
        self._session = InferenceSession(str(file), options, providers=[provider])
        self._types = {each.name: _NUMBERS.get(each.type) for each in self._session.get_inputs()}
        known = {"input_ids", "attention_mask", "token_type_ids"}
        odd = [name for name, kind in self._types.items() if name not in known or kind is None]
        if odd or "input_ids" not in self._types:
            raise EarshotError(f"It wants the input '{(odd or ['none'])[0]}'. A text classifier wants token numbers.")
        names = [each.name for each in self._session.get_outputs()]
        self._output = "logits" if "logits" in names else names[0]

    def logits(self, encoded: Encoded) -> NDArray[np.float64]:
        """One row of raw numbers a text."""
        tables = {"input_ids": encoded.ids, "attention_mask": encoded.mask, "token_type_ids": encoded.types}
        feeds = {name: tables[name].astype(kind or np.int64) for name, kind in self._types.items()}
        return np.asarray(self._session.run([self._output], feeds)[0], dtype=np.float64)
