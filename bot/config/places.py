"""Which servers, files and names a source in a configuration file may have. Pure.

Each check gives the value back or raises ``ValueError`` with what to do about it.
"""

import ipaddress
import re
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

_NAME = re.compile(r"(?!\.)[A-Za-z0-9_.-]{1,40}")
_HOST = re.compile(r"[\w.:\[\]-]+")
_SERVER = "Write the server alone, such as social.example, without a path, a query or a name in front."


def source_name(name: str) -> str:
    """The name of a source, which is also part of a file's name."""
    if not _NAME.fullmatch(name):
        raise ValueError("A source's name has 1 to 40 letters a-z, digits, '_', '.' and '-', and no '.' in front.")
    return name


def below_config(path: str) -> str:
    """A path inside the configuration folder."""
    if not _below(path):
        raise ValueError("Write a path inside the configuration folder, without '..'.")
    return path


def below_data(path: str) -> str:
    """A path inside the data folder, or nothing."""
    if path and not _below(path):
        raise ValueError("Write a path inside the data folder, without '..'.")
    return path


def _below(path: str) -> bool:
    posix, windows = PurePosixPath(path), PureWindowsPath(path)
    return not (posix.is_absolute() or windows.drive or windows.root or ".." in windows.parts)


def server(value: str) -> str:
    """A host, with a port if need be, spoken to over TLS; this machine's own servers may do without."""
    try:
        parts = urlsplit(value if "://" in value else f"https://{value}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(_SERVER) from None
    if parts.scheme not in {"http", "https"} or not host or not _HOST.fullmatch(parts.netloc):
        raise ValueError(_SERVER)
    if parts.path or parts.query or parts.fragment or value.endswith(("?", "#")):
        raise ValueError(_SERVER)
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("A token never travels over http. Write https, or the server's name alone.")
    return value


def address(value: str) -> str:
    """An address of something that everybody may read, such as a feed's."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or parts.fragment:
        raise ValueError("Write the whole address, such as https://blog.example/feed.xml.")
    return value


def origin(value: str) -> str:
    """Scheme and host of a server that ``server`` let pass."""
    return (value if "://" in value else f"https://{value}").rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
