"""A small `make bench`: it measures what it says, on a database of its own. How fast it is, no test asks."""

import json
import os
import subprocess
import sys

from local import environment


def test_a_small_bench_measures_every_job():
    command = [sys.executable, "-m", "local.bench", "--rows", "100", "--runs", "1", "--json"]
    done = subprocess.run(command, cwd=environment.PROJECT_DIR, env=os.environ, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    measured = {measure["what"]: measure for measure in result["measures"]}
    assert measured["import"]["rows"] == measured["COPY of the file as it is"]["rows"] == 100
    assert all(measure["seconds"][0] > 0 for measure in measured.values())
    assert 0 < measured["import"]["ratio"] < 1
    assert 20 < measured["import"]["memory_mb"] < 1000
