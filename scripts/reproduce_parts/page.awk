# SPDX-License-Identifier: GPL-3.0-or-later
# Makes a page of parts: awk -v form=html|text -v folder=OUT -f page.awk PART.part...
# Lines of a part:
#   = HEADING               begins a section
#   paper TEXT              what the research found
#   built-in TEXT           what the simulation puts in
#   result TEXT             what came out
#   missing WHY             the part is left out
#   table FILE.csv CAPTION
#   picture NAME CAPTION    NAME.svg and NAME.png
#   commands FILE           the commands that made it
#   TEXT                    a paragraph
function escape(text) {
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	gsub(/>/, "\\&gt;", text)
	return text
}

function fold(text, indent, first,    words, n, i, line) {
	n = split(text, words, " ")
	line = first
	for (i = 1; i <= n; i++) {
		if (length(line) + length(words[i]) > 98 && line != indent) {
			print line
			line = indent
		}
		line = line (line == indent || line == first ? "" : " ") words[i]
	}
	print line
}

function paragraph(kind, label, text) {
	if (form == "html")
		printf "<p%s>%s%s</p>\n", kind == "" ? "" : " class=\"" kind "\"",
			label == "" ? "" : "<b>" label "</b> ", escape(text)
	else {
		print ""
		fold(text, label == "" ? "" : "    ", label == "" ? "" : label " ")
	}
}

function table(file, caption,    line, fields, n, i, row, widths, cells, rows, columns) {
	row = 0
	while ((getline line <(folder "/" file)) > 0) {
		n = split(line, fields, ",")
		row++
		if (n > columns) columns = n
		for (i = 1; i <= n; i++) {
			cells[row, i] = fields[i]
			if (length(fields[i]) > widths[i]) widths[i] = length(fields[i])
		}
	}
	close(folder "/" file)
	rows = row
	if (form == "html") {
		printf "<table><caption>%s (<a href=\"%s\">%s</a>)</caption>\n", escape(caption), file, file
		for (row = 1; row <= rows; row++) {
			line = "<tr>"
			for (i = 1; i <= columns; i++)
				line = line (row == 1 ? "<th>" : "<td>") escape(cells[row, i]) (row == 1 ? "</th>" : "</td>")
			print line "</tr>"
		}
		print "</table>"
		return
	}
	print ""
	fold(caption " (" file ")", "", "")
	for (row = 1; row <= rows; row++) {
		line = ""
		for (i = 1; i <= columns; i++)
			line = line sprintf("  %" (i == 1 ? "-" : "") widths[i] "s", cells[row, i])
		sub(/ +$/, "", line)
		print line
	}
}

function picture(name, caption) {
	if (form == "html")
		printf "<figure><img src=\"%s.svg\" alt=\"%s\"><figcaption>%s " \
			"(<a href=\"%s.png\">PNG</a>)</figcaption></figure>\n", name, escape(caption),
			escape(caption), name
	else {
		print ""
		fold("[picture " name ".svg, " name ".png: " caption "]", "", "")
	}
}

function commands(file,    line) {
	print form == "html" ? "<details><summary>Commands</summary><pre>" : "\nCommands:"
	while ((getline line <(folder "/" file)) > 0)
		print form == "html" ? escape(line) : "    " line
	close(folder "/" file)
	if (form == "html") print "</pre></details>"
}

function rest(n,    text) {
	text = $0
	while (n-- > 0) sub(/^[^ ]+ +/, "", text)
	return text
}

BEGIN {
	if (form == "html") {
		print "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
		print "<title>The research on a simulated Internet</title>\n<style>"
		print "body { font: 16px/1.45 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }"
		print "table { border-collapse: collapse; margin: 1em 0; font-size: 14px }"
		print "caption { text-align: left; padding: .3em 0 }"
		print "td, th { border: 1px solid #ccc; padding: .15em .6em; text-align: right }"
		print "td:first-child, th:first-child { text-align: left }"
		print "p.paper { border-left: 4px solid #48a; padding-left: .7em }"
		print "p.built-in { border-left: 4px solid #a84; padding-left: .7em }"
		print "p.result { border-left: 4px solid #484; padding-left: .7em }"
		print "p.missing { border-left: 4px solid #c33; padding-left: .7em }"
		print "figure { margin: 1em 0 } img { max-width: 100% }"
		print "pre { overflow-x: auto; font-size: 12px }\n</style>\n</head>\n<body>"
		print "<h1>The research on a simulated Internet</h1>"
	} else
		print "THE RESEARCH ON A SIMULATED INTERNET"
}
/^= / {
	if (form == "html") printf "<h2>%s</h2>\n", escape(rest(1))
	else {
		print "\n\n" rest(1)
		line = rest(1)
		gsub(/./, "-", line)
		print line
	}
	next
}
/^paper / { paragraph("paper", "The research:", rest(1)); next }
/^built-in / { paragraph("built-in", "Built in:", rest(1)); next }
/^result / { paragraph("result", "Here:", rest(1)); next }
/^missing / { paragraph("missing", "Left out:", rest(1)); next }
/^table / { table($2, rest(2)); next }
/^picture / { picture($2, rest(2)); next }
/^commands / { commands($2); next }
NF { paragraph("", "", $0) }
END { if (form == "html") print "</body>\n</html>" }
