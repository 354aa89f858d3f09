# SPDX-License-Identifier: GPL-3.0-or-later
# A forest in R: forest.R ranger|randomForest TRAIN FRESH TREES THREADS SEED; prefixes of data.py.
arguments <- commandArgs(trailingOnly = TRUE)
program <- arguments[1]
trees <- as.integer(arguments[4])
threads <- as.integer(arguments[5])
seed <- as.integer(arguments[6])
single <- 20

read_rows <- function(prefix) {
	rows <- file.info(paste0(prefix, ".y"))$size / 4
	size <- file.info(paste0(prefix, ".bin"))$size / 8
	y <- readBin(paste0(prefix, ".y"), "integer", rows, size = 4)
	x <- matrix(readBin(paste0(prefix, ".bin"), "double", size), nrow = rows)
	colnames(x) <- paste0("f", seq_len(ncol(x)) - 1)
	list(x = x, y = factor(y))
}

now <- function() as.numeric(Sys.time())
cpu <- function() sum(proc.time()[1:2])

known <- read_rows(arguments[2])
fresh <- read_rows(arguments[3])
mtry <- floor(sqrt(ncol(known$x)))
set.seed(seed)
suppressMessages(library(program, character.only = TRUE))
start <- now()
start_cpu <- cpu()
if (program == "ranger") {
	forest <- ranger(x = known$x, y = known$y, num.trees = trees, mtry = mtry,
	                 num.threads = threads, seed = seed, verbose = FALSE)
	ask <- function(rows) predict(forest, rows, num.threads = 1, verbose = FALSE)$predictions
} else {
	forest <- randomForest(x = known$x, y = known$y, ntree = trees, mtry = mtry)
	ask <- function(rows) predict(forest, rows)
}
cat("train_seconds", now() - start, "\n")
cat("train_cpu", cpu() - start_cpu, "\n")
best <- Inf
for (round in 1:3) {
	start <- cpu()
	told <- ask(fresh$x)
	best <- min(best, cpu() - start)
}
cat("rows_per_second", nrow(fresh$x) / best, "\n")
start <- cpu()
for (row in seq_len(single)) {
	ask(fresh$x[row, , drop = FALSE])
}
cat("single_us", (cpu() - start) / single * 1e6, "\n")
f <- sapply(levels(fresh$y), function(level) {
	2 * sum(told == level & fresh$y == level) / (sum(told == level) + sum(fresh$y == level))
})
cat("f_last", f[length(f)], "\n")
cat("f_macro", mean(f), "\n")
