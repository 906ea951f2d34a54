"""`make reset`: wipes the local databases and files."""

from __future__ import annotations

import shutil
import sys

from local import environment
from local.engines import Postgres, engine_root
from local.run import StartError, only_one


def main() -> int:
    environment.set_development_defaults()
    local_dir = environment.local_dir()
    try:
        with only_one(local_dir):
            for directory in {local_dir, engine_root(local_dir), Postgres(engine_root(local_dir)).socket_dir}:
                shutil.rmtree(directory, ignore_errors=True)
    except StartError as error:
        print(f"make reset: {error}", file=sys.stderr)
        return 1
    print(f"Wiped {local_dir}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
