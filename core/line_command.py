"""Commands that stand in a pipe."""

from __future__ import annotations

import io
import os
import signal
import sys

from django.core.management.base import BaseCommand
from django.db import OperationalError


class LineCommand(BaseCommand):
    """Speaks UTF-8 whatever the locale, answers each line at once, and ends without a traceback when nobody reads on
    (`| head -1`) or somebody presses Ctrl-C, with the exit code that shells give to a process ended by that signal, or
    the database is out of reach."""

    def run_from_argv(self, argv: list[str]) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        try:
            super().run_from_argv(argv)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still buffered
            sys.exit(128 + signal.SIGPIPE)
        except OperationalError as error:
            sys.exit(f"The database cannot be reached (see DATABASE_URL): {str(error).splitlines()[0]}")
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)

    def say(self, answer: str) -> None:
        self.stdout.write(answer)
        self.stdout.flush()
