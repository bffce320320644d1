# SPDX-License-Identifier: GPL-2.0
# For report.awk and flood.awk: the median of values[row, 1] to values[row, runs[row]].
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
