"""A server whose certificate nobody vouches for gets nothing, not even a request line."""

import datetime as dt
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.egress import MASTODON, Door
from bot.errors import Transient


@pytest.fixture
def self_signed(tmp_path):
    """A certificate for localhost that signs itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    born = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(born)
        .not_valid_after(born + dt.timedelta(days=9000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_an_unknown_certificate_is_refused_before_the_request_even_if_verification_is_switched_off(double, self_signed):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed)
    received = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                try:
                    with context.wrap_socket(connection, server_side=True) as secure:
                        received.append(secure.recv(1))
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"https://localhost:{listener.getsockname()[1]}"
        with Door("mastodon", [url], MASTODON, double.refusals) as door, pytest.raises(Transient, match="reached"):
            door.post(
                url + "/api/v1/statuses",
                data={"status": "x", "in_reply_to_id": "1", "visibility": "public"},
                verify=False,
            )
        thread.join()
    assert received in ([], [b""])
