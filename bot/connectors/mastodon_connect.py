"""Connects an account of ours: registers the program on a server and exchanges a code for a token.

The person signs in on the server's own page; no password comes near this program. Mastodon.py is not used here: it
first asks for a document that a door does not let through, and it would take broader leave than we want.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import requests

from bot.config.places import origin
from bot.connectors.mastodon import Source
from bot.connectors.tools import Tools
from bot.egress.door import Door
from bot.egress.mastodon import MASTODON_CONNECT, MASTODON_SCOPES
from bot.errors import Permanent

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""The server shows the code on its page, and the person copies it."""

_SCOPE = " ".join(MASTODON_SCOPES)


@dataclass(frozen=True, slots=True)
class App:
    """This program as ``origin`` knows it."""

    origin: str
    client_id: str
    client_secret: str = field(repr=False)


def sign_in(source: Source, tools: Tools, ask: Callable[[str], str]) -> Mapping[str, str]:
    """Get the token of ``source`` from its server; ``ask`` shows a page's address and gives back the code on it.

    Returns the field of the source that names the secret, and the secret.

    Raises:
        PlatformError: what the door says; Permanent if an answer lacks what it must hold.
    """
    home = origin(source.server)
    with Door("mastodon", [home], MASTODON_CONNECT, tools.refusals) as session:
        app = register(session, home)
        return {"token": token(session, app, ask(authorise_url(app)))}


def register(session: requests.Session, origin: str, *, website: str = "") -> App:
    """Make the program known to the server at ``origin`` (scheme and host).

    Raises:
        PlatformError: what the door says; Permanent if the answer names no client.
    """
    form = {"client_name": "Earshot", "redirect_uris": OUT_OF_BAND, "scopes": _SCOPE}
    answer = session.post(f"{origin}/api/v1/apps", data={**form, **({"website": website} if website else {})}).json()
    return App(origin, _word(answer, "client_id"), _word(answer, "client_secret"))


def authorise_url(app: App) -> str:
    """The page on which a person signs in and gets the code."""
    query = {"client_id": app.client_id, "redirect_uri": OUT_OF_BAND, "response_type": "code", "scope": _SCOPE}
    return f"{app.origin}/oauth/authorize?{urlencode(query)}"


def token(session: requests.Session, app: App, code: str) -> str:
    """Exchange ``code`` for the access token of the account that signed in.

    Raises:
        PlatformError: what the door says; Permanent if the answer holds no token.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code.strip(),
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": OUT_OF_BAND,
        "scope": _SCOPE,
    }
    return _word(session.post(f"{app.origin}/oauth/token", data=form).json(), "access_token")


def _word(answer: object, key: str) -> str:
    found = answer.get(key) if isinstance(answer, Mapping) else None
    if not isinstance(found, str) or not found:
        raise Permanent(f"The server's answer holds no {key}.")
    return found
