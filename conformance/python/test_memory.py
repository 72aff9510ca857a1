"""What environments have in memory that is their own."""

from pathlib import Path

import pytest

MIB = 1 << 10


def private_kib(process):
    """What no other process and no file has: the sum over a process's memory."""
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:"))


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells it")
def test_objects_lie_together(hearth, aws, deploy):
    """What a handler makes lies behind what is shared, not in between, where each object would make a page its own."""
    process, _url = hearth
    source = """
import json, boto3
def lambda_handler(event, context):
    return len([[number] for number in range(event)])
"""
    names = [f"f{number}" for number in range(4)]
    for name in names:
        deploy(name, source)
    aws.invoke(names[0], 1)
    before = private_kib(process)
    for name in names[1:]:
        assert aws.invoke(name, 1) == 1
    cold = (private_kib(process) - before) / 3
    before = private_kib(process)
    for name in names[1:]:
        assert aws.invoke(name, 10_000) == 10_000
    served = (private_kib(process) - before) / 3
    assert cold < 5 * MIB and served < 3 * MIB
