"""Posts bursts of replies: a process of its own, so that it does not hold up what it measures.

`python -m local.load.bursts URL TOKEN CLIENTS PAUSE < bursts.json` prints statuses and latencies as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from local.load.posting import PATIENCE, TO, Client

Request = tuple[str, bytes]


def make_request(validator: RequestValidator, url: str, sid: str, number: str, body: str) -> Request:
    form = {"MessageSid": sid, "From": number, "To": TO, "Body": body, "NumMedia": "0"}
    content, parts = urlencode(form).encode(), urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Twilio-Signature: "
        f"{validator.compute_signature(url, form)}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return sid, head.encode() + content


def post_bursts(url: str, bursts: list[list[Request]], clients: int, pause: float) -> dict[str, Any]:
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    taken: list[str] = []
    started = time.perf_counter()
    for burst in bursts:
        for client in _post(url, burst, clients):
            statuses += client.tally.statuses
            latencies += client.tally.latencies
            taken += client.tally.sids
        time.sleep(pause)
    latencies.sort()
    return {
        "seconds": time.perf_counter() - started,
        "posts": len(latencies),
        "statuses": {str(status): count for status, count in statuses.items()},
        "p50": latencies[len(latencies) // 2],
        "p99": latencies[int(len(latencies) * 0.99)],
        "taken": sorted(set(taken)),
    }


def _post(url: str, burst: list[Request], clients: int) -> list[Client]:
    """As fast as they can; what is refused is posted again."""
    until = time.perf_counter() + PATIENCE
    threads = [Client(url, burst[number::clients], until) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return threads


if __name__ == "__main__":
    url, token, clients, pause = sys.argv[1:]
    validator = RequestValidator(token)
    made = [[make_request(validator, url, *row) for row in burst] for burst in json.load(sys.stdin)]
    print(json.dumps(post_bursts(url, made, int(clients), float(pause))))
