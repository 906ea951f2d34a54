"""Twilio on this machine: the REST paths the product uses, signed webhooks, and people who answer.

    with TwilioSimulator(account_sid, auth_token, inbound_url=...) as twilio:
        twilio.base_url

`python -m local.twilio_simulator --help` for the same as a process. /simulator/ shows the traffic.

The last four digits of a destination provoke a fault, always the same one (the table itself: `faults.py`):

    0001  create answers 400, 21211: not a valid number
    0002  create answers 400, 21610: the recipient has opted out
    0003  create answers 429, 20429: too many requests
    0004  create answers 500, 20500: Twilio's own error, nothing was accepted
    0005  create is accepted and delivered, but its answer never comes
    0006  undelivered, 30003: handset unreachable
    0007  undelivered, 30007: filtered by the carrier
    0008  undelivered, 30006: landline or unreachable carrier
    0009  callbacks come twice and out of order
    0010  delivered, but no callback comes
    0011  callbacks come late
    0012  accepted only after a while: a caller without patience does not learn of it
    0013  accepted and delivered, but answered with 500
    0014  the connection is cut off, nothing was accepted

A scenario (`--scenario NAME` or a YAML file, see local/scenarios/) says how often what goes wrong for everybody else,
gives endings of its own, lets people answer and strangers write. The same seed and the same requests give the same
outcomes: each is a hash of the seed, the number and how manieth request for that number it is.
"""

from local.twilio_simulator.scenario import Scenario
from local.twilio_simulator.scenario_files import ScenarioError, load_scenario
from local.twilio_simulator.settings import Settings
from local.twilio_simulator.simulator import TwilioSimulator

__all__ = ["Scenario", "ScenarioError", "Settings", "TwilioSimulator", "load_scenario"]
