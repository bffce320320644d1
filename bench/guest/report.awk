# SPDX-License-Identifier: GPL-2.0
# Medians of guest.sh's "raw" lines: a table, all runs as JSON (-v json=FILE), or with
# -v bars=1 the bars alone. Mbit and packets are per 10^9 instructions of busy CPU.
# -v cost=ROW: only the instructions a packet of that row, 0 if there is none.
# After median.awk.
{
	delete v
	for (i = 3; i <= NF; i++)
		if (split($i, pair, "=") == 2)
			v[pair[1]] = pair[2]
}

$2 == "mtu" { mtu[$3] = $4 }
$2 == "clock" { clock = $3 }
$2 == "driver" { driver = $3 }
$2 == "lossy" { lossy[$3]++ }

$2 == "tcp" && $3 !~ /^profile-/ {
	busy = v["total"] - v["idle"]
	add("tcp-" $3, v["bytes"] * 8 / busy * 1e3, busy / v["bytes"], 100 * v["idle"] / v["total"])
}

$2 == "pktgen" {
	busy = v["total"] - v["idle"]
	add("pktgen-" $3, v["sent"] / busy * 1e6, busy / v["sent"], 100 * v["idle"] / v["total"])
	offer["pktgen-" $3] = v["offer"]
}

function add(row, rate, cost, idle,   n) {
	if (!(row in runs))
		rows[++row_count] = row
	n = ++runs[row]
	rates[row, n] = rate
	costs[row, n] = cost
	idles[row] = idle
}

# Largest distance of a run from the median, in percent.
function spread(row,   m, i, d, most) {
	m = median(rates, row)
	for (i = 1; i <= runs[row]; i++) {
		d = 100 * (rates[row, i] / m - 1)
		if (d < 0)
			d = -d
		if (d > most)
			most = d
	}
	return most
}

function kind_of(row) { sub(/^(tcp|pktgen-[a-z0-9]*)-/, "", row); sub(/-.*/, "", row); return row }

# TCP packets are full ones: IPv4, TCP with timestamps.
function packet_cost(row) {
	return row ~ /^tcp-/ ? median(costs, row) * (mtu[kind_of(row)] - 52) : median(costs, row)
}

function bar(name, row, reference, target) {
	if (!(row in runs) || !(reference in runs))
		return
	printf "bar: %s = %.2f (target %.1f)\n", name,
	       median(rates, row) / median(rates, reference), target
}

# Not a bar: nothing is asked of it.
function figure(name, row, reference) {
	if (!(row in runs) || !(reference in runs))
		return
	if (row == reference)
		printf "figure: %s = %.1f\n", name, median(rates, row)
	else
		printf "figure: %s = %.2f\n", name, median(rates, row) / median(rates, reference)
}

# What a kernel module is worth beside user space; needs guest.sh's word "userdp".
function figures(   n, i, kind) {
	if (!("tcp-userdp" in runs))
		return
	n = split("veth wireguard plait plait-gcm userdp userdp-gcm", kind, " ")
	for (i = 1; i <= n; i++)
		figure("tcp-" kind[i] "-mbit", "tcp-" kind[i], "tcp-" kind[i])
	figure("tcp-chacha-module-vs-userdp", "tcp-plait", "tcp-userdp")
	figure("tcp-aes-gcm-module-vs-userdp", "tcp-plait-gcm", "tcp-userdp-gcm")
	figure("tcp-chacha-userdp-vs-wireguard", "tcp-userdp", "tcp-wireguard")
	figure("tcp-aes-gcm-userdp-vs-wireguard", "tcp-userdp-gcm", "tcp-wireguard")
	figure("pktgen-64-burst-module-vs-userdp", "pktgen-burst-plait", "pktgen-burst-userdp")
	figure("pktgen-64-single-module-vs-userdp", "pktgen-single-plait", "pktgen-single-userdp")
}

function table(   r, row, wg, tcp, ratio, note) {
	printf "\n%-28s %5s %12s %12s %8s %7s\n", "", "runs", "rate", "instr/packet", "x WG", "+-"
	for (r = 1; r <= row_count; r++) {
		row = rows[r]
		wg = row
		sub(kind_of(row) "(-gcm)?", "wireguard", wg)
		tcp = row ~ /^tcp/
		ratio = (wg in runs) ? median(rates, row) / median(rates, wg) : 0
		note = ""
		if (tcp && idles[row] > 0.05)
			note = sprintf("  idle %.1f %%", idles[row])
		if (substr(row, 8) in lossy)
			note = note "  after " lossy[substr(row, 8)] " lossy runs"
		printf "%-28s %5d %7s %s %12.0f %8.2f %5.1f %%%s\n", row, runs[row],
		       sprintf(tcp ? "%.0f" : "%.1f", median(rates, row)), tcp ? "Mbit" : "kpps",
		       packet_cost(row), ratio, spread(row), note
	}
	print "\nrates: per 10^9 instructions of busy CPU, both ends together; medians; pktgen: no packet lost;"
	if (driver)
		print "AES-256-GCM by " driver
	printf "10^8 instructions took %.4f s of the guest's clock\n", clock / 1e9
}

function write_json(   r, row) {
	printf "{\"mtu\": {\"veth\": %d, \"vxlan\": %d, \"wireguard\": %d, \"plait\": %d},\n \"rows\": [\n",
	       mtu["veth"], mtu["vxlan"], mtu["wireguard"], mtu["plait"] >json
	for (r = 1; r <= row_count; r++) {
		row = rows[r]
		printf "  {\"name\": \"%s\", \"unit\": \"%s/1e9 instructions\", \"median\": %.3f, ",
		       row, (row ~ /^tcp/ ? "Mbit" : "kpackets"), median(rates, row) >json
		printf "\"instructions_per_packet\": %.1f, ", packet_cost(row) >json
		if (row in offer)
			printf "\"offer\": %s, ", offer[row] >json
		printf "\"runs\": %s}%s\n", json_runs(rates, row), (r < row_count ? "," : "") >json
	}
	print " ]}" >json
}

END {
	if (cost) {
		printf "%.0f\n", (cost in runs) ? packet_cost(cost) : 0
		exit
	}
	if (bars) {
		bar("tcp-chacha-vs-wireguard", "tcp-plait", "tcp-wireguard", 2.0)
		bar("tcp-aes-gcm-vs-wireguard", "tcp-plait-gcm", "tcp-wireguard", 3.0)
		bar("pktgen-64-burst-vs-wireguard", "pktgen-burst-plait", "pktgen-burst-wireguard", 1.8)
		bar("pktgen-64-single-vs-wireguard", "pktgen-single-plait", "pktgen-single-wireguard", 1.2)
		figures()
		exit
	}
	table()
	if (json)
		write_json()
}
