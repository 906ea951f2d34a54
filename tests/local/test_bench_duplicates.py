"""The bench of the duplicate search: its owners have a known truth, and it measures what it says."""

import json
import os
import subprocess
import sys
from itertools import islice

from local import environment
from local.demo_data.duplicates import owner_records


def test_the_same_seed_gives_the_same_owners_and_their_truth():
    records = list(islice(owner_records(7, 2_000), 2_000))

    assert records == list(owner_records(7, 2_000))
    again = [record for record in records if record.dirt]
    owners = {record.truth for record in records}
    assert len(owners) + len(again) == len(records)
    assert 0.1 < len(again) / len(records) < 0.3
    assert {record.truth for record in again} < owners


def test_a_small_bench_finds_most_and_little_else():
    command = [sys.executable, "-m", "local.bench.duplicates", "--rows", "2000", "--json"]
    done = subprocess.run(command, cwd=environment.PROJECT_DIR, env=os.environ, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["owners"] == 2_000
    assert result["true_pairs"] > 300
    assert result["found"]["recall"] > 0.9
    assert result["unopposed"]["precision"] > 0.97
    assert result["certain"]["precision"] == 1
    assert result["recall_by_dirt"]["as it was"] == 1
    assert result["seconds"] > 0
