"""`python -m local.bench.generating 1000000`: generated records into the database that DATABASE_URL names."""

from __future__ import annotations

import sys

import django

from local import environment


def main(leads: int) -> None:
    environment.set_development_defaults()
    django.setup()
    from local.bench.generated import generate_records

    generate_records(leads)


if __name__ == "__main__":
    main(int(sys.argv[1]))
