"""What really leaves: a mail to a real mail server, a post to a real webhook, and nothing anywhere else."""

import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from clocks import FakeClock
from pydantic import SecretStr
from tents import HouseInATent, pitch, post

from bot.config.protection import Chain, Paged, Protection
from bot.errors import EarshotError, Permanent, Transient
from bot.model import Notice
from bot.notifiers.apprise import AppriseNotifier
from bot.protect import paging
from bot.store import pages

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""Apprise's plug-ins load it where it still exists."""

NOTICE = Notice(
    "Earshot: Drohung, Fall 7", "Drohung: Fall 7.\n\nIch kümmere mich: https://desk.example/ack/abc", urgent=True
)
THREAT = "@fjordfon_hilft Morgen komme ich mit der Axt in eure Filiale, Fliederbusch!"
SECRET = "fliederbusch-token"


def mail_to(port: int, people: str = "oncall@brand.example") -> str:
    return f"mailto://127.0.0.1:{port}?from=earshot@brand.example&to={people}"


def test_a_mail_arrives_whole_and_from_whom_the_address_says(mailbox) -> None:
    box, port = mailbox
    AppriseNotifier(mail_to(port)).notify(NOTICE)
    [mail] = box.mails
    body = mail.get_payload(decode=True) or mail.get_payload(0).get_payload(decode=True)
    assert str(mail["To"]) == "oncall@brand.example"
    assert "earshot@brand.example" in str(mail["From"])
    assert "Ich kümmere mich: https://desk.example/ack/abc" in body.decode("utf-8")
    assert "github" not in str(mail)


def test_a_webhook_gets_the_words_and_no_picture_from_elsewhere(hook) -> None:
    AppriseNotifier(f"json://{hook.address}/hook").notify(NOTICE)
    [body] = hook.bodies
    told = json.loads(body)
    assert (told["title"], told["message"]) == (NOTICE.subject, NOTICE.body)
    assert b"github" not in body


@pytest.mark.parametrize("code", [301, 400, 401, 404, 429, 500, 503])
def test_what_the_other_side_does_not_take_is_to_be_tried_again(hook, code: int) -> None:
    hook.code = code
    with pytest.raises(Transient):
        AppriseNotifier(f"json://{hook.address}/hook").notify(NOTICE)


def test_no_redirect_is_followed_to_a_place_that_nobody_configured(hook) -> None:
    hook.code, hook.location = 307, f"http://{hook.address}/elsewhere"
    with pytest.raises(Transient):
        AppriseNotifier(f"json://{hook.address}/hook").notify(NOTICE)
    assert hook.paths == ["/hook"]


def test_nobody_listening_is_to_be_tried_again_and_no_log_tells_the_secret(caplog) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with caplog.at_level(logging.INFO), caplog.at_level(logging.DEBUG, "apprise"), pytest.raises(Transient) as told:
            AppriseNotifier(f"json://user:{SECRET}@127.0.0.1:{port}/{SECRET}?+X-Key={SECRET}").notify(NOTICE)
    assert SECRET not in caplog.text
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("address", ["", "nonsense", "foo://bar", "mailto://", "://", "\x00"])
def test_an_address_that_apprise_cannot_read_is_refused_without_being_told(address: str) -> None:
    with pytest.raises(Permanent) as told:
        AppriseNotifier(address)
    assert "apprise" in str(told.value).lower()


# the whole way --------------------------------------------------------------------------------------


def house(tmp_path: Path, clock: FakeClock, secrets: dict[str, str]) -> HouseInATent:
    tent = pitch(tmp_path, clock)
    oncall = Paged(name="On-call", channels=("EARSHOT_PAGE_HOOK", "EARSHOT_PAGE_MAIL"), language="de")
    board = Paged(name="Board", channels=("EARSHOT_PAGE_BOARD",), language="en")
    protection = Protection(threat=Chain(first=(oncall, board)))
    tent.config = tent.config.model_copy(update={"protection": protection})
    found: Callable[[str], SecretStr | None] = lambda name: SecretStr(secrets[name]) if name in secrets else None  # noqa: E731
    object.__setattr__(tent.wiring, "secrets", found)
    return tent


def page(tent: HouseInATent) -> None:
    paging.run(tent.store, tent.wiring.pager(tent.config), tent.clock)


def test_from_a_post_to_mail_and_webhook_and_not_a_word_of_the_customer_in_either(
    tmp_path: Path, clock: FakeClock, mailbox, hook
) -> None:
    box, port = mailbox
    tent = house(
        tmp_path, clock, {"EARSHOT_PAGE_HOOK": f"json://{hook.address}/h", "EARSHOT_PAGE_BOARD": mail_to(port)}
    )
    tent.hear(post("1", "boeser_kunde", THREAT, url="https://social.example/@boeser_kunde/1"))
    page(tent)
    number = tent.case("boeser_kunde")["id"]
    assert json.loads(hook.bodies[0])["title"] == f"Earshot: Drohung, Fall {number}"
    assert str(box.mails[0]["Subject"]) == f"Earshot: threat, case {number}"
    wire = hook.bodies[0] + b"".join(part.get_payload(decode=True) or b"" for part in box.mails[0].walk())
    for word in (b"boeser_kunde", b"Fliederbusch", b"Axt", b"social.example"):
        assert word not in wire
    assert (len(hook.bodies), len(box.mails)) == (1, 1)
    assert tent.said() == [], "a customer reads nothing of it"


def test_a_webhook_that_is_down_gives_way_to_the_mail(tmp_path: Path, clock: FakeClock, mailbox, hook) -> None:
    box, port = mailbox
    hook.code = 503
    secrets = {"EARSHOT_PAGE_HOOK": f"json://{hook.address}/h", "EARSHOT_PAGE_MAIL": mail_to(port)}
    tent = house(tmp_path, clock, secrets | {"EARSHOT_PAGE_BOARD": mail_to(port, "board@brand.example")})
    tent.hear(post("1", "kim", THREAT))
    page(tent)
    assert sorted(str(mail["To"]) for mail in box.mails) == ["board@brand.example", "oncall@brand.example"]


def test_a_secret_that_is_not_set_is_a_channel_that_is_down(tmp_path: Path, clock: FakeClock, hook, caplog) -> None:
    tent = house(tmp_path, clock, {"EARSHOT_PAGE_BOARD": f"json://{hook.address}/h"})
    tent.hear(post("1", "kim", THREAT))
    page(tent)
    assert len(hook.bodies) == 1
    assert [row["contact"] for row in pages.failing(tent.store)] == ["On-call"]
    assert "EARSHOT_PAGE_HOOK" in caplog.text
    with pytest.raises(EarshotError, match="EARSHOT_PAGE_HOOK is not set"):
        tent.wiring.notifier("EARSHOT_PAGE_HOOK")
