"""The starter configuration: where it lies, and a copy of it for another brand with all its comments.

It writes only files that are not there yet. The values of the copy are put in exactly where the starter's stood.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.config.files import candidates
from bot.config.nodes import Leaf, Listing, Node, Table, find
from bot.config.yaml_marks import read_nodes
from bot.errors import EarshotError
from bot.model import Platform
from bot.watch.terms import TermError, parse_term

_NAME = "Fjordfon"
_LONGEST_NAME = 70
_SAMPLES = "samples/posts.jsonl"
_EXAMPLES = re.compile(r"^(?:not_)?about:\n(?:  .*\n)+", re.MULTILINE)
"""Examples are the demo brand's own posts: another brand has other customers and other namesakes."""
_PLAIN = re.compile(r"\w([\w '’.&+-]*\w)?")

_PLAYED = "# Recorded posts, played as if they came in now. Nothing leaves this machine."
_REAL = "# What is public there comes in here, and our public replies go out here."
"""What stands at a source: the starter's own comment goes with the starter's source."""

LINES: Mapping[Platform, tuple[str, ...]] = {
    Platform.REPLAY: (f"file: {_SAMPLES}", "posts_per_minute: 30"),
    Platform.MASTODON: ("server: {server}", "token: EARSHOT_MASTODON_TOKEN"),
    Platform.BLUESKY: ("app_password: EARSHOT_BLUESKY_PASSWORD",),
    Platform.REDDIT: (
        "client_id: EARSHOT_REDDIT_ID",
        "client_secret: EARSHOT_REDDIT_SECRET",
        "refresh_token: EARSHOT_REDDIT_TOKEN",
    ),
    Platform.LEMMY: ("server: {server}", "password: EARSHOT_LEMMY_PASSWORD"),
    Platform.DISCOURSE: ("server: {server}", "api_key: EARSHOT_DISCOURSE_KEY"),
}
"""Platforms that a handle is enough to begin with, and what else stands in their source."""

Edit = tuple[Node, str]
"""A node of the starter and the YAML that takes its place."""


def starter_dir() -> Path:
    """The folder of the starter configuration: in an installed wheel bot/starter, in a checkout config/."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "starter"
    return packaged if packaged.is_dir() else package.parent / "config"


def write_starter(target: Path, name: str, handles: Mapping[Platform, str], namesakes: Sequence[str]) -> None:
    """Write an annotated configuration for the brand ``name`` into ``target``; it loads without a fault.

    ``handles`` are our accounts, one a platform; a Mastodon handle carries its server, ``name@server``. The contacts
    become gaps, so that no reply leaves with a link that nobody has put in.

    Raises:
        EarshotError: a file exists already, or the name, a handle or a namesake cannot be used.
    """
    brand = _Newcomer(name, handles, namesakes)
    source = starter_dir()
    texts = {path: brand.rewritten(path, (source / path).read_text("utf-8")) for path in candidates(source)}
    copies = [_SAMPLES] if Platform.REPLAY in handles and (source / _SAMPLES).exists() else []
    for path in (*texts, *copies):
        if (target / path).exists():
            raise EarshotError(f"{path} exists already in the target folder. Choose an empty folder, or move it away.")
    try:
        for path, text in texts.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(text, "utf-8")
        for path in copies:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / path, target / path)
    except OSError as error:
        raise EarshotError(f"The configuration cannot be written: {error.strerror}.") from None


def quoted(text: str) -> str:
    """``text`` as a double-quoted YAML scalar; what does not print is escaped."""
    escaped = (
        f"\\{letter}" if letter in '"\\' else letter if letter.isprintable() else _escape(letter) for letter in text
    )
    return f'"{"".join(escaped)}"'


def _escape(letter: str) -> str:
    return f"\\U{ord(letter):08x}"


class _Newcomer:
    """The new brand's words, checked, and what they replace in each file."""

    def __init__(self, name: str, handles: Mapping[Platform, str], namesakes: Sequence[str]) -> None:
        self.name = name.strip()
        if not 0 < len(self.name) <= _LONGEST_NAME or any("\ud800" <= letter <= "\udfff" for letter in self.name):
            raise EarshotError(f"The brand's name needs 1 to {_LONGEST_NAME} characters.")
        self.accounts = {platform: _account(platform, handle) for platform, handle in handles.items()}
        self.handles = [f"@{handle}" for handle, _ in self.accounts.values()]
        self.heard = list(dict.fromkeys(_heard([self.name, *self.handles])))
        if not self.heard:
            raise EarshotError("No watch can hear this name: it has too few letters. Give a handle as well.")
        self.namesakes = [_namesake(namesake, self.heard) for namesake in namesakes]

    def rewritten(self, path: str, text: str) -> str:
        """The starter's file ``path`` with this brand in place of the demo brand."""
        if path.startswith("watches/"):
            text = _EXAMPLES.sub("", text)
        nodes, _ = read_nodes(text, path)
        edits = list(self._edits(path, nodes))
        for node, yaml in sorted(edits, key=lambda edit: -edit[0].start):
            text = text[: node.start] + yaml + text[node.end :]
        return text

    def _edits(self, path: str, nodes: Sequence[Node]) -> Iterator[Edit]:
        if path == "brand.yaml":
            yield from self._brand(nodes[0])
        elif path == "platforms.yaml":
            yield _value(nodes[0], "sources"), self._sources()
        elif path == "watches/brand.yaml":
            terms = [*self.heard, *(f"~{namesake}" for namesake in self.namesakes)]
            yield _value(nodes[0], "any"), _flow(terms)
        elif path.startswith("watches/"):
            yield from self._groups(nodes)

    def _brand(self, node: Node) -> Iterator[Edit]:
        yield _value(node, "name"), quoted(self.name)
        yield _value(node, "names"), _flow([self.name])
        yield _value(node, "products"), "[]"
        yield _value(node, "namesakes"), _flow(self.namesakes)
        yield _value(node, "domains"), "[]"
        yield _value(_value(node, "personal_data"), "customer_numbers"), "[]"
        yield _value(node, "accounts"), self._accounts()
        contacts = _value(node, "contacts")
        for contact in contacts.nodes if isinstance(contacts, Listing) else ():
            topic = _value(contact, "topic")
            yield _value(contact, "value"), quoted(f"[Link: {topic.text if isinstance(topic, Leaf) else ''}]")

    def _accounts(self) -> str:
        lines = [
            f"{platform.value}: [{{ handle: {quoted(handle)}, surface: {quoted(surface)} }}]"
            for platform, (handle, surface) in self.accounts.items()
        ]
        return "\n  ".join(lines) or "{}"

    def _sources(self) -> str:
        lines = []
        for platform, (handle, surface) in self.accounts.items():
            fields = [
                f"- kind: {platform.value}",
                _PLAYED if platform is Platform.REPLAY else _REAL,
                f"name: {platform.value}",
                f"account: {quoted(handle)}",
            ]
            fields += [line.format(server=quoted(surface)) for line in LINES[platform]]
            lines.append("\n    ".join(fields))
        return "\n  ".join(lines) or "[]"

    def _groups(self, nodes: Sequence[Node]) -> Iterator[Edit]:
        """Every group that ties a watch to the demo brand, tied to this one."""
        for node in nodes:
            groups = node.nodes.get("all") if isinstance(node, Table) else None
            for group in groups.nodes if isinstance(groups, Listing) else ():
                if isinstance(group, Listing) and any(isinstance(n, Leaf) and n.text == _NAME for n in group.nodes):
                    yield group, _flow(self.heard)


def _value(node: Node, key: str) -> Node:
    return find(node, (key,))[0]


def _flow(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def _account(platform: Platform, handle: str) -> tuple[str, str]:
    """Handle without "@" and server. Only handles of one word can be mentioned by anybody."""
    word, _, surface = handle.strip().removeprefix("@").partition("@")
    if not re.fullmatch(r"[\w.-]{1,60}", word) or (surface and not re.fullmatch(r"[\w.-]{1,80}(:\d{1,5})?", surface)):
        raise EarshotError(f"The {platform.value} handle needs letters, digits, dots and hyphens only.")
    if not surface and any("{server}" in line for line in LINES[platform]):
        raise EarshotError(f"Write the {platform.label} handle with its server: name@server.")
    return word, surface


def _heard(texts: Sequence[str]) -> Iterator[str]:
    """The texts as terms: their words with nothing between them that terms have a meaning for."""
    for text in texts:
        term = text if text.startswith("@") else _words(text)
        try:
            parse_term(term)
        except TermError:
            continue
        yield term


def _words(text: str) -> str:
    """The text if it has only letters and what stands between them in names, else its words alone."""
    return text if _PLAIN.fullmatch(text) else " ".join(re.findall(r"\w+", text))


def _namesake(text: str, heard: Sequence[str]) -> str:
    term = _words(text)[:_LONGEST_NAME].strip()
    parse_term(term)
    if term.casefold() in [each.casefold() for each in heard]:
        raise EarshotError("A namesake cannot be the brand's own name: nothing would be heard any more.")
    return term
