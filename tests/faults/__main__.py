"""Random schedules of faults by seed: `python -m tests.faults --seeds 1000 --first-seed 1`. The last line is the verdict.

A schedule that breaks the books is printed with its seed, and `--seeds 1 --first-seed <seed>` plays it again. `--single` plays
every single fault of every kind instead. Standard error tells which flow is being played.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TextIO

import pytest

from chalicelib import wiring
from tests.faults.delivery import Delivery
from tests.faults.faults import Fault, Kind
from tests.faults.schedules import FLOWS, Theatre, repeatable
from tests.faults.stage import Stage, on_stage
from tests.support.cloud import running_cloud
from tests.support.network import refuse_network

Played = tuple[str, Sequence[Fault], list[str]]


def main(arguments: Sequence[str]) -> int:
    """Play; 0 when nothing broke."""
    parser = argparse.ArgumentParser(prog="tests.faults")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--single", action="store_true")
    asked = parser.parse_args(arguments)
    refuse_network()
    logging.disable(logging.CRITICAL)
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    with pytest.MonkeyPatch.context() as monkeypatch, running_cloud(monkeypatch) as cloud, _quiet() as report:
        wiring.get_deps()
        with on_stage(cloud) as stage:
            return _report(_play_singles(stage) if asked.single else _play_random(stage, seeds), report)


@contextmanager
def _quiet() -> Iterator[TextIO]:
    """Standard output for the report alone: what functions write there, metrics for CloudWatch, goes nowhere."""
    report = sys.stdout
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield report


def _report(played: Iterator[Played], report: TextIO) -> int:
    count = broken = 0
    for name, faults, wrong in played:
        if faults:
            count += 1
        else:  # how a world begins, or one of its deliveries
            print(f"{name}, after {count} schedules", file=sys.stderr, flush=True)  # noqa: T201  # progress
        if wrong:
            broken += 1
            print(f"{name}: {' '.join(map(str, faults))}", *wrong, sep="\n    ", file=report, flush=True)
    print(f"{count} schedules, {broken} violations: {'FAILED' if broken else 'passed'}", file=report)
    return 1 if broken else 0


def _play_random(stage: Stage, seeds: Sequence[int]) -> Iterator[Played]:
    """The seed alone decides flow, faults and order; schedules of a flow are played together, for its world is made once."""
    names = sorted(FLOWS)
    for name in names:
        mine = [seed for seed in seeds if names[repeatable(seed).randrange(len(names))] == name]
        theatre = Theatre(stage, FLOWS[name])
        if mine:
            yield name, (), theatre.open()
        for seed in mine:
            random = repeatable(f"{seed} faults")
            faults, delivery = theatre.random_faults(random), theatre.random_delivery(random)
            yield f"seed {seed}, {name}, {delivery}", faults, theatre.play(faults, delivery)


def _play_singles(stage: Stage) -> Iterator[Played]:
    for name, flow in FLOWS.items():
        theatre = Theatre(stage, flow)
        yield name, (), theatre.open()
        for fault in theatre.single_faults(tuple(Kind)):
            yield name, [fault], theatre.play([fault])
        for delivery in Delivery:
            yield f"{name}, {delivery}", (), theatre.play((), delivery)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
