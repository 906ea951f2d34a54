"""The product's Celery application with one task more: the floor under every task."""

from __future__ import annotations

from config.celery import app


@app.task(name="local.load.no_op")
def no_op() -> None:
    """Nothing."""


__all__ = ["app", "no_op"]
