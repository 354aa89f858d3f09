# SPDX-License-Identifier: GPL-3.0-or-later
# Public data sets that come with R's mlbench: export.R WORK; writes WORK/NAME.csv.
library(mlbench)
work <- commandArgs(trailingOnly = TRUE)[1]
sets <- c(Sonar = "Class", Vehicle = "Class", Satellite = "classes", LetterRecognition = "lettr",
          PimaIndiansDiabetes = "diabetes", Glass = "Type")
for (name in names(sets)) {
	data(list = name)
	rows <- get(name)
	label <- rows[[sets[name]]]
	rows[[sets[name]]] <- NULL
	rows[] <- lapply(rows, function(column) as.numeric(as.character(column)))
	names(rows) <- paste0("f", seq_along(rows) - 1)
	# Numbers as classes, so that each program sorts them alike.
	rows$y <- sprintf("k%02d", as.integer(label) - 1)
	write.csv(rows, file.path(work, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
}
