"""Which servers, files and names a source in a configuration file may have. Pure.

It judges files only: the replay of a file given on the command line builds a source of its own.
"""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from bot.config.models import MastodonSource, ReplaySource

_NAME = re.compile(r"(?!\.)[A-Za-z0-9_.-]{1,40}")
_HOST = re.compile(r"[\w.:\[\]-]+")

Fault = tuple[str, str]
"""The key that holds the fault, and what to do about it."""


def faults_of(source: ReplaySource | MastodonSource) -> Iterator[Fault]:
    """Every fault of one source's name, server and paths."""
    if not _NAME.fullmatch(source.name):
        yield "name", "A source's name has 1 to 40 letters a-z, digits, '_', '.' and '-', and no '.' in front."
    if isinstance(source, ReplaySource):
        if not _below(source.file):
            yield "file", "Write a path inside the configuration folder, without '..'."
        if source.timeline and not _below(source.timeline):
            yield "timeline", "Write a path inside the data folder, without '..'."
    else:
        sentence = _server_fault(source.server)
        if sentence:
            yield "server", sentence


def _below(path: str) -> bool:
    posix, windows = PurePosixPath(path), PureWindowsPath(path)
    return not (posix.is_absolute() or windows.drive or windows.root or ".." in windows.parts)


def _server_fault(server: str) -> str:
    """What is wrong with a server: it is a host, with a port if need be, spoken to over TLS."""
    shape = "Write the server alone, such as social.example, without a path, a query or a name in front."
    try:
        parts = urlsplit(server if "://" in server else f"https://{server}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        return shape
    if parts.scheme not in {"http", "https"} or not host or not _HOST.fullmatch(parts.netloc):
        return shape
    if parts.path or parts.query or parts.fragment or server.endswith(("?", "#")):
        return shape
    if parts.scheme == "http" and not _loopback(host):
        return "A token never travels over http. Write https, or the server's name alone."
    return ""


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
