"""`make run`: engines, demo data, web, worker, beat and simulators under one supervisor; Ctrl-C ends them all.

With OFFICE_HOURS set all of them believe that it is noon of the next working day: then the demo is alive at night too.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from local import environment
from local.demo import clock
from local.engines import EngineError, Postgres, Valkey, engine_root, port_is_taken
from local.processes import Group, Service

READY_SECONDS = 60.0


class StartError(Exception):
    """One line for the person who typed `make run`."""


def main() -> int:
    environment.set_development_defaults()
    if _keeps_office_hours():
        clock.set_office_hours("America/New_York")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with only_one(environment.local_dir()):
            return _run()
    except (StartError, EngineError) as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0


def _run() -> int:
    _check_ports()
    engines = _start_engines()
    group = Group(_services())
    try:
        _prepare()
        group.start()
        _wait_until_ready()
        _greet()
        return _watch(group)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        group.stop()
        for engine in reversed(engines):
            engine.stop()


def only_one(local_dir: Path) -> IO[str]:
    """Holds a lock as long as this process lives; whoever comes second is told who is there."""
    local_dir.mkdir(parents=True, exist_ok=True)
    lock = (local_dir / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise StartError(f"already running ({lock.read().strip()}); stop it there with Ctrl-C") from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, {os.environ['PUBLIC_BASE_URL']}/admin/")
    lock.flush()
    return lock


def _check_ports() -> None:
    needed = [name for name in environment.PORTS if not (name == "VALKEY_PORT" and os.environ.get("REDIS_URL"))]
    for name in needed:
        if port_is_taken(environment.port(name)):
            number = environment.port(name)
            raise StartError(f"port {number} is taken; choose another with {name}=<port> make run")


def _start_engines() -> list[Postgres | Valkey]:
    root = engine_root(environment.local_dir())
    started: list[Postgres | Valkey] = []
    if not os.environ.get("DATABASE_URL"):
        postgres = Postgres(root)
        started.append(postgres)
        postgres.start()
        postgres.create_database("lalw")
        os.environ["DATABASE_URL"] = postgres.url()
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(root, environment.port("VALKEY_PORT"))
        started.append(valkey)
        valkey.start()
        os.environ["REDIS_URL"] = valkey.url
    return started


def _prepare() -> None:
    done = subprocess.run(_by_the_clock("local.prepare"), check=False)
    if done.returncode:
        raise StartError("the database could not be prepared; the lines above say why")


def _services() -> list[Service]:
    celery = _by_the_clock("celery", "-q", "-A", "config")
    application = "local.demo.wsgi:application" if _keeps_office_hours() else "config.wsgi:application"
    web = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(environment.port("WEB_PORT"))]
    web += ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers"]
    worker = ["-Q", "default,outreach,imports", "-c", "3", "-l", "INFO", "--without-mingle", "--without-gossip"]
    inbound = {"TWILIO_INBOUND_URL": f"{os.environ['PUBLIC_BASE_URL']}/twilio/inbound/"}
    return [
        Service("twilio", _by_the_clock("local.twilio_simulator"), inbound),
        Service("openai", _by_the_clock("local.openai_simulator")),
        Service("web", [sys.executable, "-m", "granian", *web, application]),
        Service("worker", [*celery, "worker", *worker], {"PYTHONWARNINGS": "ignore:You're running the worker"}),
        Service("beat", [*celery, "beat", "-l", "WARNING", "--pidfile="]),
    ]


def _keeps_office_hours() -> bool:
    return bool(os.environ.get("OFFICE_HOURS"))


def _by_the_clock(module: str, *arguments: str) -> list[str]:
    clock_first = ["local.demo.clock"] if _keeps_office_hours() else []
    return [sys.executable, "-m", *clock_first, module, *arguments]


def _wait_until_ready() -> None:
    deadline = time.monotonic() + READY_SECONDS
    url = f"http://127.0.0.1:{environment.port('WEB_PORT')}/admin/login/"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise StartError("the web server did not answer within a minute; its lines above say why")


def _greet() -> None:
    from local.people import DEMO_PASSWORD, DEMO_USERS

    print(f"\nLA Land Wholesale is up: {os.environ['PUBLIC_BASE_URL']}/admin/")
    for name, role in DEMO_USERS.items():
        print(f"  {role:<14} {name} / {DEMO_PASSWORD}")
    print(f"  simulated phones  {os.environ['TWILIO_BASE_URL']}/simulator/")
    print("Ctrl-C stops everything.\n", flush=True)


def _watch(group: Group) -> int:
    while True:
        ended = group.first_ended()
        if ended:
            print(f"{ended.name} ended with exit code {ended.exit_code()}; stopping the rest", file=sys.stderr)
            return 1
        time.sleep(0.5)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
