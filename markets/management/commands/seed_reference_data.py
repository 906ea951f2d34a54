from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from markets.seeding import seed_reference_data


class Command(BaseCommand):
    help = "Writes the first markets, contact rules and holidays where they are missing; changes nothing that exists."

    def handle(self, *args: Any, **options: Any) -> None:
        written = seed_reference_data()
        self.stdout.write(", ".join(f"{count} {what}" for what, count in written.items()) + " written")
