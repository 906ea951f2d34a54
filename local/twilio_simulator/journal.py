"""What left no message behind: refusals and webhooks, for `/simulator/log`."""

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
            self._refused: list[dict[str, Any]] = []
            self._callbacks: list[Post] = []
            self._lost: list[dict[str, str]] = []
            self._inbound_posts: list[Post] = []
            self._inbound_lost: list[dict[str, str]] = []
            self._cut_off: list[dict[str, str]] = []

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

    def lost_inbound(self, message: Message) -> None:
        with self._lock:
            self._inbound_lost.append({"sid": message.sid, "from": message.from_})

    def cut_off(self, to: str, body: str) -> None:
        with self._lock:
            self._cut_off.append({"to": to, "body": body, "at": _now()})

    def posted_inbound(self, post: Post) -> None:
        with self._lock:
            self._inbound_posts.append(post)

    def counts(self) -> dict[str, Any]:
        with self._lock:
            return {
                "refused": dict(Counter(str(entry["code"]) for entry in self._refused)),
                "callbacks": _by_response(self._callbacks),
                "callbacks_lost": len(self._lost),
                "inbound_posts": _by_response(self._inbound_posts),
                "inbound_lost": len(self._inbound_lost),
                "cut_off": len(self._cut_off),
            }

    def as_json(self) -> dict[str, Any]:
        with self._lock:
            return {
                "refused": list(self._refused),
                "callbacks": [asdict(post) for post in self._callbacks],
                "callbacks_lost": list(self._lost),
                "inbound_posts": [asdict(post) for post in self._inbound_posts],
                "inbound_lost": list(self._inbound_lost),
                "cut_off": list(self._cut_off),
            }


def _by_response(posts: list[Post]) -> dict[str, int]:
    """HTTP status -> how many; "none" where nobody answered."""
    return dict(Counter(str(post.response or "none") for post in posts))


def _now() -> str:
    return datetime.now(UTC).isoformat()
