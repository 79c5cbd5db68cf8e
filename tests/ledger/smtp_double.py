"""A mail server on the loopback interface that keeps the letters it gets."""

import email
import email.policy
import socketserver
import threading
from email.message import EmailMessage
from typing import Self


class PostOffice:
    """Takes mail over plain SMTP. ``refuses`` is a command that it answers with an error."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.letters: list[EmailMessage] = []
        self.people: list[str] = []
        self.heard = ""
        office = self

        class Counter(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                office.serve(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Counter)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self, counter: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            counter.wfile.write(f"{line}\r\n".encode())

        say("220 post office")
        while line := counter.rfile.readline().decode():
            self.heard += line
            word = line.split()[0].upper()
            if word == self.refuses:
                say("550 not here")
            elif word == "DATA":
                say("354 go on")
                self._keep(counter)
                say("250 kept")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                if word == "RCPT":
                    self.people.append(line.partition("<")[2].partition(">")[0])
                say("250 ok")

    def _keep(self, counter: socketserver.StreamRequestHandler) -> None:
        lines = []
        while (line := counter.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        letter = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
