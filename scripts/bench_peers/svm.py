# SPDX-License-Identifier: GPL-3.0-or-later
"""Support vector machines against svm-train: svm.py BUILD WORK BARS [quick].

Five folds; each feature brought to mean 0 and standard deviation 1 by the rows learnt from, for
both; the same C and gamma.
"""

import os
import sys

import common

FOLDS = 5
COST = 1
SETS = ("breast_cancer", "wine", "iris", "Sonar", "Glass", "Vehicle", "PimaIndiansDiabetes")
QUICK = ("breast_cancer", "wine", "Sonar")


def scale(known, fresh):
    """Both lists of rows by the figures of the first."""
    centres = [common.mean(column) for column in zip(*known)]
    widths = [common.mean([(value - centre) ** 2 for value in column]) ** 0.5
              for column, centre in zip(zip(*known), centres)]
    return [[[(value - centre) / width if width > 0 else 0.0
              for value, centre, width in zip(row, centres, widths)] for row in rows]
            for rows in (known, fresh)]


def write_sparse(path, values, labels, names):
    with open(path, "w", encoding="utf-8") as file:
        for row, label in zip(values, labels):
            file.write("%d %s\n" % (names.index(label), " ".join(
                "%d:%r" % (i + 1, value) for i, value in enumerate(row))))


def theirs(work, known, fresh, names, gamma, options):
    paths = [os.path.join(work, name) for name in ("known.svm", "fresh.svm", "svm.model", "told")]
    known_values, fresh_values = scale(known[0], fresh[0])
    write_sparse(paths[0], known_values, known[1], names)
    write_sparse(paths[1], fresh_values, fresh[1], names)
    common.run(["svm-train", "-q", "-c", COST, "-g", gamma] + options + [paths[0], paths[2]])
    common.run(["svm-predict"] + options + paths[1:])
    with open(paths[3], encoding="utf-8") as file:
        lines = [line.split()[0] for line in file]
    return [names[int(word)] for word in lines if word != "labels"]


def main():
    build, work = sys.argv[1:3]
    bars = common.Bars(sys.argv[3])
    quick = "quick" in sys.argv[4:]
    common.run([common.PYTHON, os.path.join(common.HERE, "export.py"), work])
    common.run(["Rscript", os.path.join(common.HERE, "export.R"), work])
    seeds = 2 if quick else 10
    common.say("\nsupport vector machines: macro-F in points, C %g, gamma 1 / features, %d folds, "
               "%d seeds" % (COST, FOLDS, seeds))
    for name in QUICK if quick else SETS:
        values, labels = common.read_csv(os.path.join(work, name + ".csv"))
        names = sorted(set(labels))
        gamma = 1 / len(values[0])
        scores = {"ours": [], "svm-train": [], "svm-train -b 1": []}
        for seed in range(seeds):
            fold_of = common.fold_rows(labels, FOLDS, seed)
            truth, told = [], {key: [] for key in scores}
            for fold in range(FOLDS):
                rows = common.Fold(build, work, values, labels, fold_of, fold)
                truth += rows.fresh[1]
                told["ours"] += rows.tell(["--algorithm", "svm", "--cost", COST,
                                           "--gamma", repr(gamma)])
                for name_of, options in (("svm-train", []), ("svm-train -b 1", ["-b", 1])):
                    told[name_of] += theirs(work, rows.known, rows.fresh, names, gamma, options)
            for key, found in scores.items():
                found.append(100 * common.macro_f(truth, told[key]))
        common.say("  %-22s" % name + "".join(
            "%18s %6.2f" % (key, common.mean(found)) for key, found in scores.items()))
        bars.within("SVM on %s: macro-F against svm-train" % name,
                    common.mean(scores["ours"]) - common.mean(scores["svm-train"]), 0.3, " points")


if __name__ == "__main__":
    main()
