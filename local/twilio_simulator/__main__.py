from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from functools import partial
from typing import Any

from local.http import wait_for_signal
from local.personas import DEMO_REPLY_SHARE, reply_for
from local.twilio_simulator.scenario import NONE, Scenario
from local.twilio_simulator.scenario_files import ScenarioError, load_scenario, shipped_scenarios
from local.twilio_simulator.settings import Persona, silent
from local.twilio_simulator.simulator import TwilioSimulator


def main() -> int:
    options = _parse()
    try:
        scenario = load_scenario(options.scenario) if options.scenario else NONE
        options.seed = scenario.seed if options.seed is None else options.seed
        simulator = _simulator(options, replace(scenario, seed=options.seed))
    except ScenarioError as error:
        print(f"twilio simulator: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"twilio simulator: port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    with simulator:
        print(
            f"Twilio simulator on {simulator.base_url}/simulator/, replies to {options.inbound_url or 'nobody'}",
            flush=True,
        )
        wait_for_signal()
    return 0


def _simulator(options: argparse.Namespace, scenario: Scenario) -> TwilioSimulator:
    delays = {name: float(value) for name in DELAYS if (value := getattr(options, name)) is not None}
    return TwilioSimulator(
        options.account_sid,
        options.auth_token,
        port=options.port,
        inbound_url=options.inbound_url,
        numbers=frozenset(filter(None, options.numbers.split(","))),
        sid_seed=f"{options.seed}:{'' if options.repeat_sids else time.time_ns()}",
        public_base_url=options.public_base_url or f"http://127.0.0.1:{options.port}",
        **{"persona": _persona(options)} | DELAYS | scenario.as_options() | delays,
    )


DELAYS: dict[str, Any] = {"status_delay": 0.3, "reply_delay": 2.0, "hang_seconds": 20.0, "retry_delay": 0.4}
"""Unless the scenario, or the command line, says otherwise."""


def _persona(options: argparse.Namespace) -> Persona:
    if options.persona_mode == "off":
        return silent
    return partial(reply_for, seed=options.seed, reply_share=options.reply_share)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.twilio_simulator", description="Twilio on this machine.")
    _add(parser, "port", int, "TWILIO_SIM_PORT", "8010", "0 takes a free one")
    _add(parser, "account-sid", str, "TWILIO_ACCOUNT_SID", "AC" + "0" * 32, "")
    _add(parser, "auth-token", str, "TWILIO_AUTH_TOKEN", "simulated-auth-token", "also signs the webhooks")
    _add(parser, "inbound-url", str, "TWILIO_INBOUND_URL", "", "where people's texts are posted")
    _add(parser, "public-base-url", str, "TWILIO_SIM_PUBLIC_BASE_URL", "", "as it stands in Lookup's answers")
    _add(parser, "numbers", str, "TWILIO_SIM_NUMBERS", "", "the account's own, separated by commas; none: any")
    _add(parser, "status-delay", float, "TWILIO_SIM_STATUS_DELAY", None, "seconds between a message's statuses")
    _add(parser, "reply-delay", float, "TWILIO_SIM_REPLY_DELAY", None, "seconds until a quick person answers")
    _add(parser, "retry-delay", float, "TWILIO_SIM_RETRY_DELAY", None, "seconds until a webhook's first retry")
    _add(parser, "hang-seconds", float, "TWILIO_SIM_HANG_SECONDS", None, "how long ...0005 keeps the caller waiting")
    _add(parser, "seed", int, "TWILIO_SIM_SEED", None, "what goes wrong and who answers; else the scenario's own")
    _add(
        parser,
        "reply-share",
        float,
        "TWILIO_SIM_REPLY_SHARE",
        str(DEMO_REPLY_SHARE),
        "of the people (real: 0.005-0.04)",
    )
    _add(parser, "scenario", str, "TWILIO_SIM_SCENARIO", "", f"{', '.join(shipped_scenarios())}, or a file")
    _add(parser, "persona-mode", str, "TWILIO_SIM_PERSONAS", "on", "on or off", choices=("on", "off"))
    parser.add_argument("--repeat-sids", action="store_true", help="the same sids at every start")
    return parser.parse_args()


def _add(
    parser: argparse.ArgumentParser,
    name: str,
    kind: type,
    variable: str,
    default: str | None,
    words: str,
    *,
    choices: tuple[str, ...] | None = None,
) -> None:
    value = os.environ.get(variable, default)
    parser.add_argument(f"--{name}", type=kind, default=value, choices=choices, help=f"{words} ({variable})")


if __name__ == "__main__":
    sys.exit(main())
