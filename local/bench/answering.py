"""`python -m local.bench.answering`: prints as JSON how the questions of `questions` are answered, on DATABASE_URL."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import django

from local import environment


def main() -> list[dict[str, Any]]:
    environment.set_development_defaults()
    django.setup()
    from local.bench.questions import answers

    return [asdict(answer) | {"is_good": answer.is_good} for answer in answers()]


if __name__ == "__main__":
    print(json.dumps(main()))
