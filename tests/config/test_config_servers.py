"""Which servers a source may name: a host over TLS, or this machine."""

import pytest
from test_config_faults import BRAND, CONTACT, MASTODON

from bot.config.load import load


def with_server(server):
    """A brand and a Mastodon source on ``server``."""
    brand = BRAND.replace("  replay:\n    - handle: fjordfon_hilft\n", "  mastodon:\n    - handle: a\n") + CONTACT
    source = MASTODON.replace("server: s\n", f'server: "{server}"\n') + "    token: EARSHOT_TOKEN\n"
    return {"brand.yaml": brand, "platforms.yaml": source}


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        ("http://social.example", "A token never travels over http."),
        ("HTTP://127.0.0.1.evil.example", "A token never travels over http."),
        *(
            (server, "Write the server alone")
            for server in (
                "https://social.example/", "https://social.example/api", "social.example/x", "social.example?x=1",
                "https://social.example?", "social.example#x", "us@social.example", "https://us:key@social.example",
                "ftp://social.example", "social.example:port", "https://", "social example", "https://[::1",
            )
        ),
    ],
)  # fmt: skip
def test_a_server_is_a_host_reached_over_tls(faults, server, sentence):
    (fault,) = faults(with_server(server))
    assert fault.startswith(f"platforms.yaml:4:13: {sentence}")


@pytest.mark.parametrize(
    "server",
    ["social.example", "social.example:8443", "https://social.example", "http://127.0.0.1:5000", "http://localhost:1",
     "http://[::1]:5000"],
)  # fmt: skip
def test_a_server_by_name_over_tls_or_on_this_machine_is_none(write, server):
    assert load(write(with_server(server))).platforms.sources[0].server == server
