"""Signed requests to the product, with the parameters Twilio sends."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urldefrag, urlencode, urlsplit

from twilio.request_validator import RequestValidator

from local.twilio_simulator.journal import Post
from local.twilio_simulator.messages import API_VERSION, Message, account_uri
from local.twilio_simulator.retries import RetryPolicy
from local.twilio_simulator.timetable import Timetable

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 15.0  # Twilio's own limits
_PLACES = {
    "225": ("BATON ROUGE", "LA", "70801"),
    "504": ("NEW ORLEANS", "LA", "70112"),
    "985": ("HOUMA", "LA", "70360"),
    "318": ("SHREVEPORT", "LA", "71101"),
    "337": ("LAFAYETTE", "LA", "70501"),
    "713": ("HOUSTON", "TX", "77002"),
    "214": ("DALLAS", "TX", "75201"),
    "304": ("CHARLESTON", "WV", "25301"),
}


@dataclass(frozen=True)
class Errand:
    """A webhook on its way. `note` hears what came of it; `tries` are those behind it, `began` when the first was."""

    url: str
    message: Message
    status: str
    parameters: dict[str, str]
    note: Callable[[Post], None]
    tries: int = 0
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Answer:
    """`failure` as Twilio's retry policies name it; empty when the webhook was taken."""

    response: int | None
    error: str
    failure: str


class Webhooks:
    """`first_delay`: seconds until the first retry."""

    def __init__(self, auth_token: str, timetable: Timetable, first_delay: float) -> None:
        self._validator = RequestValidator(auth_token)
        self._timetable, self._first_delay = timetable, first_delay

    def run(self, errand: Errand) -> None:
        """Tries at once; a retry waits in the timetable and holds nobody up."""
        answer, tries = self._try(errand), errand.tries + 1
        passed = time.monotonic() - errand.began
        delay = RetryPolicy.of(errand.url).delay(answer.failure, tries, self._first_delay, passed)
        if delay is not None:
            again = replace(errand, tries=tries)
            self._timetable.plan(delay, lambda: self.run(again))
            return
        at = datetime.now(UTC).isoformat()
        errand.note(Post(errand.message.sid, errand.status, errand.url, answer.response, tries, answer.error, at))

    def _try(self, errand: Errand) -> Answer:
        connection, error = _try_to_connect(errand.url)
        if connection is None:
            return Answer(None, error, "ct")
        response, error = self._send(connection, errand.url, errand.parameters)
        return Answer(response, error, _failure(response))

    def _send(self, connection: HTTPConnection, url: str, parameters: dict[str, str]) -> tuple[int | None, str]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": self._validator.compute_signature(_address(url), parameters),
            "User-Agent": "TwilioProxy/1.1",
        }
        with closing(connection):
            try:
                connection.request("POST", _target(url), urlencode(parameters), headers)
                response = connection.getresponse()
                response.read()
                return response.status, ""
            except (OSError, HTTPException) as failure:
                return None, repr(failure)


def _failure(response: int | None) -> str:
    if response is None:
        return "rt"
    return f"{response // 100}xx" if response >= 400 else ""


def _try_to_connect(url: str) -> tuple[HTTPConnection | None, str]:
    """A connection for each webhook: a kept-alive one that the product drops would look like a lost webhook."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
    try:
        connection.connect()
    except OSError as failure:
        return None, repr(failure)
    connection.sock.settimeout(ANSWER_SECONDS)
    return connection, ""


def _address(url: str) -> str:
    """What is called and signed: a fragment carries Twilio's own options, and is not sent."""
    return urldefrag(url).url


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def status_parameters(message: Message, status: str) -> dict[str, str]:
    parameters = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": status,
        "SmsStatus": status,
        "To": message.to,
        "From": message.from_,
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
    }
    if message.messaging_service_sid:
        parameters["MessagingServiceSid"] = message.messaging_service_sid
    if status in {"delivered", "undelivered"}:
        parameters["RawDlrDoneDate"] = f"{message.updated:%y%m%d%H%M}"
    if status == "undelivered" and message.error_code:
        parameters["ErrorCode"] = str(message.error_code)
    return parameters


def inbound_parameters(message: Message) -> dict[str, str]:
    return {
        "MessageSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "AccountSid": message.account_sid,
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": str(message.media),
        "NumSegments": str(message.segments),
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
        **_place("From", message.from_),
        **_place("To", message.to),
        **_media(message),
    }


def _media(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for place in range(message.media):
        path = f"{account_uri(message.account_sid)}/Messages/{message.sid}/Media/ME{message.sid[2:-1]}{place}"
        found |= {f"MediaUrl{place}": f"https://api.twilio.com{path}", f"MediaContentType{place}": "image/jpeg"}
    return found


def _place(side: str, number: str) -> dict[str, str]:
    city, state, postcode = _PLACES.get(number.removeprefix("+1")[:3], ("", "", ""))
    return {f"{side}City": city, f"{side}State": state, f"{side}Zip": postcode, f"{side}Country": "US"}
