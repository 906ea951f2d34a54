"""What the demo plays on: a database of its own, a web server for the webhooks, and both simulators."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg

from local import environment
from local.engines import free_port
from local.processes import Group, Service

DATABASE = "lalw_demo"
QUIET_SECONDS = 120.0


def use_own_database() -> None:
    """An empty database beside the one the environment names, so that the demo accounts for its own rows only."""
    environment.ensure_engines()
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{DATABASE}"')
    os.environ["DATABASE_URL"] = urlsplit(server)._replace(path=f"/{DATABASE}").geturl()


def choose_ports() -> None:
    """Free ports: the demo may run beside `make run`."""
    web, twilio, openai = free_port(), free_port(), free_port()
    os.environ |= {
        "WEB_PORT": str(web),
        "TWILIO_SIM_PORT": str(twilio),
        "OPENAI_SIM_PORT": str(openai),
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{web}",
        "TWILIO_BASE_URL": f"http://127.0.0.1:{twilio}",
        "TWILIO_INBOUND_URL": f"http://127.0.0.1:{web}/twilio/inbound/",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{openai}/v1",
        "TWILIO_TIMEOUT": "2",
        "TWILIO_SIM_HANG_SECONDS": "4",
        "TWILIO_SIM_STATUS_DELAY": "0.05",
        "TWILIO_SIM_REPLY_DELAY": "0.2",
        "LOG_LEVEL": "ERROR",
    }


@contextmanager
def services() -> Iterator[None]:
    python = sys.executable
    web = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", os.environ["WEB_PORT"], "--log-level", "error"]
    group = Group(
        [
            Service("twilio", [python, "-m", "local.demo.clock", "local.twilio_simulator"]),
            Service("openai", [python, "-m", "local.demo.clock", "local.openai_simulator"]),
            Service("web", [python, "-m", "granian", *web, "--workers", "1", "local.demo.wsgi:application"]),
        ],
        quiet=True,
    )
    try:
        group.start()
        for url in (f"{os.environ['PUBLIC_BASE_URL']}/admin/login/", f"{os.environ['TWILIO_BASE_URL']}/simulator/"):
            _wait_for(url)
        yield
    finally:
        group.stop()


class Phones:
    """The simulated phone network, seen from outside."""

    def log(self) -> dict[str, Any]:
        return self._get("/simulator/log")

    def text_us(self, from_: str, to: str, body: str) -> None:
        data = json.dumps({"from": from_, "to": to, "body": body}).encode()
        url = os.environ["TWILIO_BASE_URL"] + "/simulator/inbound"
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()

    def wait_until_quiet(self) -> None:
        """Until every callback and reply that was due has been posted to us."""
        deadline = time.monotonic() + QUIET_SECONDS
        while self._get("/simulator/counts")["pending"]:
            if time.monotonic() > deadline:
                raise TimeoutError("the simulated phones did not come to rest")
            time.sleep(0.05)

    @staticmethod
    def _get(path: str) -> dict[str, Any]:
        with urllib.request.urlopen(os.environ["TWILIO_BASE_URL"] + path, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer")
