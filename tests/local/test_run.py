"""`make run` as a person meets it: it starts, says where it is, refuses to start twice, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import environment
from local.engines import free_port

SECONDS = 120


class Run:
    def __init__(self, local_dir: Path) -> None:
        self.ports = {name: str(free_port()) for name in environment.PORTS}
        bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environment = bare | self.ports | {"LOCAL_DIR": str(local_dir), "DEMO_PARCELS": "100"}
        self.log = local_dir.parent / "run.log"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.run"],
                cwd=environment.PROJECT_DIR,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.wait_for("Ctrl-C stops everything.")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + SECONDS
        while words not in self.log.read_text():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def again(self, module: str = "local.run", **changed: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", module]
        return subprocess.run(
            command,
            cwd=environment.PROJECT_DIR,
            env=self.environment | changed,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def left_over(self) -> list[str]:
        """Command lines of processes that carry this run's environment."""
        mark = f"LOCAL_DIR={self.environment['LOCAL_DIR']}\0".encode()
        found = []
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (directory / "environ").read_bytes():
                    found.append((directory / "cmdline").read_text())
            except OSError:
                continue
        return found


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Iterator[Run]:
    run = Run(tmp_path_factory.mktemp("run") / "local")
    try:
        run.start()
        yield run
    finally:
        if run.process and run.process.poll() is None:
            run.stop()


def test_it_says_where_it_is_and_who_may_log_in(run):
    shown = run.log.read_text()

    assert f"http://127.0.0.1:{run.ports['WEB_PORT']}/admin/" in shown
    for login in ("rep / land-demo", "manager / land-demo", "administrator / land-demo"):
        assert login in shown


def test_every_service_answers(run):
    for name, path in (("WEB_PORT", "/admin/login/"), ("TWILIO_SIM_PORT", "/simulator/")):
        with urllib.request.urlopen(f"http://127.0.0.1:{run.ports[name]}{path}", timeout=10) as answer:
            assert answer.status == 200
    run.wait_for("celery@")


def test_a_second_one_says_that_one_is_up(run):
    second = run.again()

    assert second.returncode == 1
    assert second.stderr.startswith("make run: already running (process ")
    assert f":{run.ports['WEB_PORT']}/admin/" in second.stderr


def test_reset_waits_until_it_has_stopped(run):
    assert run.again("local.reset").stderr.startswith("make reset: already running")


def test_a_taken_port_is_named_with_the_variable_that_changes_it(run, tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = str(holder.getsockname()[1])
        free = {name: str(free_port()) for name in environment.PORTS}
        refused = run.again(**free | {"LOCAL_DIR": str(tmp_path / "other"), "TWILIO_SIM_PORT": taken})

    assert refused.returncode == 1
    assert refused.stderr == (f"make run: port {taken} is taken; choose another with TWILIO_SIM_PORT=<port> make run\n")


def test_ctrl_c_leaves_no_process_and_reset_wipes_everything(run):
    assert run.stop() == 0
    assert run.left_over() == []

    wiped = run.again("local.reset")

    assert wiped.returncode == 0
    assert not Path(run.environment["LOCAL_DIR"], "media").exists()
