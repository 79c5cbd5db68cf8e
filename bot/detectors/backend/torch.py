"""A classifier run by transformers. Runs in the model's process; reads one folder, safetensors only."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification

from bot.detectors.backend.tokens import Encoded
from bot.errors import EarshotError

_DEVICES = {"cpu": "cpu", "gpu": "cuda"}


class TorchModel:
    """``model.safetensors`` of a folder, with an architecture that the library itself knows."""

    def __init__(self, file: Path, device: str) -> None:
        if device == "gpu" and not torch.cuda.is_available():
            raise EarshotError("PyTorch sees no GPU here. Set device to cpu.")
        self._device = torch.device(_DEVICES[device])
        model, told = AutoModelForSequenceClassification.from_pretrained(
            file.parent,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
        if told["missing_keys"]:
            raise EarshotError("The weights lack parts of the classifier: it was saved before it was trained as one.")
        self._model = model.eval().to(self._device)

    def logits(self, encoded: Encoded) -> NDArray[np.float64]:
        """One row of raw numbers a text."""
        tables = {"input_ids": encoded.ids, "attention_mask": encoded.mask}
        with torch.inference_mode():
            feeds = {name: torch.from_numpy(table).to(self._device) for name, table in tables.items()}
            return np.asarray(self._model(**feeds).logits.double().cpu().numpy(), dtype=np.float64)
