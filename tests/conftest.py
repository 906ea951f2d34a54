"""The suite runs on real engines of its own: one PostgreSQL and one Valkey for all workers, a database per worker.

Migrations run once into a template database, named by what is in them; each worker's database is a copy of it.
"""

from __future__ import annotations

import gc
import hashlib
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import django
import pytest
from hypothesis import settings

from local import environment
from local.engines import Postgres, Valkey, engine_root, free_port

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoDbBlocker

    from core.models import User

TEST_DIR = environment.local_dir() / "test"


def pytest_configure(config: pytest.Config) -> None:
    """Starts the engines in the process that leads the run; its workers inherit the addresses."""
    if hasattr(config, "workerinput"):
        os.environ["REDIS_URL"] = redis_of(config.workerinput["workerid"])
    else:
        start_engines(config)
    django.setup()
    if not hasattr(config, "workerinput"):
        del os.environ["DJANGO_SETTINGS_MODULE"]  # else the workers would read the settings before they get here
    from django.db import connection
    from django.test import TransactionTestCase

    from tests.emptying import empty_database

    connection.settings_dict["TEST"]["TEMPLATE"] = os.environ["TEST_TEMPLATE"]
    TransactionTestCase._fixture_teardown = empty_database


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then those with most tests, so that no worker is left with one of them at the end."""
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (not _is_long(item.path), -tests[item.path]))


def _is_long(path: Path) -> bool:
    """Those that play whole days with servers and browsers of their own."""
    return path.parent.name in ("browser", "local") or path.name == "test_properties.py"


@pytest.hookimpl
def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()


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
    os.environ["TEST_TEMPLATE"] = migrated_template(os.environ["DATABASE_URL"])


def redis_of(worker: str) -> str:
    """A database of its own for each worker, so that one never sees what another queued."""
    return urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{1 + int(worker.removeprefix('gw'))}").geturl()


def start_postgres(config: pytest.Config, postgres: Postgres) -> None:
    os.environ["DATABASE_URL"] = postgres.url("postgres")
    if not postgres.is_up():
        postgres.start()
        config.add_cleanup(postgres.stop)


def migrated_template(server_url: str) -> str:
    """Name of a database into which exactly these migrations have run; made when there is none yet."""
    import psycopg

    migrations = sorted(environment.PROJECT_DIR.glob("*/migrations/*.py"))
    also = ("requirements.lock", "config/roles.py", "core/fields.py", "core/migration_operations.py")
    sources = [*migrations, *(environment.PROJECT_DIR / name for name in also)]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    name = f"lalw_template_{digest}"
    with psycopg.connect(server_url, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f'DROP DATABASE IF EXISTS "{name}_new"')
            server.execute(f'CREATE DATABASE "{name}_new"')
            migrate(urlsplit(server_url)._replace(path=f"/{name}_new").geturl())
            server.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    return name


def migrate(database_url: str) -> None:
    command = [sys.executable, environment.PROJECT_DIR / "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, env=os.environ | {"DATABASE_URL": database_url})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database is dropped at the end, which fails while anybody is in it: says who, with what they did last."""
    from tests.emptying import kept_at_first

    with django_db_blocker.unblock():
        kept_at_first()
    yield
    with django_db_blocker.unblock():
        left = sessions_left()
    if left:
        pytest.fail(f"sessions that a test has left in the database: {left}")


def sessions_left(seconds: float = 5.0) -> list[tuple[object, ...]]:
    """Threads of live servers and killed workers may take a moment to go."""
    from django.db import connection

    until = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT pid, application_name, state, state_change::text, left(query, 300) FROM pg_stat_activity"
                " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            left = cursor.fetchall()
            if not left or time.monotonic() > until:
                return left
            time.sleep(0.05)


@pytest.fixture
def person(client: Client) -> Callable[[str], User]:
    """Logs a new person with this role (rep, manager or administrator) in, and returns them."""

    def log_in(role: str) -> User:
        from django.contrib.auth.models import Group

        from tests.factories import UserFactory

        user: User = UserFactory(username=f"a-{role}")
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return user

    return log_in


@pytest.fixture
def warmed(client: Client) -> Callable[[str], object]:
    """Asks for a page once before its queries are counted: content types are cached by the first request."""
    return lambda url: client.get(url)


environment.set_development_defaults()
# The suite tries the same examples everywhere; `make search` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
