"""`python -m local.chaos.building 2000`: the world of a seed into the empty database that DATABASE_URL names."""

from __future__ import annotations

import sys

import django

from local import environment


def main(messages: int) -> None:
    environment.set_development_defaults()
    django.setup()
    from local.chaos.world import make_world

    make_world(messages)


if __name__ == "__main__":
    main(int(sys.argv[1]))
