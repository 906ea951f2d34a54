"""`make chaos`: seed after seed, a line for each, and at the end what was violated."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from local import environment

SEEDS, MESSAGES = 10, 2000
HEAD = "seed  seconds  texts  accepted  replies  stops  kills                                          violations"


def main() -> int:
    options = _parse()
    results = []
    if not options.json:
        print(HEAD, flush=True)
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        result = _play(seed, options.messages)
        results.append(result)
        if not options.json:
            print("\n".join([_line(result), *(f"      {found}" for found in result["violations"])]), flush=True)
    if options.json:
        print(json.dumps(results, indent=1))
    else:
        print(_verdict(results))
    return 1 if any(result["violations"] for result in results) else 0


def _play(seed: int, messages: int) -> dict[str, Any]:
    """In a process of its own, so that nothing of one seed is left for the next."""
    command = [sys.executable, "-m", "local.chaos.play", str(seed), str(messages)]
    done = subprocess.run(command, cwd=environment.PROJECT_DIR, stdout=subprocess.PIPE, text=True, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise SystemExit(f"chaos: seed {seed} could not be played to its end; the lines above say why") from None
    return found


def _line(result: dict[str, Any]) -> str:
    kills = ", ".join(f"{count} {name}" for name, count in sorted(result["kills"].items()))
    figures = f"{result['seed']:>4}  {result['seconds']:>7.0f}  {result['messages']:>5}  {result['accepted']:>8}"
    return f"{figures}  {result['replies']:>7}  {result['stops']:>5}  {kills:<45}  {len(result['violations'])}"


def _verdict(results: list[dict[str, Any]]) -> str:
    """The outcomes of all seeds, and the word of the day."""
    violated = sum(len(result["violations"]) for result in results)
    outcomes: dict[str, int] = {}
    for result in results:
        for state, count in result["outcomes"].items():
            outcomes[state] = outcomes.get(state, 0) + count
    said = ", ".join(f"{count:,} {state}" for state, count in sorted(outcomes.items()))
    return f"Outcomes: {said}.\n{violated} violations." if violated else f"Outcomes: {said}.\nNothing was violated."


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make chaos", description="Kills workers, broker and database while a campaign runs, and counts."
    )
    parser.add_argument("--seeds", type=_positive, default=SEEDS, help=f"how many ({SEEDS})")
    parser.add_argument("--first-seed", type=_positive, default=1, help="where to begin (1)")
    parser.add_argument("--messages", type=_positive, default=MESSAGES, help=f"texts per seed ({MESSAGES})")
    parser.add_argument("--json", action="store_true", help="everything about every seed")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
