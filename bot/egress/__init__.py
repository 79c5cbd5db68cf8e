"""The one HTTP door of the house: nothing reaches a platform but through it.

It owns which requests may leave (an allow-list per platform and, independent of it, a list of private
acts that never leave), to which hosts, for how long and how large an answer may be, and what an answer
means in ``bot.errors``. It must not know what the answers say, nor keep or log anything of them.
"""

from bot.egress.door import Door, DoorAdapter
from bot.egress.mastodon import MASTODON, MASTODON_SCOPES
from bot.egress.rules import Rule

__all__ = ["MASTODON", "MASTODON_SCOPES", "Door", "DoorAdapter", "Rule"]
