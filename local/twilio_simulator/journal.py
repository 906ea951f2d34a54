"""What happened, for `/simulator/log`: every request to create, every webhook."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from local.twilio_simulator.errors import Refusal
from local.twilio_simulator.messages import Message


@dataclass(frozen=True)
class Post:
    """One webhook. `response` is the HTTP status of the last attempt, None when nobody answered."""

    sid: str
    status: str
    url: str
    response: int | None
    attempts: int
    error: str
    at: str


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._accepted: list[dict[str, Any]] = []
            self._refused: list[dict[str, Any]] = []
            self._callbacks: list[Post] = []
            self._lost: list[dict[str, str]] = []
            self._inbound: list[dict[str, Any]] = []
            self._inbound_posts: list[Post] = []

    def accepted(self, message: Message) -> None:
        entry = {"sid": message.sid, "from": message.from_, "to": message.to, "body": message.body, "at": _now()}
        with self._lock:
            self._accepted.append(entry)

    def refused(self, to: str, body: str, refusal: Refusal) -> None:
        entry = {"to": to, "body": body, "http": refusal.status, "code": refusal.code, "at": _now()}
        with self._lock:
            self._refused.append(entry)

    def called_back(self, post: Post) -> None:
        with self._lock:
            self._callbacks.append(post)

    def lost(self, message: Message, status: str) -> None:
        with self._lock:
            self._lost.append({"sid": message.sid, "status": status})

    def received(self, message: Message) -> None:
        entry = {"sid": message.sid, "from": message.from_, "to": message.to, "body": message.body, "at": _now()}
        with self._lock:
            self._inbound.append(entry)

    def posted_inbound(self, post: Post) -> None:
        with self._lock:
            self._inbound_posts.append(post)

    def counts(self) -> dict[str, Any]:
        with self._lock:
            return {
                "accepted": len(self._accepted),
                "refused": dict(Counter(str(entry["code"]) for entry in self._refused)),
                "callbacks": _by_response(self._callbacks),
                "callbacks_lost": len(self._lost),
                "inbound": len(self._inbound),
                "inbound_posts": _by_response(self._inbound_posts),
            }

    def as_json(self) -> dict[str, Any]:
        counts = self.counts()
        with self._lock:
            return {
                "counts": counts,
                "accepted": list(self._accepted),
                "refused": list(self._refused),
                "callbacks": [asdict(post) for post in self._callbacks],
                "callbacks_lost": list(self._lost),
                "inbound": list(self._inbound),
                "inbound_posts": [asdict(post) for post in self._inbound_posts],
            }


def _by_response(posts: list[Post]) -> dict[str, int]:
    """HTTP status -> how many; "none" where nobody answered."""
    return dict(Counter(str(post.response or "none") for post in posts))


def _now() -> str:
    return datetime.now(UTC).isoformat()
