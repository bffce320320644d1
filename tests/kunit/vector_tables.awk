# SPDX-License-Identifier: GPL-2.0
# Makes of the files of tests/vectors/ the tables that vector_tables.h declares: Kbuild runs
# it, since there are no files to read in the kernel.

function quoted(text) {
	if (text ~ /["\\]/) {
		print FILENAME ":" FNR ": cannot stand in a C string: " text >"/dev/stderr"
		failed = 1
	}
	return "\"" text "\""
}

function end_case() {
	if (lines)
		print "};\n"
	lines = 0
}

BEGIN {
	print "// SPDX-License-Identifier: GPL-2.0"
	print "/* Made from tests/vectors/ by vector_tables.awk. */\n"
	print "#include <linux/kernel.h>"
	print "#include \"vector_tables.h\"\n"
}

FNR == 1 {
	end_case()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.txt$/, "", name)
	file[++files] = name
}

/^#/ || /^$/ { next }

/^case = / {
	end_case()
	cases[files]++
	title[files, cases[files]] = quoted(substr($0, 8))
	next
}

/ = / && cases[files] {
	if (!lines++)
		print "static struct vec_line lines_" files "_" cases[files] "[] = {"
	count[files, cases[files]] = lines
	split($0, half, " = ")
	n = split(half[2], word, " ")
	printf "\t{ %s, (const char *[]){", quoted(half[1])
	for (i = 1; i <= n; i++)
		printf " %s,", quoted(word[i])
	print " }, " n " },"
	next
}

{
	print FILENAME ":" FNR ": not `key = value` of a case: " $0 >"/dev/stderr"
	failed = 1
}

END {
	end_case()
	for (f = 1; f <= files; f++) {
		print "static const struct vec_case cases_" f "[] = {"
		for (c = 1; c <= cases[f]; c++)
			print "\t{ " title[f, c] ", lines_" f "_" c ", " count[f, c] " },"
		print "};\n"
	}
	print "const struct vec_table vec_tables[] = {"
	for (f = 1; f <= files; f++)
		print "\t{ " quoted(file[f]) ", cases_" f ", ARRAY_SIZE(cases_" f ") },"
	print "};\n"
	print "const unsigned int vec_tables_count = ARRAY_SIZE(vec_tables);"
	exit failed
}
