"""A forum behind the one door: what is asked of it, and answers of the form that was promised."""

from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import urlsplit

import requests

from bot.config.places import origin
from bot.connectors.fields import ODD_ANSWER, Fields, parts
from bot.errors import Transient

SessionFactory = Callable[[], requests.Session]


def fields_of(answer: object) -> Fields:
    """An answer that must be an object.

    Raises:
        Transient: it is none.
    """
    if not isinstance(answer, Mapping):
        raise Transient(ODD_ANSWER)
    return answer


def listed(answer: object, name: str) -> tuple[Fields, ...]:
    """The objects in the list ``name`` of an answer. Raises as ``fields_of`` does where there is no such list."""
    found = fields_of(answer).get(name)
    if not isinstance(found, list):
        raise Transient(ODD_ANSWER)
    return parts(found)


class Site:
    """One site, spoken to in JSON.

    Args:
        server: host, or origin with scheme.
        door: makes the session.
    """

    def __init__(self, server: str, door: SessionFactory) -> None:
        self.origin = origin(server)
        self.surface = urlsplit(self.origin).netloc
        self._session = door()

    def get(
        self, path: str, query: Mapping[str, str | int] | None = None, headers: Mapping[str, str] | None = None
    ) -> object:
        """Read ``path``; the parsed answer, ``None`` for an empty one.

        Raises:
            PlatformError: what the door says.
        """
        return self._sent("GET", path, query=query, headers=headers)

    def post(self, path: str, body: Mapping[str, str | int], headers: Mapping[str, str] | None = None) -> object:
        """Send ``body`` as JSON; the parsed answer, ``None`` for an empty one. Raises as ``get`` does."""
        return self._sent("POST", path, body=body, headers=headers)

    def delete(self, path: str, headers: Mapping[str, str]) -> None:
        """Delete at ``path``. Raises as ``get`` does."""
        self._session.delete(self.origin + path, headers={"User-Agent": "Earshot", **headers})

    def _sent(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> object:
        told = {"User-Agent": "Earshot", "Accept": "application/json", **(headers or {})}
        answer = self._session.request(method, self.origin + path, params=query, json=body, headers=told)
        try:
            return answer.json()
        except ValueError:
            # The door lets nothing through that is no JSON, but for an answer that is empty.
            return None
