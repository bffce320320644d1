# SPDX-License-Identifier: GPL-2.0
# For report.awk and flood.awk: of values[row, 1] to values[row, runs[row]] the median, and all
# as a JSON array.
function median(values, row,   n, i, j, t, s) {
	n = runs[row]
	for (i = 1; i <= n; i++)
		s[i] = values[row, i]
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && s[j] < s[j - 1]; j--) {
			t = s[j]; s[j] = s[j - 1]; s[j - 1] = t
		}
	return n % 2 ? s[(n + 1) / 2] : (s[n / 2] + s[n / 2 + 1]) / 2
}

function json_runs(values, row,   i, text) {
	for (i = 1; i <= runs[row]; i++)
		text = text (i > 1 ? ", " : "") sprintf("%.6g", values[row, i])
	return "[" text "]"
}
