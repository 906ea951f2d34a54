"""Child processes with prefixed logs that end together and never outlive their supervisor."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

COLOURS = (36, 33, 32, 35, 34, 31)
STOP_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


@dataclass
class Service:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    log: Path | None = None

    def start(self, colour: int, width: int, quiet: bool = False) -> None:
        self.process = subprocess.Popen(
            self.command,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGTERM),
        )
        prefix = f"{self.name:<{width}} | "
        if sys.stdout.isatty():
            prefix = f"\033[{colour}m{prefix}\033[0m"
        if quiet:
            prefix = ""
        threading.Thread(target=self._copy_log, args=(prefix,), daemon=True).start()

    def exit_code(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def signal(self, number: int) -> None:
        """Reaches the whole group: a pool's children too."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def _copy_log(self, prefix: str) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        with self.log.open("a") if self.log else nullcontext() as file:
            for line in self.process.stdout:
                if file:
                    file.write(line)
                if prefix:
                    print(prefix + line, end="", flush=True)


class Group:
    """Starts services in order and stops them in reverse order."""

    def __init__(self, services: Sequence[Service], *, quiet: bool = False) -> None:
        self.services = services
        self.quiet = quiet

    def start(self) -> None:
        width = max(len(service.name) for service in self.services)
        for index, service in enumerate(self.services):
            service.start(COLOURS[index % len(COLOURS)], width, self.quiet)

    def first_ended(self) -> Service | None:
        return next((service for service in self.services if service.exit_code() is not None), None)

    def stop(self) -> None:
        for service in reversed(self.services):
            if service.process is not None and service.process.poll() is None:
                service.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for service in self.services:
            self._wait(service, deadline)
            service.signal(signal.SIGKILL)

    @staticmethod
    def _wait(service: Service, deadline: float) -> None:
        if service.process is None:
            return
        try:
            service.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"{service.name} did not stop by itself and was ended")


def end_with_parent(signal_number: int) -> Callable[[], None]:
    """For `preexec_fn`: Linux ends the child when its parent dies, however that happens; elsewhere `stop` has to."""

    def arrange() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number)

    return arrange
