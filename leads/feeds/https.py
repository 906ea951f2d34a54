"""Fetching a list from an https address, if it has changed: in a stream, up to a size, within a time, from the public
network alone. A key goes to the address it was given for and to no other, wherever it redirects."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from ipaddress import IPv6Address, ip_address
from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import urllib3
from django.conf import settings
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from leads.feeds.found import FeedError, Fetched, copy_in
from leads.imports.files import size_text

MOST_REDIRECTS = 5
TIMEOUT = urllib3.Timeout(connect=10, read=30)
MOST_SECONDS = 15 * 60
"""For the whole of a list; a server that trickles is broken off."""
_BLOCK = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WEB_PAGE = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class Address:
    """Where the list is, and what was found there last."""

    url: str
    header_name: str = ""
    header_value: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Answer:
    """`fetched`: None when nothing has changed."""

    fetched: Fetched | None
    etag: str = ""
    last_modified: str = ""


def fetch_list(address: Address) -> Answer:
    """FeedError, in one line, when it cannot be had."""
    try:
        with _pool() as pool, _get(pool, address) as response:
            return _read(address, response)
    except HTTPError as error:
        raise FeedError(f"{check_url(address.url).hostname}: {_why(error)}") from None


def check_url(url: str) -> SplitResult:
    """FeedError unless it is an https address with a host and without a password in it."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise FeedError("this is not an address") from None
    if parts.scheme != "https":
        raise FeedError("the address must begin with https://")
    if not parts.hostname or port == 0:
        raise FeedError("the address names no server")
    if parts.username is not None:
        raise FeedError("a name or password does not belong in the address; use the key")
    return parts


class _CheckedConnection(urllib3.connection.HTTPSConnection):
    """Looks at whom it has reached before a byte is sent, so that no name can lead into our own network."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        try:
            _refuse_private(str(sock.getpeername()[0]), self.host)
        except BaseException:
            sock.close()
            raise
        return sock


class _CheckedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _CheckedConnection


def _refuse_private(peer: str, host: str) -> None:
    address = ip_address(peer.partition("%")[0])
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    if (not address.is_global or address.is_multicast) and not settings.IMPORT_FEED_PRIVATE_ADDRESSES:
        raise FeedError(f"{host} is on a private network, from which no lists are fetched")


def _pool() -> urllib3.PoolManager:
    pool = urllib3.PoolManager(timeout=TIMEOUT, retries=False, ca_certs=settings.IMPORT_FEED_CA_FILE or None)
    pool.pool_classes_by_scheme = {"https": _CheckedPool}
    return pool


def _get(pool: urllib3.PoolManager, address: Address) -> urllib3.BaseHTTPResponse:
    """The answer after redirects, each of them to https."""
    url = address.url.strip()
    for _ in range(MOST_REDIRECTS + 1):
        check_url(url)
        response = pool.request("GET", url, headers=_headers(address, url), redirect=False, preload_content=False)
        if response.status not in _REDIRECTS:
            return response
        response.close()
        url = urljoin(url, response.headers.get("Location", ""))
        if urlsplit(url).scheme != "https":
            raise FeedError(f"{check_url(address.url).hostname} redirects to an address that is not https")
    raise FeedError(f"{check_url(address.url).hostname} redirects more than {MOST_REDIRECTS} times")


def _headers(address: Address, url: str) -> dict[str, str]:
    headers = {"User-Agent": "LA-Land-Wholesale list feed", "Accept-Encoding": "identity"}
    if address.etag:
        headers["If-None-Match"] = address.etag
    if address.last_modified:
        headers["If-Modified-Since"] = address.last_modified
    if address.header_name and address.header_value and _origin(url) == _origin(address.url):
        headers[address.header_name] = address.header_value
    return headers


def _origin(url: str) -> tuple[str | None, int]:
    parts = check_url(url)
    return parts.hostname, parts.port or 443


def _read(address: Address, response: urllib3.BaseHTTPResponse) -> Answer:
    host = check_url(address.url).hostname or ""
    if response.status == 304:
        return Answer(None, address.etag, address.last_modified)
    if response.status != 200:
        raise FeedError(f"{host} answered {response.status}{_hint(response.status)}")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > settings.IMPORT_MAX_BYTES:
        raise FeedError(_too_large(host))
    fetched = copy_in(_name(response, address.url), _blocks(host, response))
    etag, changed = response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
    return Answer(fetched, etag if len(etag) <= 300 else "", changed if len(changed) <= 80 else "")


def _blocks(host: str, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    until, size = time.monotonic() + MOST_SECONDS, 0
    for block in response.stream(_BLOCK, decode_content=True):
        if not size and block.lstrip()[:20].lower().startswith(_WEB_PAGE):
            raise FeedError(f"{host} answered with a web page, not a list; it may want a log-in")
        size += len(block)
        if size > settings.IMPORT_MAX_BYTES:
            raise FeedError(_too_large(host))
        if time.monotonic() > until:
            raise FeedError(f"{host} was still sending after {MOST_SECONDS // 60} minutes")
        yield block


def _name(response: urllib3.BaseHTTPResponse, url: str) -> str:
    told = Message()
    told["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    name = PurePosixPath(told.get_filename("") or unquote(urlsplit(url).path)).name
    return "".join(letter for letter in name if letter.isprintable())[:200] or "list"


def _too_large(host: str) -> str:
    return f"{host} sends more than {size_text(settings.IMPORT_MAX_BYTES)}, which is more than may be imported"


def _hint(status: int) -> str:
    if status in (401, 403):
        return ": it wants a key, or another one"
    if status in (404, 410):
        return ": there is no such file"
    return ": the server is in trouble" if status >= 500 else ""


def _why(error: HTTPError) -> str:
    match error:
        case NameResolutionError():
            return "there is no such server"
        case SSLError():
            return "its certificate is not trusted"
        case NewConnectionError():
            return "the server cannot be reached"
        case ConnectTimeoutError() | ReadTimeoutError():
            return "no answer in time"
        case IncompleteRead():
            return "the file broke off"
    return "the file broke off" if "IncompleteRead" in repr(error) else "the connection failed"
