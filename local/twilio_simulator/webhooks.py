"""Signed requests to the product, with the parameters Twilio sends."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urldefrag, urlencode

import urllib3
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from local.twilio_simulator.journal import Post
from local.twilio_simulator.messages import API_VERSION, Message

TIMEOUT = urllib3.Timeout(connect=5.0, read=15.0)  # Twilio's own limits
_CONNECTION_FAILURES = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
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


class Webhooks:
    def __init__(self, auth_token: str) -> None:
        self._validator = RequestValidator(auth_token)
        self._pool = urllib3.PoolManager(timeout=TIMEOUT, retries=False)

    def post(self, url: str, message: Message, status: str, parameters: dict[str, str]) -> Post:
        """One retry, and only when no connection came about: Twilio's default."""
        response, error, attempts = None, "", 0
        for _ in range(2):
            attempts += 1
            try:
                response, error = self._send(url, parameters), ""
                break
            except _CONNECTION_FAILURES as failure:
                error = str(failure)
            except urllib3.exceptions.HTTPError as failure:
                error = str(failure)
                break
        return Post(message.sid, status, url, response, attempts, error, datetime.now(UTC).isoformat())

    def close(self) -> None:
        self._pool.clear()

    def _send(self, url: str, parameters: dict[str, str]) -> int:
        address = urldefrag(url).url  # a fragment carries Twilio's own options, and is not sent
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": self._validator.compute_signature(address, parameters),
            "User-Agent": "TwilioProxy/1.1",
            "Connection": "close",  # a kept-alive one that the product drops would look like a lost webhook
        }
        return self._pool.request("POST", address, body=urlencode(parameters), headers=headers, redirect=False).status


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
        "NumMedia": "0",
        "NumSegments": str(message.segments),
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
        **_place("From", message.from_),
        **_place("To", message.to),
    }


def _place(side: str, number: str) -> dict[str, str]:
    city, state, postcode = _PLACES.get(number.removeprefix("+1")[:3], ("", "", ""))
    return {f"{side}City": city, f"{side}State": state, f"{side}Zip": postcode, f"{side}Country": "US"}
