from __future__ import annotations

import argparse
import os
import sys

from local.http import wait_for_signal
from local.openai_simulator.simulator import OpenAISimulator


def main() -> int:
    options = _parse()
    try:
        simulator = OpenAISimulator(options.api_key, port=options.port, hang_seconds=options.hang_seconds)
    except OSError as error:
        print(f"openai simulator: port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    with simulator:
        print(f"OpenAI simulator on {simulator.base_url}", flush=True)
        wait_for_signal()
    return 0


def _parse() -> argparse.Namespace:
    environ = os.environ
    parser = argparse.ArgumentParser(prog="python -m local.openai_simulator", description="OpenAI on this machine.")
    parser.add_argument("--port", type=int, default=environ.get("OPENAI_SIM_PORT", "8020"), help="0 takes a free one")
    parser.add_argument(
        "--api-key", default=environ.get("OPENAI_API_KEY") or "sk-simulated", help="the only one it takes"
    )
    parser.add_argument(
        "--hang-seconds",
        type=float,
        default=environ.get("OPENAI_SIM_HANG_SECONDS", "30"),
        help="how long `timeout` keeps the caller waiting",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
