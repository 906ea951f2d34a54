from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from outreach.backlog import MOST, finish_backlog, start_backlog
from outreach.language_model import ModelError
from outreach.replies import in_words

LOOK_EVERY = 60.0


class Command(BaseCommand):
    help = (
        "Reads, in one batch at half the price, the replies that wait for a person only because no language model "
        "could be asked. Interrupted, it is taken up again with --batch."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=MOST, help="At most so many replies.")
        parser.add_argument("--batch", default="", help="Take up this batch instead of starting one.")
        parser.add_argument("--look-every", type=float, default=LOOK_EVERY, help="Seconds between two looks.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OPENAI_API_KEY:
            raise CommandError("No language model is set up: OPENAI_API_KEY is empty.")
        try:
            self._label(options)
        except ModelError as fault:
            raise CommandError(f"{in_words(fault)} Nothing is lost: run the command again.") from fault

    def _label(self, options: dict[str, Any]) -> None:
        batch_id = options["batch"] or self._start(options["limit"])
        while batch_id:
            done = finish_backlog(batch_id)
            if done is not None:
                self.stdout.write(", ".join(f"{count} {what}" for what, count in sorted(done.items())) or "nothing new")
                return
            time.sleep(options["look_every"])

    def _start(self, limit: int) -> str:
        started = start_backlog(limit=limit)
        if not started or started.value is None:
            self.stdout.write(started.message)
            return ""
        self.stdout.write(f"Batch {started.value} is being worked on.")
        self.stdout.flush()
        return started.value
