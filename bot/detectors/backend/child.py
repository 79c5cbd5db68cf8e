"""The program of the process that runs one model: texts in, raw numbers out, one JSON line each.

It opens no connection, keeps no text, writes nothing but its answers, and ends with the process that started it.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from bot.detectors.backend.tokens import Tokens
from bot.errors import EarshotError

RUNTIMES = {"onnx": "bot.detectors.backend.onnx:OnnxModel", "torch": "bot.detectors.backend.torch:TorchModel"}
_NETWORK = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostby",
    "socket.sendto",
    "socket.sendmsg",
)
_TRIAL = ("ja", "ein etwas längerer Satz")
"""Two texts of different length: a model that reads them can read batches."""
_TOLD = 300


class Serving:
    """The thread beside the one that listens: loads the model, then answers one request after the other."""

    def __init__(self, requests: "SimpleQueue[bytes]", answers: BinaryIO) -> None:
        self._requests, self._answers = requests, answers
        self._ready = False

    def run(self) -> None:
        """Answer for ever; what goes wrong ends the process, see ``fail``."""
        order = json.loads(self._requests.get())
        module, name = RUNTIMES[order["runtime"]].split(":")
        folder = Path(order["folder"])
        model = getattr(import_module(module), name)(folder / order["weights"], order["device"])
        tokens = Tokens(folder / "tokenizer.json", order["max_tokens"], order["pad_id"])
        _try_out(model, tokens, order["labels"])
        self._ready = True
        self._say({"ready": True})
        while True:
            encoded = tokens.encode(json.loads(self._requests.get()))
            self._say({"rows": model.logits(encoded).tolist(), "cut": encoded.cut})

    def fail(self, fault: threading.ExceptHookArgs) -> None:
        """Say what kind of fault it was and end. Its words are told only while no post has been read."""
        words = str(fault.exc_value)
        if not isinstance(fault.exc_value, EarshotError):
            kind = fault.exc_type.__name__
            words = kind if self._ready else f"{kind}: {' '.join(words.split())[:_TOLD]}"
        self._say({"fault": words})
        os._exit(1)

    def _say(self, answer: Mapping[str, Any]) -> None:
        self._answers.write(json.dumps(answer).encode() + b"\n")
        self._answers.flush()


def _try_out(model: Any, tokens: Tokens, labels: int) -> None:  # noqa: ANN401 - either of the two runtimes
    shape: Sequence[int] = model.logits(tokens.encode(_TRIAL)).shape
    if tuple(shape) != (len(_TRIAL), labels):
        raise EarshotError(f"It answers {len(_TRIAL)} texts with numbers of shape {tuple(shape)}, not one per label.")


def no_network(event: str, _arguments: tuple[object, ...]) -> None:
    """An audit hook that refuses every way out of the machine."""
    if event.startswith(_NETWORK):
        raise PermissionError("a model's process opens no connection")


def main() -> None:
    """Serve until the standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Whatever a library prints is no answer.
    sys.addaudithook(no_network)
    requests: SimpleQueue[bytes] = SimpleQueue()
    serving = Serving(requests, answers)
    threading.excepthook = serving.fail
    threading.Thread(target=serving.run, daemon=True).start()
    for line in sys.stdin.buffer:
        requests.put(line)
    # Not a plain return: a model in the middle of its sums would hold up the interpreter's end.
    os._exit(0)


if __name__ == "__main__":
    main()
