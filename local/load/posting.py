"""A client that costs little: signed requests made beforehand, kept-alive connections, bytes in and bytes out.

Run as a module it is a process of its own, so that it does not hold up what it measures:
`python -m local.load.posting URL TOKEN CLIENTS SECONDS REQUESTS` prints status counts and latencies as JSON.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

FROM, TO = "+12252009999", "+12255550140"
RETRY_SECONDS = 0.05
PATIENCE = 30.0
"""Seconds after the end for what was not taken yet."""


@dataclass
class Tally:
    """`sids` are those that were taken in the end; `refused` counts answers that asked to come again."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    sids: list[str] = field(default_factory=list)


def make_requests(url: str, token: str, prefix: str, count: int) -> list[tuple[str, bytes]]:
    """(sid, the request as it goes over the wire)."""
    validator = RequestValidator(token)
    return [_request(validator, url, f"SM{prefix}{number:0{32 - len(prefix)}x}") for number in range(count)]


def _request(validator: RequestValidator, url: str, sid: str) -> tuple[str, bytes]:
    form = {"MessageSid": sid, "From": FROM, "To": TO, "Body": "How much would you pay for it?", "NumMedia": "0"}
    body, parts = urlencode(form).encode(), urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Twilio-Signature: "
        f"{validator.compute_signature(url, form)}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return sid, head.encode() + body


class Client(threading.Thread):
    """Posts one request after the other until the time or the requests are up; what is not taken is posted again."""

    def __init__(self, url: str, requests: list[tuple[str, bytes]], until: float) -> None:
        super().__init__(daemon=True)
        parts = urlsplit(url)
        self.address = (parts.hostname or "", parts.port or 80)
        self.requests, self.until, self.tally = requests, until, Tally()
        self.connection: socket.socket | None = None

    def run(self) -> None:
        for sid, request in self.requests:
            if time.perf_counter() > self.until:
                break
            self._post(sid, request)
        self._hang_up()

    def _post(self, sid: str, request: bytes) -> None:
        while True:
            started = time.perf_counter()
            status = self._exchange(request)
            self.tally.statuses[status] += 1
            if 200 <= status < 300:
                self.tally.latencies.append(time.perf_counter() - started)
                self.tally.sids.append(sid)
                return
            if time.perf_counter() > self.until + PATIENCE:
                return
            time.sleep(RETRY_SECONDS)

    def _exchange(self, request: bytes) -> int:
        """The status; 0 when the connection failed."""
        try:
            if self.connection is None:
                self.connection = socket.create_connection(self.address, timeout=30)
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection.sendall(request)
            return self._read(self.connection)
        except OSError:
            self._hang_up()
            return 0

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _read(self, connection: socket.socket) -> int:
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = connection.recv(65536)
            if not part:
                raise ConnectionError
            answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        left = _length(head) - len(body)
        while left > 0:
            left -= len(connection.recv(65536))
        return int(head.split(b" ", 2)[1])


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def post(url: str, token: str, clients: int, seconds: float, requests: int, prefix: str) -> dict[str, object]:
    made = [make_requests(url, token, f"{prefix}{number:03x}", requests) for number in range(clients)]
    until = time.perf_counter() + seconds
    threads = [Client(url, some, until) for some in made]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed = time.perf_counter() - started
    tallies = [thread.tally for thread in threads]
    statuses = sum((tally.statuses for tally in tallies), Counter[int]())
    latencies = sorted(latency for tally in tallies for latency in tally.latencies)
    return {
        "seconds": passed,
        "taken": len(latencies),
        "statuses": {str(status): count for status, count in statuses.items()},
        "p50": latencies[len(latencies) // 2] if latencies else None,
        "p99": latencies[int(len(latencies) * 0.99)] if latencies else None,
        "sids": [sid for tally in tallies for sid in tally.sids],
    }


if __name__ == "__main__":
    url, token, clients, seconds, requests, prefix = sys.argv[1:]
    print(json.dumps(post(url, token, int(clients), float(seconds), int(requests), prefix)))
