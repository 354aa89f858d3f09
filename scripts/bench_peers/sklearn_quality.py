# SPDX-License-Identifier: GPL-3.0-or-later
"""scikit-learn on folds: sklearn_quality.py PREFIX TREES SEEDS; PREFIX.csv and PREFIX.folds."""

import os
import sys

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

import common


def main():
    prefix, trees, seeds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    values, labels = map(np.array, common.read_csv(prefix + ".csv"))
    folds = np.loadtxt(prefix + ".folds", delimiter=",", dtype=int, ndmin=2)
    for seed in range(seeds):
        learners = {
            "sklearn-forest": RandomForestClassifier(n_estimators=trees, max_features="sqrt",
                                                     n_jobs=os.cpu_count(), random_state=seed),
            "sklearn-tree": DecisionTreeClassifier(random_state=seed),
        }
        for name, learner in learners.items():
            told = np.empty_like(labels)
            for fold in set(folds[:, seed]):
                fresh = folds[:, seed] == fold
                told[fresh] = learner.fit(values[~fresh], labels[~fresh]).predict(values[fresh])
            print("%s:%d" % (name, seed), common.macro_f(labels.tolist(), told.tolist()))


if __name__ == "__main__":
    main()
