# SPDX-License-Identifier: GPL-3.0-or-later
"""What SMOTE does to F of the rare class, here and in imbalanced-learn: smote.py BUILD WORK BARS.

Rows with 4 % positives are learnt from, as they are and grown to a ratio by SMOTE with 5
neighbours, by a forest of 100 trees each; F is of the positive class among fresh rows. Each seed
has rows of its own, the same for both. A rise is the difference of the two F of one seed.

Who is near to whom depends on the widths of the features. Ours brings them to a standard
deviation of 1 for that; imbalanced-learn takes them as they are, and some of these are ten times as
wide as others. So it is run both ways: within one standard deviation is asked of the way that
has the same distance on both sides.
"""

import os
import sys

import common

ROWS = 5000
FRESH = 20000
TREES = 100
RATIO = 0.5
NEIGHBOURS = 5
# Fewer would tell little of the deviation that the bar is made of.
SEEDS = 10
POSITIVE = "k01"
OURS, SCALED, RAW = "ours", "imbalanced-learn, features of one width", "imbalanced-learn as it is"


def our_f(build, work, known, fresh, truth, seed, options):
    model, told = os.path.join(work, "smote.kbm"), os.path.join(work, "smote-told.csv")
    program = os.path.join(build, "backscatter")
    common.run([program, "train", "--features", known + ".csv", "--label", "y", "--classes", "all",
                "--trees", TREES, "--seed", seed, "-o", model] + options)
    common.run([program, "classify", "--model", model, fresh + ".csv", "-o", told])
    return common.f_of(truth, common.told_classes(told), POSITIVE)


def measure(build, work, seed):
    """F without and with SMOTE, by program."""
    known, fresh = (os.path.join(work, "smote-" + name) for name in ("known", "fresh"))
    for rows, number, prefix in ((ROWS, 100 + seed, known), (FRESH, 200 + seed, fresh)):
        common.run([common.PYTHON, os.path.join(common.HERE, "data.py"), rows, 2, number, prefix])
    _, truth = common.read_csv(fresh + ".csv")
    ours = [our_f(build, work, known, fresh, truth, seed, options)
            for options in ([], ["--smote", RATIO, "--smote-k", NEIGHBOURS])]
    theirs = common.run([common.PYTHON, os.path.join(common.HERE, "imblearn_smote.py"), known,
                         fresh, TREES, RATIO, NEIGHBOURS, seed])
    return {OURS: ours, SCALED: [theirs["f_plain"], theirs["f_smote_scaled"]],
            RAW: [theirs["f_plain"], theirs["f_smote"]]}


def main():
    build, work = sys.argv[1:3]
    bars = common.Bars(sys.argv[3])
    found = [measure(build, work, seed) for seed in range(1, SEEDS + 1)]
    common.say("\nSMOTE: F of the positive class, %d rows with 4 %%, ratio %g, k %d, %d seeds" %
               (ROWS, RATIO, NEIGHBOURS, SEEDS))
    rises = {}
    for name in (OURS, SCALED, RAW):
        plain, smote = zip(*(of_seed[name] for of_seed in found))
        rises[name] = [after - before for before, after in zip(plain, smote)]
        common.say("  %-42s without %.3f +- %.3f, with %.3f +- %.3f, rise %.3f +- %.3f" % (
            name, common.mean(plain), common.deviation(plain), common.mean(smote),
            common.deviation(smote), common.mean(rises[name]), common.deviation(rises[name])))
    difference = {name: 100 * (common.mean(rises[OURS]) - common.mean(rises[name]))
                  for name in (SCALED, RAW)}
    bars.within("rise of F by SMOTE against %s" % SCALED, difference[SCALED],
                100 * common.deviation(rises[SCALED]), " points")
    # Other neighbours, so this one is no twin: ours may rise higher, but not less.
    bars.check("rise of F by SMOTE against %s" % RAW, difference[RAW],
               -100 * common.deviation(rises[RAW]), " points")


if __name__ == "__main__":
    main()
