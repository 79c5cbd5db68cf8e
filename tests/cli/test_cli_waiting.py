"""Being asked to end is heard at any moment, also at that of beginning to wait."""

import subprocess
import sys

ASKED_AT_ANY_MOMENT = """
import os, signal, threading
from bot.cli.waiting import End

for turn in range(400):
    end, begun = End(last_seconds=3_600), threading.Event()
    def ask():
        begun.wait()
        for _ in range(turn % 50 * 20):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
    threading.Thread(target=ask).start()
    begun.set()
    end.wait()
print("ended 400 times")
"""


def test_who_is_asked_while_beginning_to_wait_ends():
    code = [sys.executable, "-c", ASKED_AT_ANY_MOMENT]
    ran = subprocess.run(code, capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout == "ended 400 times\n", ran.stderr
