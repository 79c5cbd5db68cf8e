"""Checkpoints by mail to named people: the last one of each day. The only mail that Earshot sends."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

MAIL_SECONDS = 20
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class MailPlace:
    """A mail server, and the people who get the checkpoints.

    ``password`` is used over TLS only: from the start with ``tls``, else after STARTTLS.
    """

    host: str
    port: int
    sender: str
    people: tuple[str, ...]
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    name: str = "mail"
    every_ms: int = DAY_MS

    def take(self, notes: Sequence[tuple[int, str]]) -> str:
        """See ``Place.take``. The last checkpoint speaks for all before it."""
        try:
            self._send(_letter(self.sender, self.people, *notes[-1]))
        except (smtplib.SMTPException, OSError) as error:
            return f"the mail server {self.host} did not take the mail ({type(error).__name__})"
        return ""

    def _send(self, letter: EmailMessage) -> None:
        connect = smtplib.SMTP_SSL if self.tls else smtplib.SMTP
        with connect(self.host, self.port, local_hostname="earshot", timeout=MAIL_SECONDS) as server:
            server.ehlo()
            if not self.tls and server.has_extn("starttls"):
                server.starttls()
                server.ehlo()
            elif not self.tls and self.user:
                raise smtplib.SMTPNotSupportedError("A password never travels without TLS.")
            if self.user:
                server.login(self.user, self.password)
            server.send_message(letter)


def _letter(sender: str, people: Sequence[str], size: int, note: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = sender, ", ".join(people)
    letter["Subject"] = f"Earshot: checkpoint of {size} entries"
    letter.set_content(
        "Bitte aufheben: Mit diesem Prüfpunkt lässt sich zeigen, ob das Protokoll später gekürzt oder umgeschrieben "
        "wurde.\n\nPlease keep this: with this checkpoint anybody can show whether the ledger was cut or rewritten "
        f"later.\n\n{note}"
    )
    name = f"{size:020d}.checkpoint"
    letter.add_attachment(note.encode(), maintype="application", subtype="octet-stream", filename=name)
    return letter
