"""``python -m tests.fuzz``: many random programs in several processes, and a few lines for each that breaks a law."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.fuzz.programs import KINDS, program
from tests.fuzz.runner import Batch, batches, bounded, faulty, run
from tests.fuzz.shrink import smallest


def main() -> int:
    args = _arguments()
    if args.only:
        return _one(*args.only.split(":"))
    began = time.monotonic()
    done: list[Batch] = []
    context = multiprocessing.get_context("spawn")  # each with another order of its sets
    with ProcessPoolExecutor(args.jobs, mp_context=context, initializer=bounded) as pool:
        running = [pool.submit(run, *batch) for batch in batches(args.count, args.seed, args.kinds)]
        for future in as_completed(running):
            batch = future.result()
            done.append(batch)
            for seed, fault in batch.faults:
                print(f"--- {batch.kind}:{seed}\n{fault}", flush=True)
            if args.minutes and time.monotonic() - began > args.minutes * 60:
                pool.shutdown(cancel_futures=True)
                break
    _summary(done, args.kinds)
    return int(any(batch.faults for batch in done))


def _one(kind: str, seed: str) -> int:
    """One program again, as small as it fails."""
    text = program(kind, int(seed))
    fault = faulty(kind, text)
    if fault:
        text = smallest(text, lambda shorter: faulty(kind, shorter))
    print(text, fault or "no fault", sep="\n")
    return int(bool(fault))


def _summary(done: list[Batch], kinds: list[str]) -> None:
    print(f"{'kind':12} {'programs':>9} {'findings':>9} {'faults':>7} {'seconds':>8} {'slowest':>8}")
    for kind in kinds:
        mine = [batch for batch in done if batch.kind == kind]
        slowest, seed = max((batch.slowest for batch in mine), default=(0.0, 0))
        print(
            f"{kind:12} {sum(len(b.seeds) for b in mine):9,} {sum(b.findings for b in mine):9,}"
            f" {sum(len(b.faults) for b in mine):7,} {sum(b.seconds for b in mine):8,.0f} {slowest:8.2f}  {kind}:{seed}"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="programs, of all kinds together (1000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--minutes", type=float, help="stop after these")
    parser.add_argument("--jobs", "-j", type=int, default=1)
    parser.add_argument("--only", metavar="KIND:SEED", help="this program again, made as small as it fails")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
