# SPDX-License-Identifier: GPL-2.0
# Medians of flood.sh's "raw" lines: a table, then the bars; all runs as JSON (-v json=FILE).
# After median.awk.
{
	delete v
	for (i = 5; i <= NF; i++)
		if (split($i, pair, "=") == 2)
			v[pair[1]] = pair[2]
}

$2 == "cost" { add("cost-" $3 "-" $4, v["cost"]) }
$2 == "legit" { add("own-" $3 "-" $4, v["whole"] - v["sender"]) }
$2 == "unflooded" { add("unflooded-" $3 "-" $4, v["cost"]) }
$2 == "goodput" {
	add("goodput-" $3 "-" $4, v["delivered"] / v["sent"])
	add("seen-" $3 "-" $4, v["seen"] / (v["sent"] + v["forged"]))
	add("burnt-" $3 "-" $4, v["burnt"] / (v["took"] / v["every"]) / v["interval"])
	if (v["took"] / v["due"] > 1.02)
		late[$4] = v["took"] / v["due"]
}

function add(name, value) {
	if (!(name in runs))
		rows[++row_count] = name
	values[name, ++runs[name]] = value
}

# Of what nothing is asked, nothing says whether more of it is better.
function write_json(   r, group) {
	unit["cost"] = "instructions a forged datagram"
	unit["own"] = "instructions a packet, of b alone"
	unit["unflooded"] = "instructions a packet, no flood"
	unit["goodput"] = "delivered/sent"
	unit["seen"] = "seen by b/sent to it"
	unit["burnt"] = "burnt by pktgen/time"
	better["cost"] = better["unflooded"] = ", \"better\": \"lower\""
	better["goodput"] = ", \"better\": \"higher\""
	printf "{\"rows\": [\n" >json
	for (r = 1; r <= row_count; r++) {
		group = rows[r]
		sub(/-.*/, "", group)
		printf "  {\"name\": \"%s\", \"group\": \"%s\", \"unit\": \"%s\"%s, \"runs\": %s}%s\n",
		       rows[r], group, unit[group], better[group], json_runs(values, rows[r]),
		       (r < row_count ? "," : "") >json
	}
	print "]}" >json
}

# Of each column what there is of it.
function columns(what, row, form,   c, name) {
	for (c = 1; c <= 4; c++)
		if ((name = what "-" under[c] "-" row "-" size[c]) in runs)
			printf form, median(values, name)
		else
			printf "%9s", "-"
}

# b alone: the tunnel takes half of its time, the flood 5 x a forged datagram by a packet.
function need_row(title, row, kind,   c, own) {
	printf "%-44s", title
	for (c = 1; c <= 4; c++)
		if ((own = "own-" under[c] "-" kind "-" size[c]) in runs)
			printf "%9.2f", 0.5 + 5 * median(values, "cost-" under[c] "-" row) / median(values, own)
		else
			printf "%9s", "-"
	printf "\n"
}

function cost_row(title, row,   c) {
	printf "%-44s", title
	for (c = 1; c <= 4; c += 2)
		if (("cost-" under[c] "-" row) in runs)
			printf "%9.0f%9s", median(values, "cost-" under[c] "-" row), ""
		else
			printf "%9s%9s", "-", ""
	printf "\n"
}

function row_of(what, title, row, form) {
	printf "%-44s", title
	columns(what, row, form)
	printf "\n"
}

function heading(title) {
	printf "\n%-44s%9s%9s%9s%9s\n", title, "veth", "veth", "virtio", "virtio"
	printf "%-44s%9s%9s%9s%9s\n", "packets of so many octets", 1300, 50, 1300, 50
}

function flooded_rows(what) {
	row_of(what, "plait with the filter", "filter", "%9.3f")
	row_of(what, "plait without", "module", "%9.3f")
	row_of(what, "WireGuard", "wireguard", "%9.3f")
	row_of(what, "WireGuard, the flood that plait had", "wireguard-same", "%9.3f")
}

function bar(name, row, target) {
	if (row in runs)
		printf "bar: %s = %.3f (target %s)\n", name, median(values, row), target
}

END {
	split("veth veth virtio virtio", under, " ")
	split("1300 50 1300 50", size, " ")

	printf "\n%-44s%9s%18s\n", "instructions a forged datagram", "veth", "virtio-net"
	cost_row("the generator's own", "generator")
	cost_row("victim: a program that drops all at once", "at-once")
	cost_row("victim: the filter", "filter")
	cost_row("victim: plait.ko without a filter", "module")
	cost_row("victim: WireGuard", "wireguard")

	heading("instructions a packet, no flood, both ends")
	row_of("unflooded", "plait", "plait", "%9.0f")
	row_of("unflooded", "WireGuard", "wireguard", "%9.0f")

	heading("goodput in the flood; without one 1.000")
	flooded_rows("goodput")
	heading("of all datagrams to b, seen by it")
	flooded_rows("seen")
	heading("of the victim's time, burnt by waiting")
	flooded_rows("burnt")
	heading("CPUs that b alone would need")
	need_row("plait with the filter", "filter", "plait")
	need_row("plait without", "module", "plait")
	need_row("WireGuard", "wireguard", "wireguard")

	# The generator must have kept to its interval.
	for (what in late)
		printf "not the flood asked for: %s took %.2f of the time that it should have\n", what, late[what]
	print ""
	by = generator == "dpdk" ? "-by-dpdk" : ""
	bar("flood-goodput-with-filter" by, "goodput-veth-filter-1300", "0.9")
	bar("flood-goodput-with-filter-virtio-net" by, "goodput-virtio-filter-1300", "0.9")
	if (json)
		write_json()
}
