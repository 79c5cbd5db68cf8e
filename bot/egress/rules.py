"""What a request is, reduced to what rules can judge, and the allow-list that judges it.

Pure: no network, no clock. It owns the reading of a request and the shape of a rule; which requests a
platform needs stands in that platform's own file.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Fields = Mapping[str, tuple[str, ...]]

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
DEEPEST: Final = 8
"""Levels of a JSON body. A reply with its strong references and facets has five."""
MOST_FIELDS: Final = 400
PORTS: Final = {"http": 80, "https": 443}

_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
_REROUTES = frozenset({"host", "transfer-encoding", "cookie", "proxy-authorization"})
_PATH = re.compile(r"/|(?:/\.?[A-Za-z0-9_%~@-][A-Za-z0-9_.%~@:+,-]*)+/?")
_QUERY = re.compile(r"[!-~]*")
_HEADER = re.compile(r"[\t -~]*")
PARAMETERS: Final = {
    # The id forms of Mastodon, Pleroma, GoToSocial and snac2: digits, base 62, ULIDs, hexadecimal.
    ":id": r"[A-Za-z0-9_-]{1,64}",
    # Where words stand beside ids that only have digits, such as /posts/destroy_many.
    ":number": r"[0-9]{1,20}",
    ":name": r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}",
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
        path: template; ``:id`` stands for one id, ``:number`` for one of digits only, ``:name`` for one person's
            name, ``:tag`` for one hashtag.
        query: names that the query may hold.
        body: names that the body may hold. Those of a JSON body are paths, ``reply.parent.uri``, and ``facets[].``
            in lists; a name that ends in ``*`` stands for everything that begins so.
        needs: names that must be there, once and not empty.
        exact: name -> the only values it may have; the name must be there.
        begins: name -> what each of its values must begin with; the name must be there.
        many: names of the query that may stand there more than once: a list, as XRPC writes it.
        creates: whether a lost answer leaves open if something was created. A POST that logs in or reads does not.
        json: whether the answer must be JSON.
        bucket: which of the platform's allowances it spends, where there are several.
        told_as: how a refusal calls it where the path itself is nobody's business; else the path.
    """

    method: str
    path: str
    query: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    exact: Mapping[str, frozenset[str]] = field(default_factory=dict)
    begins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    many: frozenset[str] = frozenset()
    creates: bool = True
    json: bool = True
    bucket: str = ""
    told_as: str = ""

    @property
    def writing(self) -> bool:
        """Whether it creates something."""
        return self.method == "POST" and self.creates

    def fits(self, path: str) -> bool:
        """Whether ``path`` is of this rule's form, whatever the method."""
        parts = re.split(f"({'|'.join(PARAMETERS)})", self.path)
        pattern = "".join(PARAMETERS.get(part, re.escape(part)) for part in parts)
        return re.fullmatch(pattern, path) is not None and (":tag" in self.path or "%" not in path)

    def objection(self, call: Call) -> str:
        """Why ``call``, whose path and method fit, may not leave; empty when it may."""
        if not call.query.keys() <= self.query:
            return "unexpected field in the query"
        open_ended = tuple(name.removesuffix("*") for name in self.body if name.endswith("*"))
        if any(name not in self.body and not (open_ended and name.startswith(open_ended)) for name in call.body):
            return "unexpected field in the body"
        fields = {**call.query, **call.body}
        if any(len(values) != 1 for name, values in fields.items() if "[]" not in name and name not in self.many):
            return "field given twice"
        if any(not fields.get(name, ("",))[0] for name in self.needs):
            return "missing field"
        other = any(not set(fields.get(name, ("",))) <= values for name, values in self.exact.items())
        elsewhere = any(
            not value.startswith(starts) for name, starts in self.begins.items() for value in fields.get(name, ("",))
        )
        return "value not allowed" if other or elsewhere else ""


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


def _leaves(value: object, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every value of a JSON body with the path to it."""
    if depth > DEEPEST:
        raise Malformed("body is nested too deep")
    if isinstance(value, dict):
        for name, inner in value.items():
            if not re.fullmatch(r"\$?[A-Za-z_]{1,60}", name):
                raise Malformed("unusual name in the body")
            yield from _leaves(inner, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, f"{path}[]", depth + 1)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _json(body: str | bytes) -> Fields:
    try:
        value = json.loads(body, object_pairs_hook=_once)
    except Malformed:
        raise
    except (ValueError, RecursionError):
        raise Malformed("body is not readable JSON") from None
    if not isinstance(value, dict):
        raise Malformed("body is not an object")
    found: dict[str, tuple[str, ...]] = {}
    for count, (name, leaf) in enumerate(_leaves(value, "", 0)):
        if count >= MOST_FIELDS:
            raise Malformed("body has too many fields")
        found[name] = (*found.get(name, ()), leaf)
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose names all differ: of two equal ones a server may read either."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise Malformed("field given twice")
    return dict(pairs)


def _fields(body: str | bytes | None, headers: Mapping[str, str]) -> Fields:
    """The body's fields, of a form or a JSON object. Nothing else leaves the house."""
    if not body:
        return {}
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not isinstance(body, str | bytes) or kind not in {FORM, JSON}:
        raise Malformed("body is neither a form nor JSON")
    if kind == JSON:
        return _json(body)
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
    fields = _fields(body, named)
    if any(name.startswith("_method") for name in (*query, *fields)):
        raise Malformed("method override")
    if body and method != "POST":
        raise Malformed("body where none belongs")
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return Call(method, origin, parts.path, target, query, fields, named)


def judge(call: Call, rules: Sequence[Rule]) -> Rule | str:
    """The rule that lets ``call`` leave, or why none does."""
    fitting = [rule for rule in rules if rule.method == call.method and rule.fits(call.path)]
    if not fitting:
        return "not on the allow-list"
    objections = [rule.objection(call) for rule in fitting]
    return fitting[objections.index("")] if "" in objections else objections[0]


def template(path: str, rules: Iterable[Rule], words: frozenset[str]) -> str:
    """``path`` without anything that could be an id, a name or a word of a person.

    A path of a known form becomes that form; of any other only the known ``words`` remain.
    """
    known = list(rules)
    for rule in known:
        if rule.fits(path):
            return rule.told_as or rule.path
    vocabulary = words.union(*(rule.path.split("/") for rule in known if not rule.told_as))
    segments = path.split("/")[1:9]
    return "/" + "/".join(part if part in vocabulary and part else ":other" for part in segments)
