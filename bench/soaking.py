# ruff: noqa: INP001 - a folder of scripts, not a package
"""Community managers for the soak: each signs in and answers cases by plain forms, as a browser sends them."""

import html
import http.client
import itertools
import re
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

OPENINGS = (
    "Danke für die Meldung, wir messen den Anschluss durch.",
    "Moin, in deiner Straße arbeitet heute jemand am Verteiler.",
    "Zieh bitte das Netzteil und steck es nach einer Minute wieder ein.",
    "Am Mast fehlt gerade Strom, die Kollegen vor Ort wechseln eine Platine.",
    "Aus deinem Ort kam bisher keine Meldung, deshalb sehen wir genauer nach.",
    "Deine Bestellung liegt beim Lager, der Bote kommt in den nächsten Tagen.",
    "Die Rechnung führt zwei Monate auf, weil der Wechsel mitten hinein fiel.",
    "Das Fernsehbild ruckelt, wenn die Box zu weit vom Router steht.",
    "Den Termin können wir verschieben, such dir einen anderen aus.",
    "So ein Warten am Telefon ärgert uns auch.",
    "Mit dem Kabel aus der Schachtel läuft es meist schneller als ohne.",
)
ENDINGS = (
    "Sag uns bitte, ob es danach besser wird.",
    "Leuchtet die Lampe am Gerät grün oder rot?",
    "Hast du es auch mit einem zweiten Rechner versucht?",
    "Den Stand dazu liest du auf unserer Seite.",
    "Magst du uns sagen, seit wann das so ist?",
    "Wir schreiben hier wieder, wenn wir mehr wissen.",
    "Hilft das schon weiter?",
    "Kam die Nachricht dazu bei dir an?",
    "Bleibt es dabei, melde dich bitte noch einmal in diesem Faden.",
    "Gib uns gern einen Tag, dann sehen wir wieder hin.",
)
_CASE = re.compile(r"/case/(\d+)[?\"]")
_DRAFT = re.compile(r'action="/draft/(\d+)/approve[^"]*"')
_VERSION = re.compile(r'name="version" value="(\d+)"')
_STATUS_REFUSED = 500


@dataclass
class Told:
    """What the managers met. Lists grow by one number a request; ``errors`` name what must not be."""

    pages_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)


class Manager(threading.Thread):
    """One person at the desk, until ``ended``: looks at a lane, opens a case, approves a reply or closes the case."""

    def __init__(self, port: int, name: str, password: str, told: Told, ended: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._port, self._password, self._told, self._ended = port, password, told, ended
        self._cookie = ""
        self._words = itertools.cycle(itertools.product(OPENINGS, ENDINGS))

    def run(self) -> None:
        """Work; whatever goes wrong is an error that the soak counts, and the next round goes on."""
        pause = 1.0
        while not self._ended.wait(pause):
            pause = 4.0
            try:
                if not self._cookie:
                    self._ask("POST", "/sign-in", {"name": self.name, "password": self._password})
                self._turn()
            except (OSError, http.client.HTTPException) as error:
                self._told.errors.append(f"{self.name}: {type(error).__name__}")

    def _turn(self) -> None:
        lane = secrets.choice(("help", "help", "complaint", "praise"))
        found = _CASE.findall(self._ask("GET", f"/?lane={lane}&state=new"))
        self._ask("GET", "/changes?since=0", live=True)
        if not found:
            return
        case = secrets.choice(found)
        self._ask("POST", f"/case/{case}/open", {})
        page = self._ask("GET", f"/case/{case}?lane={lane}")
        draft, version = _DRAFT.search(page), _VERSION.search(page)
        if draft is None or version is None:
            self._close(case)
            return
        self._ended.wait(2.0)  # the worker looks at the post meanwhile, as while a person reads
        text = " ".join(next(self._words)) + f" ^{self.name[:2].upper()}"
        to = self._ask("POST", f"/draft/{draft[1]}/approve", {"version": version[1], "text": text})
        self._told.acts["approved" if "told=queued" in to else "held"] += 1
        if "told=queued" not in to:
            self._close(case)

    def _close(self, case: str) -> None:
        self._ask("POST", f"/case/{case}/close", {"reason": "no_reply_needed"})
        self._told.acts["closed"] += 1

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None, *, live: bool = False) -> str:
        """One request; the page, or where a form led. Somebody being faster (409) is part of a day."""
        headers = {"Cookie": self._cookie, "Sec-Fetch-Site": "same-origin", "Accept-Language": "de"}
        headers |= {"X-Earshot-Live": "1"} if live else {}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({**form, "key": secrets.token_urlsafe(16)})
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            begin = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
            if method == "GET":
                self._told.pages_ms.append((time.perf_counter() - begin) * 1000)
            if answer.status >= _STATUS_REFUSED or answer.status == http.client.UNAUTHORIZED:
                self._told.errors.append(f"{method} {re.sub(r'[0-9]+', 'N', path)}: {answer.status}")
            if path == "/sign-in":
                self._cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
            return html.unescape(page) if method == "GET" else answer.getheader("Location") or ""
        finally:
            connection.close()
