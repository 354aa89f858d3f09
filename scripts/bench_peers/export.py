# SPDX-License-Identifier: GPL-3.0-or-later
"""Public data sets that come with scikit-learn: export.py WORK; writes WORK/NAME.csv."""

import os
import sys

from sklearn import datasets

import common


def main():
    for name in ("breast_cancer", "digits", "wine", "iris"):
        found = getattr(datasets, "load_" + name)()
        labels = ["k%02d" % label for label in found.target.tolist()]
        common.write_csv(os.path.join(sys.argv[1], name + ".csv"), found.data.tolist(), labels)


if __name__ == "__main__":
    main()
