"""What a person does on each platform before Earshot can work there: steps, the leave to give and why. Data only.

Sources: the platforms' own documentation; facts and dates as the README's page of each platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import Platform


@dataclass(frozen=True, slots=True)
class Guide:
    """One platform. ``leave`` names each scope or right with what it is for; ``off`` what stays off, and until when."""

    steps: tuple[str, ...]
    leave: tuple[tuple[str, str], ...] = ()
    off: str = ""


GUIDES: Mapping[Platform, Guide] = {
    Platform.MASTODON: Guide(
        steps=(
            (
                "Create the account on its server, mark it as automated if drafts come from a model, and say in its bio"
                " who runs it, that people approve every reply, and how to opt out."
            ),
            "Open the page shown below, sign in as that account and copy the code that the server shows.",
        ),
        leave=(
            ("read:accounts", "to see that the token belongs to the account"),
            ("read:follows", "to see who blocks us, so that we stay away"),
            ("read:notifications", "to hear mentions"),
            ("read:search", "to search, where the server offers it"),
            ("read:statuses", "to look at a post again right before answering"),
            ("write:statuses", "to publish a reply and to take it back"),
        ),
    ),
    Platform.REDDIT: Guide(
        steps=(
            "Ask Reddit for approval under its Responsible Builder Policy and wait for the answer.",
            "Create an app of type 'web app' or 'script' as the account that answers; note its id and secret.",
            "Get a refresh token for that account with the scopes below.",
        ),
        leave=(
            ("identity", "to see that the token belongs to the account"),
            ("read", "to read public posts and comments"),
            ("history", "to find our own reply after an answer was lost"),
            ("submit", "to publish a comment"),
            ("edit", "to take a comment back"),
            (
                "privatemessages",
                (
                    "only if mentions and replies to us are read: Reddit keeps them in the inbox. Private messages are"
                    " never asked for, and the door refuses them. Without it, set 'mentions' and 'replies' to false"
                ),
            ),
        ),
        off="Replies stay off until 'approval' in platforms.yaml names Reddit's approval.",
    ),
    Platform.X: Guide(
        steps=(
            (
                "In X's developer console create a project and an app as the account that answers; choose 'Read and"
                " write' and not 'and Direct Messages'."
            ),
            "Label the account as automated if drafts come from a model, and link the person or company behind it.",
            (
                "Note the bearer token for reading and the four OAuth 1.0a keys for writing. Leave the four empty below"
                " to listen only."
            ),
        ),
        leave=(
            ("Read and write", "to read public posts, to publish a reply and to take it back"),
            ("no Direct Messages", "nothing here ever needs them"),
        ),
        off="Replies go only to posts that mention or quote the account. What only a keyword found is listened to.",
    ),
    Platform.BLUESKY: Guide(
        steps=(
            (
                "Create the account, add the self-label 'bot' if drafts come from a model, and say in its profile who"
                " runs it and how to opt out."
            ),
            "In Settings, Privacy and security, App passwords: add one WITHOUT access to direct messages.",
        ),
        leave=(("app password", "to read notifications, to publish a reply and to take it back"),),
        off="Replies go only to posts that tag the account.",
    ),
    Platform.DISCOURSE: Guide(
        steps=(
            "On the forum, as its administrator: create the account that answers.",
            "Admin, API, New API key: user level 'single user' (that account), scope 'global'.",
        ),
        leave=(
            ("global", "to see whose key it is, and which of our replies wait for moderators"),
            ("global", "to reply in a public topic, and to take a reply back"),
        ),
        off="Replies stay off until 'owned' is true or 'host_agreed' names who allowed them.",
    ),
    Platform.LEMMY: Guide(
        steps=(
            (
                "Create the account on its instance, tick 'bot account' if drafts come from a model, say in its bio who"
                " runs it."
            ),
            "Lemmy has no scopes: the password signs in as the whole account. Use it for nothing else.",
        ),
        leave=(("password", "to read, to reply in public, to take a reply back"),),
    ),
}
"""Platforms that need credentials. All others are read without."""
