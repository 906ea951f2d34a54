"""What Twilio does not have: /simulator/, for tests, demos and curious people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from local.http import BadRequestError, Request, Response, json_response
from local.twilio_simulator.account import Account
from local.twilio_simulator.page import REFRESH, draw_page

MOST_MEDIA = 10
"""Twilio's limit per message."""
_NUMBER = re.compile(r"\+[0-9]{3,15}")


class Control:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._routes = {
            ("GET", "/simulator/"): self._page,
            ("GET", "/simulator/refresh.js"): lambda _: Response(200, REFRESH.encode(), "text/javascript"),
            ("GET", "/simulator/log"): self._log,
            ("GET", "/simulator/counts"): self._counts,
            ("POST", "/simulator/inbound"): self._inbound,
            ("POST", "/simulator/reset"): self._reset,
        }

    def answer(self, request: Request) -> Response:
        route = self._routes.get((request.method, request.path))
        return route(request) if route else json_response({"error": "no such page"}, 404)

    def log(self) -> dict[str, Any]:
        messages = [message.as_log() for message in reversed(self._account.messages.newest_first())]
        return {"counts": self.counts(), "messages": messages, **self._account.journal.as_json()}

    def counts(self) -> dict[str, Any]:
        """`pending`: webhooks due or under way, so that a caller can wait for quiet."""
        directions = Counter(message.direction for message in self._account.messages.newest_first())
        here = {"accepted": directions["outbound-api"], "inbound": directions["inbound"]}
        return {"pending": self._account.timetable.pending(), **here, **self._account.journal.counts()}

    def _log(self, request: Request) -> Response:
        return json_response(self.log())

    def _counts(self, request: Request) -> Response:
        return json_response(self.counts())

    def _reset(self, request: Request) -> Response:
        self._account.reset()
        return json_response({"reset": True})

    def _inbound(self, request: Request) -> Response:
        is_form = "form" in request.headers.get("Content-Type", "")
        fields: Mapping[str, Any] = request.form() if is_form else request.json()
        from_, to, body, media = (str(fields.get(name, "")) for name in ("from", "to", "body", "media"))
        if not _NUMBER.fullmatch(from_) or not _NUMBER.fullmatch(to):
            raise BadRequestError("from and to are numbers like +12255550123")
        if media and not (media.isdecimal() and int(media) <= MOST_MEDIA):
            raise BadRequestError(f"media is the number of pictures, 0 to {MOST_MEDIA}")
        message = self._account.receive(from_, to, body, int(media or 0))
        if is_form:
            return Response(303, headers={"Location": "/simulator/"})
        return json_response({"sid": message.sid}, 201)

    def _page(self, request: Request) -> Response:
        return Response(200, draw_page(self._account, request.query).encode(), "text/html; charset=utf-8")
