"""The account's messages, as Twilio's Message resource shows them."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice
from urllib.parse import quote, urlencode

from local.twilio_simulator.errors import invalid_parameter, not_found
from local.twilio_simulator.segments import count_segments

API_VERSION = "2010-04-01"
MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE = 1000, 50
PRICE_PER_SEGMENT = 0.0083
_RANK = {"accepted": 0, "queued": 1, "sent": 2, "delivered": 3, "undelivered": 3, "received": 3}


@dataclass
class Message:
    sid: str
    account_sid: str
    direction: str
    from_: str
    to: str
    body: str
    status: str
    created: datetime
    updated: datetime
    sent: datetime | None = None
    messaging_service_sid: str | None = None
    error_code: int | None = None
    error_message: str | None = None
    media: int = 0
    faults: tuple[str, ...] = ()
    callback_url: str = ""
    asked: datetime | None = None

    @property
    def segments(self) -> int:
        return count_segments(self.body)

    def as_log(self) -> dict[str, object]:
        """With what Twilio's API does not tell."""
        asked = self.asked.isoformat() if self.asked else None
        return self.as_json() | {"callback_url": self.callback_url, "asked_at": asked}

    def advance(self, status: str, now: datetime) -> None:
        """Never backwards, in whatever order callbacks report."""
        if _RANK[status] <= _RANK[self.status]:
            return
        self.status, self.updated = status, now
        self.sent = self.sent or (now if status != "queued" else None)

    def as_json(self) -> dict[str, object]:
        uri = f"{account_uri(self.account_sid)}/Messages/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": _rfc2822(self.created),
            "date_sent": _rfc2822(self.sent),
            "date_updated": _rfc2822(self.updated),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": self.error_message,
            "from": self.from_,
            "messaging_service_sid": self.messaging_service_sid,
            "num_media": str(self.media),
            "num_segments": str(self.segments),
            "price": f"{-PRICE_PER_SEGMENT * self.segments:.5f}" if self.sent else None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


@dataclass(frozen=True)
class MessageDraft:
    """What a message is made of before it has a sid; `faults` name in words what goes wrong with it.

    `asked` is when the request came in, by our clock: a slow insert has another time at Twilio.
    """

    direction: str
    from_: str
    to: str
    body: str
    service_sid: str | None = None
    media: int = 0
    faults: tuple[str, ...] = ()
    callback_url: str = ""
    asked: datetime | None = None


class Messages:
    """In order of arrival; listed newest first. `skew` is how far Twilio's clock is ahead of ours.

    A sid follows from the seed, the person's number and how manieth text with that person it is.
    """

    def __init__(self, account_sid: str, sid_seed: str, skew: timedelta = timedelta()) -> None:
        self._account_sid = account_sid
        self._sid_seed = sid_seed
        self._skew = skew
        self._made: Counter[str] = Counter()
        self._by_sid: dict[str, Message] = {}
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._skew

    def add(self, draft: MessageDraft, status: str) -> Message:
        now = self.now()
        with self._lock:
            sid = self._next_sid(draft)
            message = Message(
                sid=sid,
                account_sid=self._account_sid,
                direction=draft.direction,
                from_=draft.from_,
                to=draft.to,
                body=draft.body,
                status=status,
                created=now,
                updated=now,
                sent=now if status == "received" else None,
                messaging_service_sid=draft.service_sid,
                media=draft.media,
                faults=draft.faults,
                callback_url=draft.callback_url,
                asked=draft.asked,
            )
            self._by_sid[sid] = message
        return message

    def fetch(self, sid: str) -> Message:
        with self._lock:
            message = self._by_sid.get(sid)
        if message is None:
            raise not_found(f"{account_uri(self._account_sid)}/Messages/{sid}.json")
        return message

    def newest_first(self) -> list[Message]:
        with self._lock:
            return list(reversed(self._by_sid.values()))

    def clear(self) -> None:
        """The counters go on: whoever stored an old sid must not meet it again."""
        with self._lock:
            self._by_sid.clear()

    def _next_sid(self, draft: MessageDraft) -> str:
        person = draft.from_ if draft.direction == "inbound" else draft.to
        key = f"{draft.direction}:{person}"
        self._made[key] += 1
        digest = hashlib.md5(f"{self._sid_seed}:{key}:{self._made[key]}".encode(), usedforsecurity=False).hexdigest()
        return ("MM" if draft.media else "SM") + digest


def account_uri(account_sid: str) -> str:
    return f"/{API_VERSION}/Accounts/{account_sid}"


def page_of(messages: Messages, account_sid: str, query: Mapping[str, str]) -> dict[str, object]:
    """`PageToken` names the last message of the page before, so that new arrivals shift nothing."""
    size = _page_size(query)
    matching = _after(_matching(messages.newest_first(), query), query.get("PageToken"))
    found = list(islice(matching, size + 1))
    shown, number = found[:size], _number(query, "Page", 0)
    token = f"PA{shown[-1].sid}" if len(found) > size else None
    first = {k: v for k, v in query.items() if k not in {"Page", "PageToken"}} | {"PageSize": str(size)}
    path = f"{account_uri(account_sid)}/Messages.json"
    return {
        "end": number * size + max(len(shown) - 1, 0),
        "first_page_uri": _uri(path, first | {"Page": "0"}),
        "messages": [message.as_json() for message in shown],
        "next_page_uri": _uri(path, first | {"Page": str(number + 1), "PageToken": token}) if token else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": None,
        "start": number * size,
        "uri": _uri(path, query),
    }


def _matching(messages: list[Message], query: Mapping[str, str]) -> Iterator[Message]:
    since, until = _sent_range(query)
    to, from_ = query.get("To"), query.get("From")
    for message in messages:
        if (to and message.to != to) or (from_ and message.from_ != from_):
            continue
        if _is_sent_between(message, since, until):
            yield message


def _is_sent_between(message: Message, since: datetime | None, until: datetime | None) -> bool:
    if since is None and until is None:
        return True
    if message.sent is None:  # not sent yet: Twilio has no date to compare
        return False
    sent = message.sent.replace(microsecond=0)
    return (since is None or sent >= since) and (until is None or sent <= until)


def _sent_range(query: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """`DateSent>=x` on the wire is a parameter named `DateSent>`; both ends count, a bare date is its whole day."""
    since = _moment(query, "DateSent>")
    until = _moment(query, "DateSent<")
    exact = _moment(query, "DateSent")
    if exact:
        return exact, _end(exact, query["DateSent"])
    return since, until and _end(until, query["DateSent<"])


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_parameter(name, text) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _end(moment: datetime, text: str) -> datetime:
    return moment + timedelta(days=1, microseconds=-1) if len(text) == len("2025-01-31") else moment


def _after(messages: Iterator[Message], token: str | None) -> Iterator[Message]:
    if not token:
        return messages
    for message in messages:
        if token == f"PA{message.sid}":
            return messages
    raise invalid_parameter("PageToken", token)


def _page_size(query: Mapping[str, str]) -> int:
    return max(1, min(_number(query, "PageSize", DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE))


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise invalid_parameter(name, text)
    return int(text)


def _uri(path: str, query: Mapping[str, str | None]) -> str:
    pairs = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path


def _rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment else None
