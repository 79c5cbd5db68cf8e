"""What a request is, reduced to what rules can judge, and the allow-list that judges it.

Pure: no network, no clock. It owns the reading of a request and the shape of a rule; which requests a
platform needs stands in that platform's own file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Fields = Mapping[str, tuple[str, ...]]

FORM: Final = "application/x-www-form-urlencoded"
PORTS: Final = {"http": 80, "https": 443}

_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
_REROUTES = frozenset({"host", "transfer-encoding", "cookie", "proxy-authorization"})
_PATH = re.compile(r"(?:/[A-Za-z0-9_%~-][A-Za-z0-9_.%~-]*)+")
_QUERY = re.compile(r"[!-~]*")
_HEADER = re.compile(r"[\t -~]*")
_PARAMETER = {
    # The id forms of Mastodon, Pleroma, GoToSocial and snac2: digits, base 62, ULIDs, hexadecimal.
    ":id": r"[A-Za-z0-9_-]{1,64}",
    # The only parameter that may be percent-encoded; its decoded form is checked on its own.
    ":tag": r"[A-Za-z0-9_%~-]{1,300}",
}


class Malformed(ValueError):
    """The request is written in a way that no client of ours writes. The message is the reason."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a server. Two origins are the same only if all three are."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin":
        """The origin of an absolute http or https URL.

        Raises:
            Malformed: the URL has no host, names a person, or is of another scheme.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise Malformed("broken address") from None
        if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
            raise Malformed("broken address")
        return cls(parts.scheme, parts.hostname, port if port is not None else PORTS[parts.scheme])


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``path`` and ``target`` are exactly what will be sent; headers have lower-case names."""

    method: str
    origin: Origin
    path: str
    target: str
    query: Fields
    body: Fields
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of request that may leave.

    Attributes:
        method: GET, POST or DELETE.
        path: template; ``:id`` stands for one id, ``:tag`` for one hashtag.
        query: names that the query may hold.
        body: names that the form in the body may hold.
        needs: names that must be there, once and not empty.
        exact: name -> the only values it may have; the name must be there.
    """

    method: str
    path: str
    query: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    exact: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def fits(self, path: str) -> bool:
        """Whether ``path`` is of this rule's form, whatever the method."""
        pattern = "/".join(_PARAMETER.get(part, re.escape(part)) for part in self.path.split("/"))
        return re.fullmatch(pattern, path) is not None and (":tag" in self.path or "%" not in path)

    def objection(self, call: Call) -> str:
        """Why ``call``, whose path and method fit, may not leave; empty when it may."""
        if not call.query.keys() <= self.query:
            return "unexpected field in the query"
        if not call.body.keys() <= self.body:
            return "unexpected field in the body"
        fields = {**call.query, **call.body}
        if any(len(values) != 1 for name, values in fields.items() if not name.endswith("[]")):
            return "field given twice"
        if any(not fields.get(name, ("",))[0] for name in self.needs):
            return "missing field"
        if any(not set(fields.get(name, ("",))) <= values for name, values in self.exact.items()):
            return "value not allowed"
        return ""


def _pairs(text: str) -> Fields:
    """A query string or form as name -> values, in order."""
    if not text:
        return {}
    if not _QUERY.fullmatch(text) or ";" in text:
        raise Malformed("unusual encoding")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise Malformed("unusual encoding") from None
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found


def _check_path(parts: SplitResult) -> None:
    """Refuse every spelling of a path that a server might read differently from us."""
    if parts.fragment or not _PATH.fullmatch(parts.path):
        raise Malformed("unusual path")
    for segment in parts.path.split("/"):
        try:
            decoded = unquote(segment, errors="strict")
        except UnicodeDecodeError:
            raise Malformed("unusual path") from None
        if "%" in segment and not re.fullmatch(r"\w+", decoded):
            raise Malformed("unusual path")


def _form(body: str | bytes | None, headers: Mapping[str, str]) -> Fields:
    """The body's fields. Only plain forms leave the house so far."""
    if not body:
        return {}
    if headers.get("content-type") != FORM or not isinstance(body, str | bytes):
        raise Malformed("body is not a form")
    try:
        return _pairs(body if isinstance(body, str) else body.decode("ascii"))
    except UnicodeDecodeError:
        raise Malformed("unusual encoding") from None


def read_call(method: str, url: str, body: str | bytes | None, headers: Mapping[str, str]) -> Call:
    """Read a prepared request.

    Raises:
        Malformed: it is written in a way that no client of ours writes.
    """
    origin = Origin.of(url)
    parts = urlsplit(url)
    _check_path(parts)
    named = {name.lower(): value for name, value in headers.items()}
    if _OVERRIDES & named.keys():
        raise Malformed("method override")
    if _REROUTES & named.keys():
        raise Malformed("forbidden header")
    if any(not _HEADER.fullmatch(f"{name}{value}") for name, value in named.items()):
        raise Malformed("unusual header")
    query = _pairs(parts.query)
    fields = _form(body, named)
    if any(name.startswith("_method") for name in (*query, *fields)):
        raise Malformed("method override")
    if body and method != "POST":
        raise Malformed("body where none belongs")
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return Call(method, origin, parts.path, target, query, fields, named)


def judge(call: Call, rules: Sequence[Rule]) -> str:
    """Why no rule lets ``call`` leave; empty when one does."""
    fitting = [rule for rule in rules if rule.method == call.method and rule.fits(call.path)]
    if not fitting:
        return "not on the allow-list"
    objections = [rule.objection(call) for rule in fitting]
    return "" if "" in objections else objections[0]


def template(path: str, rules: Iterable[Rule], words: frozenset[str]) -> str:
    """``path`` without anything that could be an id, a name or a word of a person.

    A path of a known form becomes that form; of any other only the known ``words`` remain.
    """
    known = list(rules)
    for rule in known:
        if rule.fits(path):
            return rule.path
    vocabulary = words.union(*(rule.path.split("/") for rule in known))
    segments = path.split("/")[1:9]
    return "/" + "/".join(part if part in vocabulary and part else ":other" for part in segments)
