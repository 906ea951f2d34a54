"""Twilio's REST paths."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import threading
from dataclasses import replace
from email.utils import format_datetime
from itertools import count
from urllib.parse import unquote

from local.http import Request, Response, json_response
from local.twilio_simulator.account import Account
from local.twilio_simulator.errors import AUTHENTICATE, INTERNAL, ApiError, not_found
from local.twilio_simulator.lookup import look_up
from local.twilio_simulator.messages import API_VERSION, page_of
from local.twilio_simulator.numbers import owned_numbers, service

_MESSAGES = re.compile(rf"/{API_VERSION}/Accounts/(?P<account>\w+)/Messages\.json")
_MESSAGE = re.compile(rf"/{API_VERSION}/Accounts/(?P<account>\w+)/Messages/(?P<sid>\w+)\.json")
_NUMBERS = f"/{API_VERSION}/Accounts/{{}}/IncomingPhoneNumbers.json"
_SERVICE = re.compile(r"/v1/Services/(?P<sid>MG[0-9a-f]{32})")
_LOOKUP = re.compile(r"/v2/PhoneNumbers/(?P<number>[^/]+)")


class Rest:
    """`closing` is set when the simulator ends, so that an answer that never comes does not hold it up."""

    def __init__(self, account: Account, closing: threading.Event) -> None:
        self._account = account
        self._settings = account.settings
        self._closing = closing
        self._requests = count(1)

    def answer(self, request: Request) -> Response | None:
        """Each answer says Twilio's time, and names its request, as Twilio's do for its support."""
        answer = self._answer(request)
        more = {"Date": self._date(), "Twilio-Request-Id": f"RQ{next(self._requests):032x}"}
        return answer and replace(answer, headers={**answer.headers, **more})

    def _date(self) -> str:
        """By Twilio's clock, which a scenario may put ahead of ours or behind."""
        return format_datetime(self._account.messages.now(), usegmt=True)

    def _answer(self, request: Request) -> Response | None:
        try:
            self._check_credentials(request)
            return self._route(request)
        except ApiError as error:
            return json_response(error.refusal.as_json(), error.refusal.status, error.headers)

    def _route(self, request: Request) -> Response | None:
        if match := _MESSAGES.fullmatch(request.path):
            self._check_account(match["account"], request.path)
            return self._create(request) if request.method == "POST" else self._list(request)
        if (match := _MESSAGE.fullmatch(request.path)) and request.method == "GET":
            self._check_account(match["account"], request.path)
            return json_response(self._account.messages.fetch(match["sid"]).as_json())
        if (match := _LOOKUP.fullmatch(request.path)) and request.method == "GET":
            return self._look_up(unquote(match["number"]), request)
        if request.method == "GET" and request.path == _NUMBERS.format(self._settings.account_sid):
            return json_response(owned_numbers(self._settings, request.query))
        if (match := _SERVICE.fullmatch(request.path)) and request.method == "GET":
            return json_response(service(self._settings, match["sid"]))
        raise not_found(request.path)

    def _create(self, request: Request) -> Response | None:
        message, course = self._account.create(request.form())
        if message is None:
            return None
        if course.answer == "never":
            self._closing.wait(self._settings.hang_seconds)
            return None
        if course.answer == "failed":
            return json_response(INTERNAL.as_json(), INTERNAL.status)
        return json_response(message.as_json(), 201)

    def _list(self, request: Request) -> Response:
        return json_response(page_of(self._account.messages, self._settings.account_sid, request.query))

    def _look_up(self, number: str, request: Request) -> Response:
        fields = request.query.get("Fields", "")
        settings = self._settings
        return json_response(look_up(number, fields, settings.public_base_url, settings.line_types))

    def _check_account(self, account_sid: str, path: str) -> None:
        if account_sid != self._settings.account_sid:
            raise not_found(path)

    def _check_credentials(self, request: Request) -> None:
        expected = f"{self._settings.account_sid}:{self._settings.auth_token}".encode()
        kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            given = b""
        if kind.lower() != "basic" or not hmac.compare_digest(given, expected):
            raise ApiError(AUTHENTICATE)
