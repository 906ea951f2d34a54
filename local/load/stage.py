"""The engines and processes of the chaos test, with settings as in production and nobody who kills."""

from __future__ import annotations

import os
import sys

from local.chaos.stage import Stage, chaos_dir
from local.processes import Service

PROCESSES = 2


class LoadStage(Stage):
    """One worker with two processes, and the web server with two threads for each of two."""

    def prepare(self, messages: int, twilio_url: str) -> None:
        super().prepare(messages, twilio_url)
        os.environ |= {"DJANGO_SETTINGS_MODULE": "local.load.settings", "TWILIO_TIMEOUT": "10", "LOG_LEVEL": "ERROR"}

    def start_web(self) -> None:
        self.start("web")
        self._wait_for_web()

    def _service(self, name: str) -> Service:
        if not name.startswith("worker"):
            return super()._service(name)
        celery = [sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "local.load.celery_app", "worker"]
        options = ["-Q", "default,outreach,imports", "-c", str(PROCESSES), "-l", "ERROR"]
        command = [*celery, *options, "--without-mingle", "--without-gossip", "--without-heartbeat"]
        return Service(name, command, log=chaos_dir() / f"{name}.log")
