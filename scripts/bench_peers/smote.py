# SPDX-License-Identifier: GPL-3.0-or-later
"""What SMOTE does to F of the rare class, here and in imbalanced-learn: smote.py BUILD WORK BARS.

Rows with 4 % positives are learnt from, as they are and grown to a ratio by SMOTE with 5
neighbours, by a forest of 100 trees each; F is of the positive class among fresh rows.
"""

import os
import sys

import common

ROWS = 5000
FRESH = 20000
TREES = 100
RATIO = 0.5
NEIGHBOURS = 5
POSITIVE = "k01"


def our_f(build, work, known, fresh, truth, seed, options):
    model, told = os.path.join(work, "smote.kbm"), os.path.join(work, "smote-told.csv")
    program = os.path.join(build, "backscatter")
    common.run([program, "train", "--features", known + ".csv", "--label", "y", "--classes", "all",
                "--trees", TREES, "--seed", seed, "-o", model] + options)
    common.run([program, "classify", "--model", model, fresh + ".csv", "-o", told])
    with open(told, encoding="utf-8") as file:
        at = file.readline().rstrip("\n").split(",").index("class")
        return common.f_of(truth, [line.split(",")[at] for line in file], POSITIVE)


def main():
    build, work = sys.argv[1:3]
    bars = common.Bars(sys.argv[3])
    seeds = 3 if "quick" in sys.argv[4:] else 10
    figures = {"ours": ([], []), "imbalanced-learn": ([], [])}
    for seed in range(1, seeds + 1):
        known, fresh = (os.path.join(work, "smote-" + name) for name in ("known", "fresh"))
        for rows, number, prefix in ((ROWS, 100 + seed, known), (FRESH, 200 + seed, fresh)):
            common.run([common.PYTHON, os.path.join(common.HERE, "data.py"), rows, 2, number,
                        prefix])
        _, truth = common.read_csv(fresh + ".csv")
        for grown, options in enumerate(([], ["--smote", RATIO, "--smote-k", NEIGHBOURS])):
            figures["ours"][grown].append(our_f(build, work, known, fresh, truth, seed, options))
        found = common.run([common.PYTHON, os.path.join(common.HERE, "imblearn_smote.py"), known,
                            fresh, TREES, RATIO, NEIGHBOURS, seed])
        figures["imbalanced-learn"][0].append(found["f_plain"])
        figures["imbalanced-learn"][1].append(found["f_smote"])
    common.say("\nSMOTE: F of the positive class, %d rows with 4 %%, ratio %g, k %d, %d seeds" %
               (ROWS, RATIO, NEIGHBOURS, seeds))
    rises = {}
    for name, (plain, smote) in figures.items():
        rises[name] = [after - before for before, after in zip(plain, smote)]
        common.say("  %-18s without %.3f +- %.3f, with %.3f +- %.3f, rise %.3f +- %.3f" % (
            name, common.mean(plain), common.deviation(plain), common.mean(smote),
            common.deviation(smote), common.mean(rises[name]), common.deviation(rises[name])))
    difference = common.mean(rises["ours"]) - common.mean(rises["imbalanced-learn"])
    # A rise that is higher is no fault.
    bars.check("rise of F by SMOTE against imbalanced-learn's", 100 * difference,
               -100 * max(common.deviation(found) for found in rises.values()), " points")


if __name__ == "__main__":
    main()
