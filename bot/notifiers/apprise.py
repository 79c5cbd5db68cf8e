"""Mail, chat, webhook and phone push through apprise: one address, one notifier."""

import logging

import apprise

from bot.errors import Permanent, Transient
from bot.model import Notice

MOST_SECONDS = 8.0
"""An address may ask for less time to connect or to answer, never for more: the next channel waits behind it."""


# It logs addresses with what is secret in them; that a channel failed is said where the page is sent.
logging.getLogger("apprise").disabled = True


class AppriseNotifier:
    """Sends to one address as apprise writes it. The address holds a password or a token and is never told."""

    def __init__(self, address: str) -> None:
        """Understand ``address``.

        Raises:
            Permanent: apprise cannot read it.
        """
        # No pictures from elsewhere, no keys made on the way, and no redirect to a place that nobody configured.
        asset = apprise.AppriseAsset(
            app_id="Earshot",
            app_desc="Earshot",
            app_url="",
            image_url_mask="",
            image_url_logo="",
            http_redirects=False,
            pgp_autogen=False,
            pem_autogen=False,
        )
        channel = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        if channel is None:
            raise Permanent("Apprise cannot read the address of this channel.")
        channel.socket_connect_timeout = min(channel.socket_connect_timeout, MOST_SECONDS)
        channel.socket_read_timeout = min(channel.socket_read_timeout, MOST_SECONDS)
        self._channel = channel

    def notify(self, notice: Notice) -> None:
        """Deliver ``notice``; see ``ports.Notifier``.

        Raises:
            Transient: the other side did not take it.
        """
        urgency = apprise.NotifyType.WARNING if notice.urgent else apprise.NotifyType.INFO
        taken = self._channel.notify(
            title=notice.subject, body=notice.body, notify_type=urgency, body_format=apprise.NotifyFormat.TEXT
        )
        if not taken:
            raise Transient("The channel did not take the page.")
