"""Twilio through its own client. Nothing else in the product talks to it, apart from the webhook's signature check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests import Session, exceptions
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from leads.models import PhoneNumber
from outreach.provider import (
    Charge,
    HttpAnswer,
    LineInfo,
    OutgoingText,
    ProviderError,
    ProviderText,
    UnknownOutcomeError,
)

LineType = PhoneNumber.LineType
LINE_TYPES = {
    "mobile": LineType.MOBILE,
    "landline": LineType.LANDLINE,
    "nonFixedVoip": LineType.VOIP,
    "fixedVoip": LineType.VOIP_FIXED,
}
PAGE = 200
LONGEST_WAIT = timedelta(hours=1)
TWILIO = "https://api.twilio.com"
SERVICE = "MG"
"""How the id of a messaging service begins."""


class RedirectedHttpClient(TwilioHttpClient):
    """Twilio's HTTP client with a time-out (the library has none), without retries, towards another base address."""

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout, max_retries=0)
        assert self.session is not None
        self.session.mount("http://", HTTPAdapter(max_retries=0))
        _read_environment(self.session, base_url or TWILIO)
        self.base = urlsplit(base_url) if base_url else None
        self.retry_after: timedelta | None = None
        self.last = HttpAnswer()

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        self.last = HttpAnswer()
        response = super().request(method, self._address(url), *args, **kwargs)
        headers = response.headers or {}
        self.last = HttpAnswer(response.status_code, headers.get("Twilio-Request-Id", "")[:40])
        self.retry_after = _retry_after(headers.get("Retry-After", ""))
        return response

    def log_request(self, kwargs: Any) -> None:
        """The library would log addresses and texts, with numbers in clear."""

    def log_response(self, status_code: int, response: Any) -> None:
        """Nothing, likewise."""

    def _address(self, url: str) -> str:
        if self.base is None:
            return url
        parts = urlsplit(url)
        return urlunsplit(
            (self.base.scheme, self.base.netloc, self.base.path.rstrip("/") + parts.path, parts.query, "")
        )


def _retry_after(header: str) -> timedelta | None:
    """In seconds, or as a date, which is read by our clock; an hour at most."""
    try:
        wait = timedelta(seconds=int(header)) if header.isdigit() else parsedate_to_datetime(header) - datetime.now(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()), LONGEST_WAIT)


def _read_environment(session: Session, url: str) -> None:
    """Proxies and certificates named there, once: asked for each text that takes a fifth of the call's work."""
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify, session.cert = found["proxies"], found["verify"], found["cert"]
    session.trust_env = False


class TwilioProvider:
    def __init__(self, account_sid: str, auth_token: str, *, base_url: str, timeout: float) -> None:
        self.http = RedirectedHttpClient(base_url, timeout)
        self.client = Client(account_sid, auth_token, http_client=self.http)

    def send(self, text: OutgoingText) -> ProviderText:
        try:
            sender = {"messaging_service_sid" if text.sender.startswith(SERVICE) else "from_": text.sender}
            sent = self.client.messages.create(to=text.to, body=text.body, status_callback=text.callback_url, **sender)
        except TwilioException as error:
            raise self._send_error(error) from error
        except exceptions.RequestException as error:
            raise _connection_error(error) from error
        except (ValueError, KeyError) as error:
            raise UnknownOutcomeError("the answer could not be read", http=self.http.last) from error
        return replace(_text(sent), http=self.http.last)

    def fetch(self, sid: str) -> ProviderText:
        try:
            return _text(self.client.messages(sid).fetch())
        except (TwilioException, exceptions.RequestException, ValueError) as error:
            raise self._read_error(error) from error

    def list_texts(self, since: datetime, *, to: str = "", sender: str = "") -> Iterator[ProviderText]:
        filters = {name: value for name, value in (("to", to), ("from_", sender)) if value}
        try:
            for message in self.client.messages.stream(date_sent_after=since, page_size=PAGE, **filters):
                yield _text(message)
        except (TwilioException, exceptions.RequestException, ValueError) as error:
            raise self._read_error(error) from error

    def is_ours(self, sender: str) -> bool:
        try:
            if sender.startswith(SERVICE):
                return bool(self.client.messaging.v1.services(sid=sender).fetch().sid)
            return bool(self.client.incoming_phone_numbers.list(phone_number=sender, limit=1))
        except (TwilioException, exceptions.RequestException, ValueError) as error:
            if getattr(error, "status", None) == 404:
                return False
            raise self._read_error(error) from error

    def look_up(self, number: str) -> LineInfo:
        try:
            found = self.client.lookups.v2.phone_numbers(number).fetch(fields="line_type_intelligence")
        except TwilioException as error:
            raise self._read_error(error) from error
        except exceptions.RequestException as error:
            raise _connection_error(error) from error
        except ValueError as error:
            raise UnknownOutcomeError("the answer could not be read") from error
        line = found.line_type_intelligence or {}
        kind = LINE_TYPES.get(line.get("type") or "", LineType.OTHER)
        return LineInfo(bool(found.valid), kind, line.get("carrier_name") or "")

    def _send_error(self, error: TwilioException) -> Exception:
        status = getattr(error, "status", None)
        if status is None or status >= 500:
            said = f"the provider answered {status or 'something unreadable'}"
            return UnknownOutcomeError(said, http=self.http.last)
        return self._read_error(error)

    def _read_error(self, error: Exception) -> ProviderError:
        code, status = getattr(error, "code", None), getattr(error, "status", None)
        transient = status is None or status == 429 or status >= 500
        detail = error.msg if isinstance(error, TwilioRestException) else str(error)
        return ProviderError(
            str(detail)[:300],
            permanent=not transient,
            code=code,
            retry_after=self.http.retry_after if status else None,
            http=self.http.last,
        )


def _connection_error(error: exceptions.RequestException) -> Exception:
    """A connection that was never made carried nothing; one that broke later may have carried the text."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    never_made = isinstance(error, exceptions.ConnectTimeout) or isinstance(
        reason, NewConnectionError | ConnectTimeoutError | NameResolutionError
    )
    if never_made:
        return ProviderError("the provider could not be reached", permanent=False)
    return UnknownOutcomeError(f"no answer came back ({type(error).__name__})")


def _text(message: Any) -> ProviderText:
    created = message.date_created
    return ProviderText(
        sid=message.sid,
        status=str(message.status),
        direction="in" if str(message.direction) == "inbound" else "out",
        to=message.to or "",
        sender=message.from_ or "",
        body=message.body or "",
        created_at=created.astimezone(UTC) if created else None,
        error_code=int(message.error_code) if message.error_code else None,
        charge=_charge(message),
        pictures=_whole(message.num_media) or 0,
    )


def _charge(message: Any) -> Charge | None:
    """Twilio writes what it takes as a negative number, and nothing before it knows."""
    try:
        price = abs(Decimal(str(message.price))) if message.price is not None else None
    except InvalidOperation:
        return None
    if price is None or not price.is_finite():
        return None
    return Charge(price, (message.price_unit or "")[:3].upper(), _whole(message.num_segments))


def _whole(count: object) -> int | None:
    """Twilio writes counts as texts."""
    digits = str(count or "")
    return int(digits) if digits.isascii() and digits.isdigit() else None
