# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of bench-peers share: running programs, tables, bars."""

import json
import os
import subprocess
import sys
from collections import Counter
from random import Random

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"


def say(text=""):
    print(text, flush=True)


def run(command, environment=None):
    """
    Runs a program that prints 'name value' lines; returns them, and peak memory in MB. A child
    begins with the size of its parent: whoever measures memory must itself be small.
    """
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True,
                               env={**os.environ, **(environment or {})})
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("bench-peers: %s: exit status %d: %s" %
                 (" ".join(str(word) for word in command), process.returncode, err.strip()))
    figures = {"memory_mb": usage.ru_maxrss / 1024}
    for line in out.splitlines():
        words = line.split()
        if len(words) == 2:
            figures[words[0]] = float(words[1])
    return figures


class Bars:
    """The bars and whether they were met; kept in a file that the parts add to."""

    def __init__(self, path):
        self.path = path

    def check(self, name, value, bar, unit="", least=True):
        self.write(name, value >= bar if least else value <= bar,
                   "%.3g%s, bar %s %.3g%s" % (value, unit, "at least" if least else "at most", bar,
                                              unit))

    def within(self, name, difference, most, unit=""):
        """A difference from the others, which may be as large as `most` either way."""
        self.write(name, abs(difference) <= most,
                   "%+.3g%s, bar within %.3g%s" % (difference, unit, most, unit))

    def write(self, name, met, text):
        say("  %-6s %s: %s" % ("met" if met else "MISSED", name, text))
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "met": bool(met)}) + "\n")


def macro_f(truth, told):
    """Mean over the classes of F; a class that is never told rightly has 0."""
    rows, verdicts = Counter(truth), Counter(told)
    right = Counter(t for t, p in zip(truth, told) if t == p)
    return mean([2 * right[name] / (rows[name] + verdicts[name]) for name in rows])


def f_of(truth, told, name):
    """F of one class."""
    right = sum(1 for t, p in zip(truth, told) if t == name and p == name)
    return 2 * right / max(1, truth.count(name) + told.count(name))


def mean(values):
    return sum(values) / len(values)


def deviation(values):
    """Standard deviation of a sample; 0 of a single value."""
    if len(values) < 2:
        return 0.0
    middle = mean(values)
    return (sum((value - middle) ** 2 for value in values) / (len(values) - 1)) ** 0.5


def write_csv(path, values, labels):
    """Rows (lists of numbers) and their labels (texts) with a header that bench-peers knows."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join("f%d" % i for i in range(len(values[0]))) + ",y\n")
        for row, label in zip(values, labels):
            file.write(",".join(map(repr, row)) + "," + label + "\n")


def read_csv(path):
    """What write_csv() wrote."""
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split(",") for line in file][1:]
    return [[float(field) for field in row[:-1]] for row in rows], [row[-1] for row in rows]


def fold_rows(labels, folds, seed):
    """Fold of each row: shuffled and dealt out class by class, so that folds are alike."""
    random = Random(seed)
    fold_of, place = [0] * len(labels), 0
    for name in sorted(set(labels)):
        rows = [i for i, label in enumerate(labels) if label == name]
        random.shuffle(rows)
        for row in rows:
            fold_of[row] = place % folds
            place += 1
    return fold_of


class Fold:
    """The rows outside of a fold and those in it, and what the command itself tells of these."""

    def __init__(self, build, work, values, labels, fold_of, fold):
        self.program = os.path.join(build, "backscatter")
        self.paths = [os.path.join(work, "fold-" + name) for name in
                      ("known.csv", "fresh.csv", "model.kbm", "told.csv")]
        self.known, self.fresh = pick(values, labels, fold_of, fold)
        write_csv(self.paths[0], *self.known)
        write_csv(self.paths[1], *self.fresh)

    def tell(self, options):
        known, fresh, model, told = self.paths
        run([self.program, "train", "--features", known, "--label", "y", "--classes", "all",
             "-o", model] + options)
        run([self.program, "classify", "--model", model, fresh, "-o", told])
        return told_classes(told)


def told_classes(path):
    """The classes in what `backscatter classify` wrote."""
    with open(path, encoding="utf-8") as file:
        at = file.readline().rstrip("\n").split(",").index("class")
        return [line.rstrip("\n").split(",")[at] for line in file]


def pick(values, labels, fold_of, fold):
    """The rows outside of a fold and those in it, each as (values, labels)."""
    known = [i for i, at in enumerate(fold_of) if at != fold]
    fresh = [i for i, at in enumerate(fold_of) if at == fold]
    return (([values[i] for i in known], [labels[i] for i in known]),
            ([values[i] for i in fresh], [labels[i] for i in fresh]))
