from __future__ import annotations

import threading
from typing import Any, Self

from local.http import Request, Response, Server
from local.twilio_simulator.account import Account
from local.twilio_simulator.control import Control
from local.twilio_simulator.messages import Message
from local.twilio_simulator.rest import Rest
from local.twilio_simulator.settings import Settings


class TwilioSimulator:
    """`options` are the fields of `Settings`. Port 0 takes a free one."""

    def __init__(self, account_sid: str, auth_token: str, *, port: int = 0, **options: Any) -> None:
        self._closing = threading.Event()
        self.account = Account(Settings(account_sid, auth_token, **options), self._closing)
        self._rest = Rest(self.account, self._closing)
        self._control = Control(self.account)
        self._server = Server(self._answer, port)

    @property
    def base_url(self) -> str:
        return self._server.base_url

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self.account.timetable.start()
        self._server.start()

    def stop(self) -> None:
        self._closing.set()
        self._server.stop()
        self.account.close()

    def text_in(self, from_: str, to: str, body: str, media: int = 0) -> Message:
        """A person texts us."""
        return self.account.receive(from_, to, body, media)

    def log(self) -> dict[str, Any]:
        return self._control.log()

    def counts(self) -> dict[str, Any]:
        return self._control.counts()

    def wait_until_quiet(self, timeout: float = 10.0) -> None:
        """Until every callback and reply that was due has been posted and answered."""
        if not self.account.timetable.wait_until_quiet(timeout):
            raise TimeoutError(f"still {self.account.timetable.pending()} webhooks to send after {timeout} s")

    def reset(self) -> None:
        """Forgets messages, opt-outs and what is still due; a webhook already under way still arrives."""
        self.account.reset()

    def _answer(self, request: Request) -> Response | None:
        if request.path.startswith("/simulator/"):
            return self._control.answer(request)
        return self._rest.answer(request)
