"""What must be true when all has come to rest: the product's records beside the phone network's own log. Pure functions
over plain values, so that a doctored log can show that each of them is able to fail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

FINAL = frozenset({"delivered", "undelivered", "failed", "blocked", "cancelled"})
NEVER_ACCEPTED = frozenset({"failed", "blocked", "cancelled"})
UNDER_WAY = timedelta(seconds=1)
"""A request that is on the wire when a STOP comes in cannot be called back."""
RESENDABLE = frozenset({30001, 30003, 30008, 30022, 30023, 30610})
"""After these a text that was accepted may be sent once more; see outreach/error_codes.py."""


@dataclass(frozen=True)
class Text:
    """One of our messages. `sent_events`: how often the timeline says that it was sent."""

    pk: int
    token: str
    number: str
    state: str
    sent_events: int = 0


@dataclass(frozen=True)
class Records:
    """`stop_sids`: the replies that say stop. `suppressed`: number -> since when nothing may be sent to it."""

    texts: Sequence[Text]
    reply_sids: frozenset[str]
    waiting_webhooks: int = 0
    undecided_replies: int = 0
    stop_sids: frozenset[str] = frozenset()
    suppressed: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class PhoneLog:
    """`accepted`: our token -> what the network took for it, in order. `replies`: sid -> (number, words). `stored`: sid
    of a reply -> when we said that we have it, by the network's clock, which is that of the requests too."""

    accepted: Mapping[str, Sequence[Mapping[str, Any]]]
    replies: Mapping[str, tuple[str, str]]
    stored: Mapping[str, datetime]

    @classmethod
    def read(cls, log: Mapping[str, Any]) -> PhoneLog:
        accepted: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        replies = {}
        for message in log["messages"]:
            if message["direction"] == "inbound":
                replies[message["sid"]] = (message["from"], message["body"])
            else:
                accepted[token_of(message["callback_url"])].append(message)
        return cls(accepted, replies, _stored(log["inbound_posts"]))


def _stored(posts: Sequence[Mapping[str, Any]]) -> dict[str, datetime]:
    """A reply may be posted twice; what counts is the first time that we took it."""
    stored: dict[str, datetime] = {}
    for post in posts:
        if post["response"] is not None and post["response"] < 300:
            stored.setdefault(post["sid"], datetime.fromisoformat(post["at"]))
    return stored


def token_of(callback_url: str) -> str:
    return urlsplit(callback_url).path.rstrip("/").rpartition("/")[2]


Check = Callable[[Records, PhoneLog], Iterator[str]]


def violations(records: Records, log: PhoneLog) -> list[str]:
    return [f"{check.__name__}: {found}" for check in CHECKS for found in check(records, log)]


def one_outcome(records: Records, log: PhoneLog) -> Iterator[str]:
    for text in records.texts:
        if text.state not in FINAL:
            yield f"message {text.pk} is still {text.state}"


def true_outcome(records: Records, log: PhoneLog) -> Iterator[str]:
    """What we say is what the phone network says."""
    for text in records.texts:
        taken = log.accepted.get(text.token, ())
        last = taken[-1]["status"] if taken else "never accepted"
        if text.state in FINAL and text.state not in _true_states(last):
            yield f"message {text.pk} is {text.state}, but the network says {last}"


def nobody_twice(records: Records, log: PhoneLog) -> Iterator[str]:
    """A second text for one message only after the network gave the first one up with an error that allows it."""
    for token, taken in log.accepted.items():
        for message in taken[:-1]:
            if message["status"] != "undelivered" or message["error_code"] not in RESENDABLE:
                yield f"{message['to']} was texted {len(taken)} times for message {token}"
                break


def known_texts(records: Records, log: PhoneLog) -> Iterator[str]:
    ours = {text.token: text.number for text in records.texts}
    for token, taken in log.accepted.items():
        for message in taken:
            if ours.get(token) != message["to"]:
                yield f"the network took a text to {message['to']} that no message of ours explains"


def told_once(records: Records, log: PhoneLog) -> Iterator[str]:
    """The timeline says "sent" as often as the network took it."""
    for text in records.texts:
        taken = len(log.accepted.get(text.token, ()))
        if text.sent_events != taken:
            yield f"message {text.pk}: {text.sent_events} times sent on the timeline, {taken} times in the network"


def every_reply(records: Records, log: PhoneLog) -> Iterator[str]:
    for sid in log.replies.keys() - records.reply_sids:
        yield f"{log.replies[sid][1]!r} of {log.replies[sid][0]} is missing ({sid})"
    for sid in records.reply_sids - log.replies.keys():
        yield f"nobody sent {sid}"


def all_processed(records: Records, log: PhoneLog) -> Iterator[str]:
    if records.waiting_webhooks:
        yield f"{records.waiting_webhooks} webhooks are not processed"
    if records.undecided_replies:
        yield f"{records.undecided_replies} replies are not decided"


def stop_means_stop(records: Records, log: PhoneLog) -> Iterator[str]:
    stopped_at = _stopped_at(records, log)
    for number in sorted({log.replies[sid][0] for sid in records.stop_sids} - records.suppressed.keys()):
        yield f"{number} said stop and is not suppressed"
    for taken in log.accepted.values():
        for message in taken:
            stopped = stopped_at.get(message["to"])
            asked = datetime.fromisoformat(message["asked_at"])
            if stopped and asked > stopped + UNDER_WAY:
                yield f"{message['to']} was texted {(asked - stopped).total_seconds():.1f} s after its stop was stored"


def _stopped_at(records: Records, log: PhoneLog) -> dict[str, datetime]:
    """Since when we have known it: we took the STOP, or found it in the provider's list and suppressed the number."""
    found = dict(records.suppressed)
    for sid in records.stop_sids & log.stored.keys():
        number = log.replies[sid][0]
        found[number] = min(log.stored[sid], found.get(number, log.stored[sid]))
    return found


CHECKS: tuple[Check, ...] = (
    one_outcome,
    true_outcome,
    nobody_twice,
    known_texts,
    told_once,
    every_reply,
    all_processed,
    stop_means_stop,
)


def _true_states(last: str) -> frozenset[str]:
    if last == "delivered":
        return frozenset({"delivered"})
    if last == "undelivered":  # and perhaps queued again, and then cancelled or refused
        return frozenset({"undelivered", *NEVER_ACCEPTED})
    return NEVER_ACCEPTED
