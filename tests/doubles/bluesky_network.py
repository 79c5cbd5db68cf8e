"""A whole Bluesky network on the loopback interface: directory, server (PDS) and the view of all posts (AppView).

``shared_network`` starts one for all processes of a test run; ``Network.person`` makes an account on it, whose
``Person`` speaks plain XRPC without our door, as the customer's own app does.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests
from ports import free_port

HERE = "127.0.0.1"
POST = "app.bsky.feed.post"
READY_WITHIN = 180
"""Seconds; 5 are usual on an idle machine."""

SCRIPT = Path(__file__).with_suffix(".mjs")


def installed() -> Path | None:
    """The folder that tools/install_bluesky filled; ``None`` where it did not, or where a server is missing."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("EARSHOT_BLUESKY_DIR") or Path(cache) / "earshot" / "bluesky")
    whole = (folder / "installed").exists() and postgres("postgres") and shutil.which("redis-server")
    return folder if whole else None


def postgres(program: str) -> Path | None:
    """Where a program of PostgreSQL stands; Debian keeps them outside of PATH. The newest one counts."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return found[-1] if found else None


def within(seconds, look):
    """What ``look`` finds as soon as it finds something; asked again and again until the deadline."""
    ends = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > ends:
            return found
        time.sleep(0.1)


# one person of the network ------------------------------------------------------------------------


class Refused(Exception):
    """The network's answer was no success."""

    def __init__(self, answer: requests.Response):
        self.status, self.name = answer.status_code, answer.json().get("error", "")
        super().__init__(f"{self.status} {self.name}")


def xrpc(session: requests.Session, origin: str, method: str, *, body=None, **query) -> dict:
    """Ask ``method``, or post ``body`` to it."""
    address = f"{origin}/xrpc/{method}"
    if body is None:
        answer = session.get(address, params=query, timeout=10)
    else:
        answer = session.post(address, json=body, timeout=10)
    if not answer.ok:
        raise Refused(answer)
    return answer.json() if answer.content else {}


@dataclass(frozen=True)
class Person:
    """An account, signed in. ``app_password`` is what it would give to a program."""

    origin: str
    handle: str
    did: str
    password: str
    session: requests.Session

    def ask(self, method: str, **query) -> dict:
        return xrpc(self.session, self.origin, method, **query)

    def act(self, method: str, **body) -> dict:
        return xrpc(self.session, self.origin, method, body=body)

    def app_password(self) -> str:
        return self.act("com.atproto.server.createAppPassword", name="Earshot")["password"]

    def put(self, collection: str, record: dict, key: str = "") -> dict:
        """Write a record, over the one that stands at ``key``; returns its strong reference."""
        whole = {"$type": collection, "createdAt": now(), **record}
        place = {"repo": self.did, "collection": collection, "record": whole}
        if key:
            written = self.act("com.atproto.repo.putRecord", rkey=key, **place)
        else:
            written = self.act("com.atproto.repo.createRecord", **place)
        return {"uri": written["uri"], "cid": written["cid"]}

    def say(self, text: str, *, to: dict | None = None, root: dict | None = None, **more) -> dict:
        """Post ``text``; ``to`` and ``root`` are strong references of the post answered and of the thread's first."""
        reply = {"reply": {"root": root or to, "parent": to}} if to else {}
        return self.put(POST, {"text": text, **reply, **more})

    def tag(self, text: str, other: "Person", **more) -> dict:
        """Post ``text`` with ``other`` tagged in front."""
        named = f"@{other.handle}"
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": other.did}
        facets = [{"index": {"byteStart": 0, "byteEnd": len(named)}, "features": [feature]}]
        return self.say(f"{named} {text}", facets=facets, **more)

    def edit(self, post: dict, text: str) -> dict:
        return self.put(POST, {"text": text}, key_of(post))

    def delete(self, post: dict) -> None:
        self.act("com.atproto.repo.deleteRecord", repo=self.did, collection=POST, rkey=key_of(post))

    def shown(self, post: dict) -> dict | None:
        """The post as the network shows it to this person."""
        posts = self.ask("app.bsky.feed.getPosts", uris=post["uri"])["posts"]
        return posts[0] if posts else None

    def replies(self, post: dict) -> list[dict]:
        """The posts that this person sees right below ``post``."""
        thread = self.ask("app.bsky.feed.getPostThread", uri=post["uri"], depth=1)["thread"]
        return [each["post"] for each in thread.get("replies", ()) if "post" in each]


def key_of(post: dict) -> str:
    return post["uri"].rpartition("/")[2]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Network:
    """A running network: the origins of its server and of its view of all posts, and the processes it consists of."""

    pds: str
    appview: str
    pids: list[int]

    def person(self, name: str) -> Person:
        """A new account whose handle begins with ``name``; the whole network knows it."""
        session = requests.Session()
        session.trust_env = False
        handle, password = f"{name}-{secrets.token_hex(4)}.test", secrets.token_hex(12)
        body = {"email": f"{handle}@mail.test", "handle": handle, "password": password}
        made = xrpc(session, self.pds, "com.atproto.server.createAccount", body=body)
        session.headers["Authorization"] = f"Bearer {made['accessJwt']}"
        person = Person(self.pds, handle, made["did"], password, session)

        def known():
            with contextlib.suppress(Refused):
                return person.ask("app.bsky.actor.getProfile", actor=person.did)["handle"] == handle

        assert within(20, known), "the network does not get to know a new account"
        return person


# starting and stopping ----------------------------------------------------------------------------


def bound(signal_name: str, user: str = "") -> list[str]:
    """What stands in front of a command so that it ends with this process, however that ends, and runs as ``user``."""
    as_user = [f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    return ["setpriv", "--pdeathsig", signal_name, *as_user]


@contextlib.contextmanager
def running(name: str, folder: Path, stop: signal.Signals, command: list, **more) -> Iterator[subprocess.Popen]:
    """``command``, told to stop by ``stop`` in the end, and killed if it does not. Its words go to files of ``folder``.

    ``name``.out has its standard output, ``name``.log all else it says.
    """
    with (folder / f"{name}.out").open("w") as out, (folder / f"{name}.log").open("w") as log:
        started = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=log, start_new_session=True, **more
        )
    try:
        yield started
    finally:
        started.send_signal(stop)
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait(5)


@contextlib.contextmanager
def running_postgres(folder: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """A database server that forgets at once, and its address. It refuses to run as root: then it runs as its user."""
    user = "postgres" if os.geteuid() == 0 else ""
    data, port = folder / "postgres", free_port()
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user, user)
    init = [postgres("initdb"), "--pgdata", data, "--auth=trust", "--username=earshot", "--encoding=UTF8", "--no-sync"]
    subprocess.run([*bound("KILL", user), *init, "--locale=C"], cwd=data, check=True, capture_output=True)
    settings = {"listen_addresses": HERE, "port": port, "unix_socket_directories": "", "max_connections": 200}
    settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
    given = [f"--{name}={setting}" for name, setting in settings.items()]
    command = [*bound("INT", user), postgres("postgres"), "-D", data, *given]
    with running("postgres", folder, signal.SIGINT, command, cwd=data) as server:
        ready = [postgres("pg_isready"), "--host", HERE, "--port", str(port), "--timeout=1"]
        started = within(READY_WITHIN, lambda: not subprocess.run(ready, capture_output=True, check=False).returncode)
        assert started, "postgres did not start"
        yield server, f"postgresql://earshot@{HERE}:{port}/postgres"


@contextlib.contextmanager
def running_redis(folder: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """A Redis server that keeps nothing, and its address."""
    port = free_port()
    quiet = ["--bind", HERE, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", folder]
    with running("redis", folder, signal.SIGTERM, [*bound("TERM"), "redis-server", *quiet]) as server:

        def answers():
            with contextlib.suppress(OSError), socket.create_connection((HERE, port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            return False

        assert within(READY_WITHIN, answers), "redis did not start"
        yield server, f"{HERE}:{port}"


@contextlib.contextmanager
def running_network(programs: Path) -> Iterator[Network]:
    """A network whose programs stand in ``programs``; all that it writes is gone with it."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="earshot-bluesky-")))
        # The database's user must be able to reach its own folder in there.
        folder.chmod(0o711)
        database, database_url = stack.enter_context(running_postgres(folder))
        memory, memory_host = stack.enter_context(running_redis(folder))
        # Nothing else of this process's surroundings, such as a proxy, is the network's business.
        surroundings = {
            "DB_POSTGRES_URL": database_url,
            "REDIS_HOST": memory_host,
            "LOG_ENABLED": "false",
            "PATH": os.defpath,
            "TMPDIR": str(folder),
        }
        command = [*bound("TERM"), programs / "node" / "node", SCRIPT, programs / "network"]
        network = stack.enter_context(running("network", folder, signal.SIGTERM, command, env=surroundings))
        ready = folder / "network.out"
        within(READY_WITHIN, lambda: ready.read_text().endswith("\n") or network.poll() is not None)
        assert ready.read_text().endswith("\n"), f"the network did not start:\n{(folder / 'network.log').read_text()}"
        yield Network(**json.loads(ready.read_text()), pids=[database.pid, memory.pid, network.pid])


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def shared_network(folder: Path, programs: Path) -> Iterator[Network]:
    """One network for all processes that share ``folder``: the first one starts it and stops it when all have left.

    The system itself lets go of the locks of a process that dies, so nobody waits for one.
    """
    told, door = folder / "network.json", folder / "door"
    with (folder / "inside").open("w") as inside, contextlib.ExitStack() as own:
        with locked(door):
            fcntl.flock(inside, fcntl.LOCK_SH)
            starts = not told.exists()
            if starts:
                told.write_text(json.dumps(asdict(own.enter_context(running_network(programs)))))
        try:
            yield Network(**json.loads(told.read_text()))
        finally:
            if starts:
                # Who comes while this waits for the others stands at the door, and starts another one then.
                with locked(door):
                    fcntl.flock(inside, fcntl.LOCK_EX)
                    told.unlink()
                    own.close()
