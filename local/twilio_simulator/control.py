"""What Twilio does not have: /simulator/, for tests, demos and curious people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
from string import Template
from typing import Any

from local.http import BadRequestError, Request, Response, json_response
from local.twilio_simulator.account import Account

SHOWN = 200
_PAGE = Template("""<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<title>Simulated phones</title>
<style>body{font:15px system-ui;margin:2rem;max-width:75rem}table{border-collapse:collapse;width:100%}
td,th{padding:.35rem .6rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}.inbound{background:#eef7ee}
input{padding:.3rem}</style>
<h1>Simulated phones</h1><p>$summary</p>
<form method="post" action="/simulator/inbound">A person texts us:
<input name="from" placeholder="from +1225..." required>
<input name="to" placeholder="to (our number)" required> <input name="body" size="40" placeholder="text" required>
<button>Send</button></form>
<table><tr><th>direction<th>from<th>to<th>text<th>status</tr>$rows</table></html>""")


class Control:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._routes = {
            ("GET", "/simulator/"): self._page,
            ("GET", "/simulator/log"): self._log,
            ("GET", "/simulator/counts"): self._counts,
            ("POST", "/simulator/inbound"): self._inbound,
            ("POST", "/simulator/reset"): self._reset,
        }

    def answer(self, request: Request) -> Response:
        route = self._routes.get((request.method, request.path))
        return route(request) if route else json_response({"error": "no such page"}, 404)

    def log(self) -> dict[str, Any]:
        messages = [message.as_json() for message in reversed(self._account.messages.newest_first())]
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
        from_, to, body = (str(fields.get(name, "")) for name in ("from", "to", "body"))
        if not from_.startswith("+") or not to.startswith("+"):
            raise BadRequestError("from and to are numbers like +12255550123")
        message = self._account.receive(from_, to, body)
        if is_form:
            return Response(303, headers={"Location": "/simulator/"})
        return json_response({"sid": message.sid}, 201)

    def _page(self, request: Request) -> Response:
        counts = ", ".join(_words(name, value) for name, value in self.counts().items())
        rows = "".join(_row(message.as_json()) for message in self._account.messages.newest_first()[:SHOWN])
        page = _PAGE.substitute(summary=escape(counts), rows=rows)
        return Response(200, page.encode(), "text/html; charset=utf-8")


def _words(name: str, value: int | dict[str, int]) -> str:
    parts = "; ".join(f"{key}: {number}" for key, number in value.items()) if isinstance(value, dict) else value
    return f"{name.replace('_', ' ')} {parts or 0}"


def _row(message: dict[str, object]) -> str:
    status = f"{message['status']} {message['error_code'] or ''}"
    cells = (message["direction"], message["from"], message["to"], message["body"], status)
    tds = "".join(f"<td>{escape(str(cell))}" for cell in cells)
    return f'<tr class="{message["direction"]}">{tds}</tr>'
