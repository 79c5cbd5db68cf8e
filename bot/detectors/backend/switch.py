"""The shipped detectors, with a model before each head for which the operator named one."""

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.detectors.backend.choice import HEADS, Choice, read_choices
from bot.detectors.backend.folder import check_labels, read_folder
from bot.detectors.backend.runner import Runner, order_for
from bot.detectors.backend.verdict import Verdict
from bot.detectors.backend.with_backend import Fallback, Named, WithBackend
from bot.errors import EarshotError
from bot.ports import Detector

log = logging.getLogger(__name__)


def with_models(detectors: Sequence[Detector], file: Path, environ: Mapping[str, str]) -> tuple[Detector, ...]:
    """The same detectors in the same order; loads every named model.

    A model that cannot be used is logged with a plain sentence, and its light head goes on alone.

    Raises:
        EarshotError: ``file`` itself is at fault; says where.
    """
    choices = read_choices(file)
    absent = choices.keys() - {detector.name for detector in detectors}
    if absent:
        raise EarshotError(f"{file.name}: there is no detector '{min(absent)}' in this version.")
    return tuple(
        _with_model(detector, choices[detector.name], environ) if detector.name in choices else detector
        for detector in detectors
    )


def with_model(light: Detector, choice: Choice, environ: Mapping[str, str]) -> WithBackend:
    """``light`` with its model loaded.

    Raises:
        EarshotError: the model cannot be used; the message says why.
    """
    folder = read_folder(choice.folder)
    check_labels(folder, choice.labels)
    runner = Runner(order_for(folder, choice, environ))
    runner.start()
    name = re.sub(r"[^a-z0-9.-]+", "-", folder.path.name.lower())
    version = folder.fingerprint(light.name, str(choice.max_tokens), *map(" = ".join, sorted(choice.labels.items())))
    verdict = Verdict(folder.labels, choice.labels, HEADS[light.name], folder.multi_label)
    return WithBackend(light, runner, verdict, Named(version, f"model.{name}"), choice.batch)


def _with_model(light: Detector, choice: Choice, environ: Mapping[str, str]) -> Detector:
    try:
        return with_model(light, choice, environ)
    except EarshotError as error:
        log.error("The model for '%s' is not used, the light head is: %s", light.name, error)  # noqa: TRY400 - a sentence, no trace
        return Fallback(light, "start")
