"""Engines, a database and processes of the chaos test's own: it may kill all of them without asking anybody."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from local import environment
from local.bench import databases
from local.engines import Postgres, Valkey, engine_root, free_port
from local.processes import Group, Service

DATABASE, KEPT = "lalw_chaos", "lalw_chaos_violated"
CLIENT_TIMEOUT = 0.5
WORLD_SOURCES = (
    "local/chaos/world.py",
    "local/chaos/numbers.py",
    "local/chaos/building.py",
    "local/demo_data/words.py",
    "requirements.lock",
)


def chaos_dir() -> Path:
    return environment.local_dir() / "chaos"


@contextmanager
def only_one() -> Iterator[None]:
    """One play at a time in this directory; who comes second waits."""
    chaos_dir().mkdir(parents=True, exist_ok=True)
    with (chaos_dir() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another chaos or load test in {chaos_dir()} to end", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Stage:
    """`workers` are two real Celery workers beside beat and the web server; each may be killed and started again."""

    def __init__(self) -> None:
        root = engine_root(chaos_dir())
        self.postgres = Postgres(root)
        self.valkey = Valkey(root, free_port())
        self.web_port = free_port()
        self.services = {name: self._service(name) for name in ("web", "worker-1", "worker-2", "beat")}

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def prepare(self, messages: int, twilio_url: str) -> None:
        """Starts the engines and names everything in the environment, for this process and its children."""
        for service in self.services.values():
            (chaos_dir() / f"{service.name}.log").unlink(missing_ok=True)
        self.postgres.start()
        shutil.rmtree(self.valkey.root / "valkey", ignore_errors=True)
        self.valkey.start()
        self._set_environment(twilio_url)
        _copy_world(messages)
        os.environ["DATABASE_URL"] = self.postgres.url(DATABASE)

    def start_services(self) -> None:
        for service in self.services.values():
            service.start(0, 0, quiet=True)
        self._wait_for_web()

    def start(self, name: str) -> None:
        self.services[name].start(0, 0, quiet=True)

    def kill(self, name: str) -> None:
        """The whole process group at once, as when a machine goes down."""
        service = self.services[name]
        service.signal(signal.SIGKILL)
        if service.process is not None:
            service.process.wait(10)

    def kill_child(self, name: str) -> None:
        """One process of a worker's pool: the worker itself lives and has to notice."""
        process = self.services[name].process
        children = _children(process.pid) if process else []
        if children:
            os.kill(children[-1], signal.SIGKILL)

    def stop(self) -> None:
        Group(list(self.services.values()), quiet=True).stop()
        self.valkey.stop()
        self.postgres.stop()

    def keep_database(self) -> None:
        """Under another name, which the next seed leaves alone."""
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as server:
            _drop(server, KEPT)
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [DATABASE])
            server.execute(f'CREATE DATABASE "{KEPT}" TEMPLATE "{DATABASE}"')

    def _set_environment(self, twilio_url: str) -> None:
        os.environ |= {
            "DATABASE_URL": self.postgres.url("postgres"),
            "REDIS_URL": self.valkey.url,
            "PUBLIC_BASE_URL": self.web_url,
            "TWILIO_BASE_URL": twilio_url,
            "TWILIO_TIMEOUT": str(CLIENT_TIMEOUT),
            "OPENAI_API_KEY": "",
            "LIVE_SENDING": "1",
            "LOG_LEVEL": "WARNING",
        }
        environment.set_development_defaults()

    def _service(self, name: str) -> Service:
        python = sys.executable
        celery = [python, "-W", "ignore", "-m", "celery", "-q", "-A", "config"]
        worker = ["-Q", "default,outreach,imports", "-c", "2", "-l", "WARNING", "--without-mingle", "--without-gossip"]
        web = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.web_port), "--log-level", "error"]
        commands = {
            "web": [python, "-m", "granian", *web, "--workers", "1", "--blocking-threads", "4", "--no-ws",
                    "--respawn-failed-workers", "config.wsgi:application"],
            "beat": [*celery, "beat", "-l", "WARNING", "--pidfile="],
        }  # fmt: skip
        command = commands.get(name) or [*celery, "worker", *worker, "-n", f"{name}@%h"]
        return Service(name, command, log=chaos_dir() / f"{name}.log")

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.web_url}/admin/login/", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise TimeoutError("the web server did not answer within a minute")


def _copy_world(messages: int) -> None:
    """A fresh copy of the world for so many messages, which is made when there is none of the present definition."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in _sources())).hexdigest()[:10]
    world = f"lalw_world_{messages}_{digest}"
    with databases.server() as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [world]).fetchone():
            databases.create_empty(f"{world}_new")
            databases.run("-m", "local.chaos.building", str(messages), database=f"{world}_new")
            server.execute(f'ALTER DATABASE "{world}_new" RENAME TO "{world}"')
        _drop(server, DATABASE)
        server.execute(f'CREATE DATABASE "{DATABASE}" TEMPLATE "{world}"')
        # A copied sequence believes that its next 32 numbers are logged already, which is true of the original alone: a
        # crash would put it back. After a checkpoint it logs anew.
        server.execute("CHECKPOINT")


def _drop(server: psycopg.Connection[object], name: str) -> None:
    server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _sources() -> list[Path]:
    project = environment.PROJECT_DIR
    return [*sorted(project.glob("*/migrations/*.py")), *(project / name for name in WORLD_SOURCES)]


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
