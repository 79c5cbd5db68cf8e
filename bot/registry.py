"""Which module serves which platform: ``bot/connectors/<platform>.py``, imported on first use.

A configuration can name only what stands in ``model.Platform``; it can never import code. The module has

- ``Source``: the shape of its entries in platforms.yaml, below ``config.models.Shape``,
- ``connector(source, tools)``: the reader,
- ``publisher(source, tools)``: the writer, if the platform answers; it may stand in ``<platform>_publisher.py``,
- ``bell(source, tools)`` in ``<platform>_bell.py``, where a platform tells at once that there is something new,
- ``sign_in(source, tools, ask)`` in ``<platform>_connect.py``, where secrets come from a page of the platform.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bot.errors import EarshotError
from bot.model import Platform

_ROOM = "bot.connectors"


def reader(platform: Platform) -> Any:  # noqa: ANN401 - a module; the docstring above says what it holds
    """The module that reads ``platform``.

    Raises:
        EarshotError: a library that it needs is not installed; says how to install it.
    """
    return _module(f"{_ROOM}.{platform.value}", platform)


def writer(platform: Platform) -> Any:  # noqa: ANN401 - likewise
    """The module that writes to ``platform``.

    Raises:
        EarshotError: nothing can be written there, or a library is not installed.
    """
    if not platform.answers:
        raise EarshotError(f"{platform.label} is only listened to.")
    apart = f"{_ROOM}.{platform.value}_publisher"
    return _module(apart if find_spec(apart) else f"{_ROOM}.{platform.value}", platform)


def signer(platform: Platform) -> Any:  # noqa: ANN401 - likewise
    """What signs in at ``platform`` through its own page, if that is how its secrets come: ``sign_in``, or None."""
    apart = f"{_ROOM}.{platform.value}_connect"
    return _module(apart, platform).sign_in if find_spec(apart) else None


def bell(platform: Platform) -> Any:  # noqa: ANN401 - likewise
    """What listens for a platform's sign that there is something new, if it gives one: ``bell``, or None."""
    apart = f"{_ROOM}.{platform.value}_bell"
    return _module(apart, platform).bell if find_spec(apart) else None


def _module(name: str, platform: Platform) -> Any:  # noqa: ANN401 - likewise
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if not platform.extra or (error.name or "").startswith(_ROOM):
            raise
        sentence = f"{platform.label} needs a library that is not installed: pip install 'earshot[{platform.extra}]'"
        raise EarshotError(sentence) from None
