"""A real https server on this machine, with a certificate that only these tests trust, and a folder set aside."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from leads.models import ListFeed
    from markets.models import Parish

ROLL = "PIN,Owner Name,Deeded Acres\n001,BOUDREAUX JEAN,2.5\n002,HEBERT ANN,1.5\n"
MAPPING = {"number": "PIN", "owner_name": "Owner Name", "acres": "Deeded Acres"}
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """What the server answers on each path, and what it was asked."""

    url: str = ""
    answers: dict[str, Answer | Callable[[Any], None]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def serve(self, path: str, text: str | bytes, status: int = 200, **headers: str) -> str:
        body = text.encode() if isinstance(text, str) else text
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, {"Content-Length": str(len(body))} | named, body)
        return f"{self.url}{path}"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """Key and certificate of 127.0.0.1, in one file that is the trust as well."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "this machine")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def site(certificate, settings) -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, dict(self.headers.items())))
            answer = found.answers.get(self.path, (404, {"Content-Length": "0"}, b""))
            if callable(answer):
                answer(self)
                return
            status, headers, body = answer
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, headers, body = 304, {"ETag": headers["ETag"]}, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that breaks off is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found.url = f"https://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.IMPORT_FEED_CA_FILE = str(certificate)
    settings.IMPORT_FEED_PRIVATE_ADDRESSES = True
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def root(tmp_path, settings) -> Path:
    """The folder set aside for lists."""
    folder: Path = tmp_path / "lists"
    (folder / "ebr").mkdir(parents=True)
    settings.IMPORT_FEED_ROOT = str(folder)
    settings.MEDIA_ROOT = tmp_path / "media"
    return folder


@pytest.fixture
def parish(db, settings, tmp_path) -> Parish:
    from tests.factories import ParishFactory

    settings.MEDIA_ROOT = tmp_path / "media"
    return ParishFactory(market__code="LA", market__name="Louisiana", name="East Baton Rouge")


@pytest.fixture
def a_feed(parish) -> Callable[..., ListFeed]:
    from leads.models import ListFeed

    def make(address: str = "ebr", **fields: Any) -> ListFeed:
        kind = "https" if address.startswith("https") else "folder"
        defaults = {"name": "EBR roll", "market": parish.market, "parish": parish, "source": "tax_roll", "active": True}
        feed: ListFeed = ListFeed.objects.create(**defaults | {"kind": kind, "address": address} | fields)
        return feed

    return make


@pytest.fixture
def known_columns(parish) -> None:
    """A person has said which column is what for lists with these columns."""
    from django.utils import timezone

    from leads.models import MappingProfile
    from tests.factories import UserFactory

    MappingProfile.objects.remember(
        parish.market, "tax_roll", ROLL.splitlines()[0].split(","), MAPPING, by=UserFactory(), now=timezone.now()
    )
