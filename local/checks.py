"""Checks of our own that no linter has: the repository rule, missing migrations, and production settings."""

from __future__ import annotations

import ast
import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local import environment

ROOMS = ("config", "core", "leads", "markets", "ops", "outreach", "scoring")
QUERY_WORDS = frozenset({"filter", "exclude", "annotate"})
QUERY_HOMES = ("models", "querysets", "migrations")


def main() -> int:
    problems = [*repository_problems(environment.PROJECT_DIR)]
    for problem in problems:
        print(problem)
    results = [not problems, _migrations_are_complete(), _deploy_check_is_clean()]
    return 0 if all(results) else 1


def repository_problems(project: Path) -> Iterator[str]:
    """Queries belong to the repositories: `.filter`, `.exclude` and `.annotate` are called in no other module."""
    for room in ROOMS:
        for source in sorted((project / room).rglob("*.py")):
            relative = source.relative_to(project)
            if not _is_query_home(relative):
                yield from _query_calls(relative, source.read_text())


def _is_query_home(path: Path) -> bool:
    return any(part.removesuffix(".py").split("_")[0] in QUERY_HOMES for part in path.parts)


def _query_calls(path: Path, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in QUERY_WORDS:
            yield f"{path}:{node.lineno}: .{node.func.attr}() outside a repository; give the queryset a word for it"


def _migrations_are_complete() -> bool:
    return _manage("makemigrations", "--check", "--dry-run", "--verbosity", "1") == 0


def _deploy_check_is_clean() -> bool:
    """`check --deploy` under production settings, with throw-away secrets."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    production = {
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "crm.example.com",
        "PUBLIC_BASE_URL": "https://crm.example.com",
        "FIELD_KEYS": f"1:{key}",
        "FIELD_HASH_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "DATABASE_URL": "postgres://nobody@db.example.com/lalw",
        "REDIS_URL": "redis://redis.example.com/0",
        "LIVE_SENDING": "0",
    }
    return _manage("check", "--deploy", "--fail-level", "WARNING", **production) == 0


def _manage(*arguments: str, **variables: str) -> int:
    command = [sys.executable, str(environment.PROJECT_DIR / "manage.py"), *arguments]
    return subprocess.run(command, check=False, env=os.environ | variables).returncode


if __name__ == "__main__":
    sys.exit(main())
