# SPDX-License-Identifier: GPL-3.0-or-later
"""Macro-F of forests and trees on public data: quality.py BUILD WORK BARS [quick].

Five folds, the same for all programs, some seeds; F is of the verdicts of all folds together.
"""

import os
import sys

import common

FOLDS = 5
SETS = {  # trees
    "breast_cancer": 500, "Sonar": 500, "wine": 500, "Glass": 500, "iris": 500, "Vehicle": 500,
    "PimaIndiansDiabetes": 500, "digits": 500, "Satellite": 100, "LetterRecognition": 100,
}
QUICK = ("breast_cancer", "Sonar", "wine", "Glass")


def peers(work, name, trees, seeds):
    """Macro-F by program and seed."""
    scores = {}
    for command in (["Rscript", os.path.join(common.HERE, "quality.R")],
                    [common.PYTHON, os.path.join(common.HERE, "sklearn_quality.py")]):
        found = common.run(command + [os.path.join(work, name), trees, seeds])
        for key, value in found.items():
            if ":" in key:
                program, _ = key.split(":")
                scores.setdefault(program, []).append(value)
    return scores


def our_scores(build, work, name, trees, seeds):
    values, labels = common.read_csv(os.path.join(work, name + ".csv"))
    scores = {"forest": [], "tree": []}
    for seed in range(seeds):
        fold_of = common.fold_rows(labels, FOLDS, seed)
        truth, told = [], {algorithm: [] for algorithm in scores}
        for fold in range(FOLDS):
            rows = common.Fold(build, work, values, labels, fold_of, fold)
            truth += rows.fresh[1]
            for algorithm, verdicts in told.items():
                verdicts += rows.tell(["--algorithm", algorithm, "--seed", seed + 1] +
                                      (["--trees", trees] if algorithm == "forest" else []))
        for algorithm, verdicts in told.items():
            scores[algorithm].append(common.macro_f(truth, verdicts))
    return scores


def write_folds(work, name, seeds):
    """One line per row: its fold under each seed."""
    _, labels = common.read_csv(os.path.join(work, name + ".csv"))
    columns = [common.fold_rows(labels, FOLDS, seed) for seed in range(seeds)]
    with open(os.path.join(work, name + ".folds"), "w", encoding="utf-8") as file:
        for row in zip(*columns):
            file.write(",".join(map(str, row)) + "\n")


def show(name, scores):
    common.say("  %-32s%8.2f +- %.2f" % (name, 100 * common.mean(scores),
                                         100 * common.deviation(scores)))


def check(bars, what, name, own, others, deviations):
    """Within half a point of the mean of the others, or within their standard deviations."""
    middle = common.mean([common.mean(scores) for scores in others])
    spread = common.mean([common.deviation(scores) for scores in others])
    bars.within("%s on %s: macro-F against the mean of the others" % (what, name),
                100 * (common.mean(own) - middle), max(0.5, 100 * deviations * spread), " points")


def main():
    build, work = sys.argv[1:3]
    bars = common.Bars(sys.argv[3])
    quick = "quick" in sys.argv[4:]
    seeds = 2 if quick else 10
    common.run([common.PYTHON, os.path.join(common.HERE, "export.py"), work])
    common.run(["Rscript", os.path.join(common.HERE, "export.R"), work])
    for name in QUICK if quick else SETS:
        trees = SETS[name]
        write_folds(work, name, seeds)
        own, others = our_scores(build, work, name, trees, seeds), peers(work, name, trees, seeds)
        common.say("\n%s: macro-F in points, %d trees, %d folds, %d seeds" %
                   (name, trees, FOLDS, seeds))
        for key in ("forest", "tree"):
            show("our " + key, own[key])
        for key, scores in others.items():
            show(key, scores)
        check(bars, "forest", name, own["forest"],
              [others[key] for key in ("ranger", "randomForest", "sklearn-forest")], 1)
        check(bars, "tree", name, own["tree"], [others["rpart"], others["sklearn-tree"]], 2)


if __name__ == "__main__":
    main()
