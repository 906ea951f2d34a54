"""`make demo` on a list of one's own: the whole job from the file to the replies, everything accounted for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import environment

NAMES = ["BOUDREAUX JEAN", "HEBERT ANN & PAUL", "ESTATE OF GUIDRY", "MOUTON LAND LLC"]
HEADER = "PIN,Owner Name,Mail Addr,Mail City,Mail State,Mail Zip,Total Acres,Land Value,Phone 1\n"


@pytest.fixture
def roll(tmp_path) -> Path:
    rows = [
        f'{number:05d},"{name}",{number} OAK ST,HOUSTON,TX,77002,{1 + number % 4}.5,"$1,{number:03d}",'
        f"225-{300 + number}-{4000 + number}\n"
        for number, name in enumerate(NAMES * 10)
    ]
    path = tmp_path / "my roll.csv"
    path.write_text(HEADER + "".join(rows) + ",NO PARCEL NUMBER,,,,,,,\n")
    return path


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.demo", *arguments]
    return subprocess.run(command, cwd=environment.PROJECT_DIR, env=os.environ, capture_output=True, text=True)


def test_a_list_of_ones_own_is_played_to_the_end_and_accounted_for(roll, tmp_path):
    done = demo("--list", str(roll), "--parish", "Ascension", "--market", "LA")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every row and every message is accounted for." in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["rejected", "1"] in lines
    assert any(line[-2:-1] == ["delivered"] and int(line[-1]) > 0 for line in lines if len(line) > 1)


def test_the_clock_of_office_hours_ticks_from_the_start() -> None:
    """And not from the first time on that somebody asks it, seconds later: the clocks of all processes agree."""
    look = "from time_machine import escape_hatch as real; from local.demo import clock; import time; clock.travel()"
    look += "; start = time.monotonic()\nwhile time.monotonic() < start + 1: pass"
    look += "\nprint(time.time() - real.time.time() - 3600)"
    variables = os.environ | {"DEMO_CLOCK_OFFSET": "3600"}
    command = [sys.executable, "-c", look]

    done = subprocess.run(command, cwd=environment.PROJECT_DIR, env=variables, capture_output=True, text=True)

    assert abs(float(done.stdout)) < 0.5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--list", "nowhere.csv", "--parish", "Ascension", "--market", "LA"], "no file nowhere.csv"),
        (["--list", "nowhere.csv"], "say whose list it is"),
        (["--market", "ZZ"], "demo: no market “ZZ”; there are LA, WV"),
    ],
)
def test_a_wrong_call_gets_one_line(arguments, said):
    done = demo(*arguments)

    assert done.returncode != 0
    assert said in done.stderr.splitlines()[-1]
