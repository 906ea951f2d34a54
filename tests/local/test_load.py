"""`make load` in small: everything is measured and nothing is lost; how fast is for a quiet machine to say."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading

import pytest
from twilio.request_validator import RequestValidator

from local.http import Request, Response, Server
from local.load.__main__ import _table
from local.load.posting import post

TOKEN = "the-auth-token"


def test_every_figure_is_there_and_nothing_is_lost() -> None:
    theirs = ("DATABASE_URL", "REDIS_URL", "TEST_TEMPLATE", "PUBLIC_BASE_URL", "TWILIO_BASE_URL")
    environment = {name: value for name, value in os.environ.items() if name not in theirs}
    command = [sys.executable, "-m", "local.load", "--messages", "60", "--seconds", "0.3", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["sending"]["texts/s"] > 0
    assert result["sending"]["no-op tasks/s"] > 0
    assert result["inbound"]["webhooks/s"] > 0
    assert result["inbound"]["ratio"] > 0
    assert result["overload"]["taken"] > 0
    assert (result["overload"]["lost"], result["overload"]["answers of 500"]) == (0, 0)
    assert "webhooks/s (signature only/s)" in _table(result)


class TestPosting:
    def test_what_is_refused_is_posted_again_until_it_is_taken(self) -> None:
        seen: list[str] = []
        lock = threading.Lock()

        def answer(request: Request) -> Response:
            form = request.form()
            url = f"{server.base_url}{request.path}"
            assert RequestValidator(TOKEN).validate(url, form, request.headers["X-Twilio-Signature"])
            with lock:
                seen.append(form["MessageSid"])
                first = seen.count(form["MessageSid"]) == 1
            return Response(503 if first else 200, b"said")

        server = Server(answer)
        server.start()
        found = post(f"{server.base_url}/inbound/", TOKEN, clients=2, seconds=5, requests=5, prefix="c0")
        server.stop()
        assert (found["taken"], found["statuses"]) == (10, {"503": 10, "200": 10})
        assert sorted(found["sids"]) == sorted(set(seen))  # type: ignore[call-overload]

    def test_a_server_that_is_gone_takes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("local.load.posting.PATIENCE", 0.2)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}/inbound/"
            found = post(url, TOKEN, clients=1, seconds=0.1, requests=3, prefix="c1")
        assert (found["taken"], found["sids"], found["p99"]) == (0, [], None)
