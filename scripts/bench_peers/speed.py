# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed and memory of forests: speed.py BUILD WORK BARS [quick]; see scripts/bench-peers."""

import os
import sys

import common

TREES = 100
FRESH = 20000
SEED = 1
SCALING_ROUNDS = 7
COLUMNS = ("train s", "train CPU", "rows/s", "row us", "MB", "F last", "F macro")


def commands(build, train, fresh, threads):
    rest = [TREES, threads, SEED]
    r = [os.path.join(common.HERE, "forest.R")]
    return {
        "ours": [os.path.join(build, "tests/bench/bench_peers"), "forest", train + ".csv",
                 fresh + ".csv", "y"] + rest,
        "ranger": ["Rscript"] + r + ["ranger", train, fresh] + rest,
        "sklearn": [common.PYTHON, os.path.join(common.HERE, "sklearn_forest.py"), train,
                    fresh] + rest,
        "randomForest": ["Rscript"] + r + ["randomForest", train, fresh] + rest,
    }


def prepare(work, rows, classes, seed):
    prefix = os.path.join(work, "rows-%d-%d-%d" % (rows, classes, seed))
    if not os.path.exists(prefix + ".csv"):
        # In a program of its own: see common.run() about memory.
        common.run([common.PYTHON, os.path.join(common.HERE, "data.py"), rows, classes, seed,
                    prefix])
    return prefix


def best_run(command, rounds):
    """
    The run with the shortest training, but the best of every figure of prediction. What one
    thread does is in seconds of the processor: other programs do not lengthen these much.
    """
    runs = [common.run(command) for _ in range(rounds)]
    best = min(runs, key=lambda figures: figures["train_seconds"])
    best["rows_per_second"] = max(figures["rows_per_second"] for figures in runs)
    best["single_us"] = min(figures["single_us"] for figures in runs)
    return best


def compare(build, work, rows, classes, threads, programs, rounds=1):
    """Runs the programs on the same rows, prints their figures and returns them by name."""
    train, fresh = prepare(work, rows, classes, 1), prepare(work, FRESH, classes, 2)
    common.say("\n%d rows, %d classes, %d trees, %d thread%s" %
               (rows, classes, TREES, threads, "s" if threads > 1 else ""))
    common.say("  %-14s" % "" + "".join("%12s" % column for column in COLUMNS))
    figures = {}
    for name in programs:
        found = best_run(commands(build, train, fresh, threads)[name], rounds)
        figures[name] = found
        common.say("  %-14s%12.3f%12.3f%12.0f%12.1f%12.0f%12.4f%12.4f" % (
            name, found["train_seconds"], found["train_cpu"], found["rows_per_second"], found["single_us"],
            found["memory_mb"], found["f_last"], found["f_macro"]))
    return figures


def check(bars, name, one, least_training):
    bars.check("training against ranger, %s" % name,
               one["ranger"]["train_cpu"] / one["ours"]["train_cpu"], least_training, " times")


def scaling(build, work, bars):
    """
    One thread and two in turns: what disturbs a machine for a while disturbs both, and the
    best of each is least disturbed.
    """
    train, fresh = prepare(work, 100000, 2, 1), prepare(work, FRESH, 2, 2)
    seconds = {1: [], 2: []}
    for _ in range(SCALING_ROUNDS):
        for threads, found in seconds.items():
            found.append(common.run(commands(build, train, fresh, threads)["ours"])
                         ["train_seconds"])
    for threads, found in seconds.items():
        common.say("  100000 rows, %d thread%s: %s s" %
                   (threads, "s" if threads > 1 else "",
                    " ".join("%.3f" % one for one in sorted(found))))
    bars.check("training on 2 threads against 1, 100 thousand rows",
               min(seconds[1]) / min(seconds[2]), 1.8, " times")


def million(build, work, bars):
    """A million rows through the command itself, whose memory holds the CSV reader, too."""
    train = prepare(work, 1000000, 2, 1)
    fresh = prepare(work, FRESH, 2, 2)
    common.say("\n1000000 rows, 2 classes, %d trees, 2 threads" % TREES)
    found = common.run(commands(build, train, fresh, 2)["ours"])
    command = common.run([os.path.join(build, "backscatter"), "train", "--features",
                          train + ".csv", "--label", "y", "--trees", TREES, "--threads", 2,
                          "-o", os.path.join(work, "million.kbm")])
    ranger = common.run(commands(build, train, fresh, 2)["ranger"])
    common.say("  ours %.2f s, ranger %.2f s; memory of 'backscatter train' %.0f MB, ranger %.0f MB"
               % (found["train_seconds"], ranger["train_seconds"], command["memory_mb"],
                  ranger["memory_mb"]))
    bars.check("training against ranger, a million rows",
               ranger["train_seconds"] / found["train_seconds"], 10, " times")
    bars.check("memory, a million rows", command["memory_mb"], 1024, " MB", least=False)


def main():
    build, work = sys.argv[1:3]
    bars = common.Bars(sys.argv[3])
    quick = "quick" in sys.argv[4:]
    every = ["ours", "ranger", "sklearn", "randomForest"]
    three = every[:3]
    small = compare(build, work, 10000, 2, 1, every, 3)
    compare(build, work, 10000, 2, 2, three)
    large = compare(build, work, 100000, 2, 1, three if quick else every, 2)
    compare(build, work, 100000, 2, 2, ["ours"] if quick else three)
    compare(build, work, 10000, 12, 1, three if quick else every)
    if not quick:
        compare(build, work, 100000, 12, 1, three)
        compare(build, work, 100000, 12, 2, ["ours"])
    common.say("\nbars of speed")
    check(bars, "10 thousand rows", small, 5)
    check(bars, "100 thousand rows", large, 10)
    scaling(build, work, bars)
    best = max(large[name]["rows_per_second"] for name in ("ranger", "sklearn"))
    bars.check("prediction against the faster of ranger and sklearn, forest of 100 thousand rows",
               large["ours"]["rows_per_second"] / best, 5, " times")
    bars.check("a single row, forest of 10 thousand rows", small["ours"]["single_us"], 10, " us",
               least=False)
    if not quick:
        million(build, work, bars)


if __name__ == "__main__":
    main()
