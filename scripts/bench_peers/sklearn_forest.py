# SPDX-License-Identifier: GPL-3.0-or-later
"""scikit-learn's forest: sklearn_forest.py TRAIN FRESH TREES THREADS SEED; prefixes of data.py."""

import sys
import time

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score

SINGLE = 20


def read(prefix):
    labels = np.fromfile(prefix + ".y", dtype=np.int32)
    return np.fromfile(prefix + ".bin").reshape(-1, len(labels)).T.copy(), labels


def main():
    train, fresh = sys.argv[1:3]
    trees, threads, seed = (int(word) for word in sys.argv[3:6])
    values, labels = read(train)
    fresh_values, fresh_labels = read(fresh)
    forest = RandomForestClassifier(n_estimators=trees, max_features="sqrt", n_jobs=threads,
                                    random_state=seed)
    start, cpu = time.monotonic(), time.process_time()
    forest.fit(values, labels)
    print("train_seconds", time.monotonic() - start)
    print("train_cpu", time.process_time() - cpu)
    forest.n_jobs = 1
    seconds = []
    for _ in range(3):
        start = time.process_time()
        told = forest.predict(fresh_values)
        seconds.append(time.process_time() - start)
    print("rows_per_second", len(fresh_labels) / min(seconds))
    start = time.process_time()
    for row in range(SINGLE):
        forest.predict(fresh_values[row:row + 1])
    print("single_us", (time.process_time() - start) / SINGLE * 1e6)
    print("f_last", f1_score(fresh_labels, told, average=None)[-1])
    print("f_macro", f1_score(fresh_labels, told, average="macro"))


if __name__ == "__main__":
    main()
