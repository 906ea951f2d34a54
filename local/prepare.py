"""What a database needs before anything starts: migrations, reference data, demo logins and, when empty, the demo."""

from __future__ import annotations

import os

import django


def prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

    from django.core.management import call_command

    from local.people import create_demo_users
    from markets.seeding import seed_reference_data

    call_command("migrate", verbosity=0)
    seed_reference_data()
    create_demo_users()


if __name__ == "__main__":
    prepare()
