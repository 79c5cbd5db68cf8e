"""What every publisher does alike: the checks before it asks anything, and what it says of a post that it looked at."""

from collections.abc import Collection, Iterable
from typing import Final

from bot.errors import Gone, Permanent
from bot.model import Consent, Mention, PostStatus, Receipt, Target, Visibility
from bot.text import post_hash

SKEW_MS: Final = 60_000
"""How far a platform's clock may be behind ours for ``find``; some cut their dates to whole seconds besides."""

PUBLIC: Final = frozenset({Visibility.PUBLIC})


def check_place(what: Target | Receipt, surface: str, account: str) -> None:
    """Whether ``what`` is the business of our ``account`` on ``surface``.

    Raises:
        Permanent: it is another account's.
    """
    if (what.surface.lower(), what.account.removeprefix("@").lower()) != (surface.lower(), account.lower()):
        raise Permanent("This publisher writes as another account or in another place.")


def check(consent: Consent, now: int, readable: Collection[Visibility] = PUBLIC) -> None:
    """What must hold of a consent at ``now`` (UTC milliseconds); ``readable`` is what counts as public there.

    Raises:
        Permanent: it does not hold.
    """
    if consent.target.visibility not in readable:
        raise Permanent("The post is not public, so there is no public reply to it.")
    if now > consent.valid_until:
        raise Permanent("The consent has run out.")


def absent(now: int, refusal: Permanent | None = None) -> PostStatus:
    """What is said of a post that is gone (``http_status`` 404), or that a plain ``refusal`` keeps from us (403).

    Raises:
        Permanent: ``refusal`` itself, if it tells of us or of our door and not of the post.
    """
    if refusal is None or isinstance(refusal, Gone):
        return PostStatus(checked_at=now, exists=False, http_status=404)
    if type(refusal) is Permanent:
        return PostStatus(checked_at=now, exists=None, http_status=403)
    raise refusal


def standing(now: int, mention: Mention, readable: Collection[Visibility] = PUBLIC) -> PostStatus:
    """What a post says of itself that stands there; of one that is not ``readable``, no words."""
    shown = mention.visibility in readable
    return PostStatus(
        checked_at=now,
        exists=True,
        visibility=mention.visibility,
        http_status=200,
        text_hash=post_hash(mention.text) if shown else "",
        text=mention.text if shown else "",
        edited_at=mention.edited_at,
        author_is_bot=mention.author.is_bot,
        author_opted_out=mention.author.opted_out,
    )


def newest(receipts: Iterable[Receipt | None], since: int) -> Receipt | None:
    """The newest receipt since ``since`` (UTC milliseconds), by a clock that may be ``SKEW_MS`` behind."""
    found = (receipt for receipt in receipts if receipt is not None and receipt.at >= since - SKEW_MS)
    return max(found, key=lambda receipt: receipt.at, default=None)
