# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic rows that look like originators: 22 features, 4 % positive or 12 skewed classes.

    data.py ROWS CLASSES SEED PREFIX

Writes PREFIX.csv (f0 ... f21, y), and for programs that are slow at CSV PREFIX.bin (doubles,
column after column) and PREFIX.y (32-bit class numbers). The classes depend on nothing but
CLASSES, the rows also on SEED: two seeds are known and fresh rows of the same world.
"""

import sys

import numpy as np

FEATURES = 22
SHARES = 14           # the first are shares: many of them zero, two digits
POSITIVE = 0.04
WORLD_SEED = 20


def make(rows, classes, seed):
    world = np.random.default_rng(WORLD_SEED)
    draw = np.random.default_rng(seed)
    if classes == 2:
        labels = (draw.random(rows) < POSITIVE).astype(np.int32)
        centres = np.zeros((2, FEATURES))
        centres[1, ::3] = 1.2
    else:
        weights = 1 / (1 + np.arange(classes)) ** 1.2
        labels = draw.choice(classes, rows, p=weights / weights.sum()).astype(np.int32)
        centres = world.normal(0, 0.7, (classes, FEATURES))
    values = draw.normal(size=(rows, FEATURES)) + centres[labels]
    shares = np.where(values > 0.5, np.floor(values * 20) / 100, 0)
    # Whole numbers of ten thousandths: their decimal text is the same double.
    values = np.round(values * 1e4) / 1e4
    values[:, :SHARES] = np.round(shares[:, :SHARES] * 100) / 100
    return values, labels


def write(prefix, values, labels, names):
    values.T.astype(np.float64).tofile(prefix + ".bin")
    labels.astype(np.int32).tofile(prefix + ".y")
    with open(prefix + ".csv", "w", encoding="utf-8") as file:
        file.write(",".join("f%d" % i for i in range(values.shape[1])) + ",y\n")
        for row, label in zip(values.tolist(), labels.tolist()):
            file.write(",".join(map(repr, row)) + "," + names[label] + "\n")


def main():
    rows, classes, seed = (int(word) for word in sys.argv[1:4])
    values, labels = make(rows, classes, seed)
    # No class is called scan: a threshold chosen by F would not be the peers' rule.
    write(sys.argv[4], values, labels, ["k%02d" % i for i in range(classes)])


if __name__ == "__main__":
    main()
