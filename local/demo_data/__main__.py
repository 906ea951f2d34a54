"""python -m local.demo_data --out DIR --rows 5000 [--seed 1] [--only roll,adjudicated,...]"""

import argparse
import sys
import time
from pathlib import Path

from local.demo_data.files import KINDS, write_demo_files


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    started = time.perf_counter()
    kinds = options.only.split(",")
    try:
        files = write_demo_files(options.out, options.rows, options.seed, kinds)
    except (ValueError, OSError) as error:
        print(f"demo data: {error}", file=sys.stderr)
        return 2
    for kind in kinds:
        print(getattr(files, kind))
    print(f"{options.rows:,} roll rows, {time.perf_counter() - started:.1f} s")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.demo_data", description="Write the demo's county lists.")
    parser.add_argument("--out", type=Path, required=True, help="directory to write to")
    parser.add_argument("--rows", type=int, default=5000, help="rows of the tax roll, 50 to 1,000,000")
    parser.add_argument("--seed", type=int, default=1, help="another number gives other people and land")
    parser.add_argument("--only", default=",".join(KINDS), help=f"comma-separated, of {', '.join(KINDS)}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
