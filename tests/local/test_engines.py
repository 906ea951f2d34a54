import os
import socket
import subprocess
import sys

import psycopg
import pytest

from local import environment
from local.engines import Postgres, Valkey, engine_root, free_port, port_is_taken


@pytest.fixture
def root(tmp_path):
    return engine_root(tmp_path)


def test_postgres_starts_keeps_its_data_and_stops(root):
    server = Postgres(root, fsync=False)
    server.start()
    server.create_database("kept")
    server.stop()
    assert not server.is_up()

    again = Postgres(root, fsync=False)
    again.start()
    try:
        with psycopg.connect(again.url("kept")) as connection:
            assert connection.execute("SHOW server_version").fetchone()[0].startswith("18")
    finally:
        again.stop()


def test_a_second_handle_stops_a_server_it_did_not_start(root):
    first = Postgres(root, fsync=False)
    first.start()

    second = Postgres(root)
    second.start()
    second.stop()

    assert first.process.wait(10) == 0


def test_a_number_that_a_killed_server_left_is_not_taken_for_a_server(root):
    """It is this very process's: stopping it would end the test run."""
    server = Postgres(root)
    server.data.mkdir(parents=True)
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")

    server.stop()

    assert not server.is_up()


def test_valkey_answers_and_keeps_what_was_queued(root):
    for expected in (None, b"job"):
        server = Valkey(root, free_port())
        server.start()
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(b"GET queue\r\nSET queue job\r\n")
            answer = connection.recv(100)
        server.stop()
        assert answer.startswith(b"$-1" if expected is None else b"$3\r\njob")


def test_a_taken_port_is_noticed():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        assert port_is_taken(holder.getsockname()[1])


def test_make_run_names_a_taken_port_and_the_variable_that_changes_it(tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "local.run"],
            cwd=environment.PROJECT_DIR,
            env=os.environ | free_ports() | {"LOCAL_DIR": str(tmp_path), "TWILIO_SIM_PORT": port},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert f"port {port} is taken; choose another with TWILIO_SIM_PORT=" in done.stderr


def free_ports() -> dict[str, str]:
    return {name: str(free_port()) for name in environment.PORTS}
