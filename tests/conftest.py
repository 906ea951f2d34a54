"""The suite runs on real engines of its own: one PostgreSQL and one Valkey for all workers, a database per worker."""

from __future__ import annotations

import os

import django
import pytest

from local import environment
from local.engines import Postgres, Valkey, engine_root, free_port

TEST_DIR = environment.local_dir() / "test"


def pytest_configure(config: pytest.Config) -> None:
    """Starts the engines in the process that leads the run; its workers inherit the addresses."""
    if not hasattr(config, "workerinput"):
        start_engines(config)
    django.setup()


def start_engines(config: pytest.Config) -> None:
    os.environ["MEDIA_ROOT"] = str(TEST_DIR / "media")
    root = engine_root(TEST_DIR)
    if not os.environ.get("DATABASE_URL"):
        start_postgres(config, Postgres(root, fsync=False))
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(root, free_port(), persistent=False)
        valkey.start()
        os.environ["REDIS_URL"] = valkey.url
        config.add_cleanup(valkey.stop)


def start_postgres(config: pytest.Config, postgres: Postgres) -> None:
    os.environ["DATABASE_URL"] = postgres.url("postgres")
    if not postgres.is_up():
        postgres.start()
        config.add_cleanup(postgres.stop)


environment.set_development_defaults()
