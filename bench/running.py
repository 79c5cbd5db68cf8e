# ruff: noqa: INP001 - a folder of scripts, not a package
"""Measurements of running processes: how fast the desk answers, and how much memory each one holds."""

import http.client
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from bench.houses import House

LANES = ("help", "complaint", "praise", "abuse", "threat", "scam", "listen")
WARM_UP = 10
_MB = 1024


@contextmanager
def running(house: House, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process of the house and the line with which it said that it is ready."""
    process = house.start(*words)
    said = process.stdout.readline() if process.stdout else ""
    try:
        yield process, said
    finally:
        process.terminate()
        process.communicate(timeout=30)


def port_of(said: str) -> int:
    """The port that a desk named when it was ready."""
    found = re.search(r":(\d+)", said)
    if found is None:
        raise RuntimeError(f"The desk did not start: {said!r}")
    return int(found[1])


def page_times(port: int, cookie: str, pages: int, meanwhile: subprocess.Popen[str] | None = None) -> list[float]:
    """Milliseconds that the pages of the lanes take, one after the other; ``meanwhile`` must still run."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times, lanes = [], cycle(LANES)
    for number in range(pages + WARM_UP):
        if meanwhile is not None and meanwhile.poll() is not None:
            break
        begin = time.perf_counter()
        connection.request("GET", f"/?lane={next(lanes)}", headers={"Cookie": f"earshot={cookie}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"The desk answered {answer.status}.")
        if number >= WARM_UP:
            times.append((time.perf_counter() - begin) * 1000)
    connection.close()
    return times


def resident_mb(process: subprocess.Popen[str]) -> float:
    """Megabytes of memory that a process holds, as Linux tells."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / _MB if found else 0.0


def processor_ms(process: subprocess.Popen[str]) -> float:
    """Milliseconds of processor time that a process has used: what others on the machine do does not count."""
    fields = Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def rest(seconds: float) -> None:
    """Let the processes work."""
    threading.Event().wait(seconds)
