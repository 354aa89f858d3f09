# SPDX-License-Identifier: GPL-3.0-or-later
# R's forests and tree on folds: quality.R PREFIX TREES SEEDS; PREFIX.csv and PREFIX.folds.
suppressMessages({
	library(ranger)
	library(randomForest)
	library(rpart)
})
arguments <- commandArgs(trailingOnly = TRUE)
trees <- as.integer(arguments[2])
rows <- read.csv(paste0(arguments[1], ".csv"), stringsAsFactors = TRUE)
folds <- as.matrix(read.csv(paste0(arguments[1], ".folds"), header = FALSE))
features <- setdiff(names(rows), "y")
mtry <- floor(sqrt(length(features)))
# As fully grown as the others' trees; by default rpart prunes.
full <- rpart.control(cp = 0, minsplit = 2, minbucket = 1, xval = 0, maxsurrogate = 0,
                      maxcompete = 0)

learners <- list(
	ranger = function(known, fresh, seed) {
		forest <- ranger(x = known[features], y = known$y, num.trees = trees, mtry = mtry,
		                 seed = seed, verbose = FALSE)
		predict(forest, fresh, verbose = FALSE)$predictions
	},
	randomForest = function(known, fresh, seed) {
		set.seed(seed)
		predict(randomForest(known[features], known$y, ntree = trees, mtry = mtry), fresh)
	},
	rpart = function(known, fresh, seed) {
		predict(rpart(y ~ ., known, method = "class", control = full), fresh, type = "class")
	}
)

for (seed in seq_len(as.integer(arguments[3]))) {
	for (name in names(learners)) {
		told <- rows$y
		for (fold in unique(folds[, seed])) {
			fresh <- folds[, seed] == fold
			told[fresh] <- learners[[name]](rows[!fresh, ], rows[fresh, ], seed)
		}
		f <- sapply(levels(rows$y), function(level) {
			2 * sum(told == level & rows$y == level) / (sum(told == level) + sum(rows$y == level))
		})
		cat(sprintf("%s:%d", name, seed), mean(f), "\n")
	}
}
