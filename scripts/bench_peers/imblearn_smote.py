# SPDX-License-Identifier: GPL-3.0-or-later
"""imbalanced-learn: imblearn_smote.py TRAIN FRESH TREES RATIO NEIGHBOURS SEED.

f_smote is with neighbours found in the rows as they are, f_smote_scaled with each feature brought
to a standard deviation of 1 before and back behind, as ours finds them.
"""

import sys

from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score

from sklearn_forest import read


def main():
    (values, labels), (fresh_values, fresh_labels) = read(sys.argv[1]), read(sys.argv[2])
    trees, ratio, neighbours, seed = (int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]),
                                      int(sys.argv[6]))
    widths = values.std(axis=0)
    widths[widths == 0] = 1

    def grow(factors):
        grower = SMOTE(sampling_strategy=ratio, k_neighbors=neighbours, random_state=seed)
        grown, classes = grower.fit_resample(values / factors, labels)
        return grown * factors, classes

    for name, rows in (("f_plain", (values, labels)), ("f_smote", grow(1)),
                       ("f_smote_scaled", grow(widths))):
        forest = RandomForestClassifier(n_estimators=trees, max_features="sqrt",
                                        random_state=seed)
        print(name, f1_score(fresh_labels, forest.fit(*rows).predict(fresh_values)))


if __name__ == "__main__":
    main()
