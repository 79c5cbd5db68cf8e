"""Which of our accounts a post addresses: its reply leaves from that one, whichever source heard it. Pure."""

from bot.config.models import Account, ConfigSet, Source
from bot.model import Mention, Platform


def addressee(config: ConfigSet, mention: Mention, source: str) -> tuple[str, str]:
    """The source and the account that a post belongs to: where it was heard, unless it addresses another of ours.

    Only accounts on the same server can answer it: elsewhere the post has another id.
    """
    heard_by = _answering(config, next((each for each in config.platforms.sources if each.name == source), None))
    source = heard_by.name if heard_by else source
    addressed = {name.lower() for name in (*mention.own_mentions, mention.parent_author_id) if name}
    if mention.quoted and mention.quoted.author_id:
        addressed.add(mention.quoted.author_id.lower())
    if heard_by is None or not addressed or _names(config, heard_by) & addressed:
        return source, mention.account
    for other in config.platforms.sources:
        if _same_place(other, heard_by) and _names(config, other) & addressed:
            return other.name, other.account
    return source, mention.account


def _answering(config: ConfigSet, heard_by: Source | None) -> Source | None:
    """The source itself; for a stream of the whole network the one of the account that answers there."""
    if heard_by is None or heard_by.kind is not Platform.JETSTREAM:
        return heard_by
    twins = (each for each in config.platforms.sources if each.kind is Platform.BLUESKY)
    return next((each for each in twins if each.account == heard_by.account), heard_by)


def _same_place(one: Source, other: Source) -> bool:
    """Whether posts have the same ids where both listen. Each archive is a place of its own."""
    return (
        one.kind is not Platform.ARCHIVE
        and one.kind is other.kind
        and getattr(one, "server", "") == getattr(other, "server", "")
    )


def _names(config: ConfigSet, source: Source) -> set[str]:
    """What the account of a source is called on its server, in lower case."""
    known = config.brand.accounts.get(source.kind, ())
    ours = [each for each in known if each.handle == source.account] or [Account(handle=source.account or "-")]
    return {name.lower() for each in ours for name in (each.handle, each.id) if name}
