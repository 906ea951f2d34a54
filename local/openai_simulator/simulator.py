from __future__ import annotations

import hmac
import json
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Self

from local.http import BadRequestError, Request, Response, Server, json_response
from local.openai_simulator.answers import Answer, answer_to, as_chat, as_response, error_body, error_response
from local.openai_simulator.batches import Batches
from local.openai_simulator.groups import GROUP_FAULTS
from local.openai_simulator.requests import Asked, InvalidRequestError, read_chat, read_response

FAULTS = ("401", "429", "500", "timeout", "truncated", "wrong_schema", "refusal", *GROUP_FAULTS)
_MARKER = re.compile(rf"\bsimulate[ _-]({'|'.join(FAULTS).replace('_', '[ _]')})\b", re.IGNORECASE)
_PATHS: dict[str, tuple[Callable[[Any], Asked], Callable[[Answer], Response]]] = {
    "/v1/chat/completions": (read_chat, as_chat),
    "/v1/responses": (read_response, as_response),
}


class OpenAISimulator:
    def __init__(self, api_key: str = "sk-simulated", *, port: int = 0, hang_seconds: float = 30.0) -> None:
        self._api_key = api_key
        self._hang_seconds = hang_seconds
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._next_faults: deque[str] = deque()
        self._log: list[dict[str, Any]] = []
        self._taught: dict[str, str] = {}
        self._batches = Batches(self._work)
        self._server = Server(self._answer, port)

    @property
    def base_url(self) -> str:
        """As the client wants it, with /v1."""
        return f"{self._server.base_url}/v1"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._closing.set()
        self._server.stop()

    def provoke(self, *faults: str) -> None:
        """One request each, in this order, before anything is answered normally again."""
        unknown = sorted(set(faults) - set(FAULTS))
        if unknown:
            raise ValueError(f"unknown fault {unknown[0]!r}; there are {', '.join(FAULTS)}")
        with self._lock:
            self._next_faults.extend(faults)

    def teach(self, labels: Mapping[str, str]) -> None:
        """What these replies mean, word for word, as a good model would know."""
        self._taught.update(labels)

    def log(self) -> list[dict[str, Any]]:
        """One entry per request: path, model, reply, replies by id where there were several, fault, HTTP status (None:
        hung up), answer."""
        with self._lock:
            return list(self._log)

    def reset(self) -> None:
        with self._lock:
            self._log.clear()
            self._next_faults.clear()

    def _answer(self, request: Request) -> Response | None:
        if request.path.startswith("/simulator/"):
            return self._control(request)
        if not self._has_key(request):
            return error_response("401")
        try:
            known = self._batches.answer(request)
        except InvalidRequestError as error:
            return json_response(error_body(error.message, "invalid_request_error", error.param, error.code), 400)
        if known is not None:
            return known
        if request.method != "POST" or request.path not in _PATHS:
            words = f"Invalid URL ({request.method} {request.path})"
            return json_response(error_body(words, "invalid_request_error", None, None), 404)
        try:
            return self._classify(request.path, request.json())
        except InvalidRequestError as error:
            body = error_body(error.message, "invalid_request_error", error.param, error.code)
            return json_response(body, 400)

    def _work(self, path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
        """One request of a batch; a time-out there is no answer at all, and nobody waits for it."""
        try:
            response = self._classify(path, body, hang=False)
        except InvalidRequestError as error:
            return 400, error_body(error.message, "invalid_request_error", error.param, error.code)
        return (response.status, json.loads(response.body)) if response else None

    def _classify(self, path: str, body: dict[str, Any], *, hang: bool = True) -> Response | None:
        read, shape = _PATHS[path]
        asked = read(body)
        fault = self._fault(asked.reply)
        entry: dict[str, Any] = {"path": path, "model": asked.model, "reply": asked.reply, "replies": asked.replies}
        entry |= {"fault": fault, "status": None, "answer": None}
        with self._lock:
            self._log.append(entry)
            number = len(self._log)
        if fault == "timeout":
            self._closing.wait(self._hang_seconds if hang else 0)
            return None
        if fault in {"401", "429", "500"}:
            response = error_response(fault)
        else:
            answer = answer_to(asked, number, fault, self._taught)
            entry["answer"] = answer.text
            response = shape(answer)
        entry["status"] = response.status
        return response

    def _fault(self, reply: str) -> str | None:
        with self._lock:
            if self._next_faults:
                return self._next_faults.popleft()
        marker = _MARKER.search(reply)
        return marker[1].lower().replace(" ", "_") if marker else None

    def _has_key(self, request: Request) -> bool:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {self._api_key}".encode())

    def _control(self, request: Request) -> Response:
        match request.method, request.path:
            case "GET", "/simulator/log":
                return json_response({"requests": self.log()})
            case "POST", "/simulator/reset":
                self.reset()
                return json_response({"reset": True})
            case "POST", "/simulator/faults":
                return self._provoke_by_request(request)
        return json_response({"error": "no such page"}, 404)

    def _provoke_by_request(self, request: Request) -> Response:
        faults = request.json().get("next", [])
        try:
            self.provoke(*map(str, faults))
        except (ValueError, TypeError) as error:
            raise BadRequestError(str(error)) from error
        return json_response({"next": list(self._next_faults)})
