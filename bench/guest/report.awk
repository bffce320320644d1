# SPDX-License-Identifier: GPL-2.0
# Medians of guest.sh's "raw" lines: a table, all runs as JSON (-v json=FILE), or with
# -v bars=1 the bars alone (-v kernel=: which ones). Rates are per 10^9 instructions of busy
# CPU. -v cost=ROW: only the instructions a packet of that row, 0 if there is none.
# After median.awk. A row is a test and a kind: "tcp16-plait-gcm" is test tcp16 of plait-gcm.
BEGIN {
	unit["tcp"] = "Mbit"
	unit["packets"] = "kpackets"
	unit["rr"] = "kround-trips"
}

{
	delete v
	for (i = 4; i <= NF; i++)
		if (split($i, pair, "=") == 2)
			v[pair[1]] = pair[2]
}

$2 == "kernel" { release = $3 }
$2 == "mtu" { mtu[$3] = $4 }
$2 == "clock" { clock = $3 }
$2 == "driver" { driver = $3 }
$2 == "lossy" { lossy[$3 "-" $4]++ }

# TCP packets are full ones: IPv4, TCP with timestamps.
$2 == "tcp" && $3 !~ /^profile-/ { add(v["bytes"] * 8 / 1e6, v["bytes"] / (mtu[$4] - 52)) }
$2 == "packets" { add(v["packets"] / 1e3, v["packets"]) }
$2 == "rr" && $3 !~ /^profile-/ { add(v["trips"] / 1e3, v["trips"]) }

# The AEADs alone have no rate.
$2 == "floor" {
	row = "floor-" $3
	n = ++runs[row]
	costs[row, n] = v["seal"] + v["open"]
	seal[row, n] = v["seal"]
}

# add(amount, packets): a run, by what it moved, in its unit.
function add(amount, packets,   row, n, busy) {
	row = $3 "-" $4
	if (!(row in runs)) {
		rows[++row_count] = row
		test[row] = $3
		kind[row] = $4
		class[row] = $2
	}
	n = ++runs[row]
	busy = v["total"] - v["idle"]
	rates[row, n] = amount * 1e9 / busy
	costs[row, n] = busy / packets
	idles[row] = 100 * v["idle"] / v["total"]
	if ("offer" in v)
		offer[row] = v["offer"]
	if (v["trips"] && $2 == "packets") {
		batch[row] = v["packets"] / v["trips"]
		bundles[row] = v["bundles"]
	}
}

function rate(row) { return median(rates, row) }
function packet_cost(row) { return median(costs, row) }

# Largest distance of a run from the median, in percent.
function spread(row,   m, i, d, most) {
	m = rate(row)
	for (i = 1; i <= runs[row]; i++) {
		d = 100 * (rates[row, i] / m - 1)
		if (d < 0)
			d = -d
		if (d > most)
			most = d
	}
	return most
}

# --- bars ----------------------------------------------------------------------------------

# What is asked: on 6.12, and on the newest kernel, a ratio at least so high ("<=": at most).
# Without a target it is a figure, as nothing is asked of it.
function say(name, value, form, target) {
	if (target == "")
		printf "figure: %s = " form "\n", name, value
	else
		printf "bar: %s = " form " (target %s)\n", name, value, target
}

function on(target_612, target_newest) {
	return kernel == "6.12" ? target_612 : kernel == "newest" ? target_newest : ""
}

# Rates by rates.
function ratio(name, row, reference, target) {
	if ((row in runs) && (reference in runs))
		say(name, rate(row) / rate(reference), "%.2f", target)
}

# A test of plait's two ciphers against WireGuard's.
function both(name, test, chacha, gcm) {
	ratio(name "-chacha-vs-wireguard", test "-plait", test "-wireguard", on(chacha, ""))
	ratio(name "-aes-gcm-vs-wireguard", test "-plait-gcm", test "-wireguard", on(gcm, ""))
}

function not_aead(name, kind, target,   row) {
	row = "floor-" kind
	if ((row in runs) && ("tcp-" kind in runs))
		say(name, packet_cost("tcp-" kind) - median(costs, row), "%.0f", target)
}

# What a tunnel would have that cost as much as bare veth and its AEAD alone, which there is
# one of for SHARE packets.
function least(name, test, reference, floor, share,   cost_of_both) {
	if (!((test "-wireguard" in runs) && (reference in runs) && ("floor-" floor in runs)))
		return
	cost_of_both = packet_cost(reference) + median(costs, "floor-" floor) / share
	say(name, packet_cost(test "-wireguard") / cost_of_both, "%.2f")
}

function leasts(   k, kind, cipher) {
	for (k = 1; k <= 2; k++) {
		kind = k == 1 ? "plait" : "plait-gcm"
		cipher = k == 1 ? "chacha" : "aes-gcm"
		least("tcp-veth-and-aead-" cipher "-vs-wireguard", "tcp", "tcp-veth", kind, 1)
		least("pktgen-64-burst-veth-and-aead-" cipher "-vs-wireguard", "pktgen-burst",
		      "pktgen-burst-veth", kind "-50", 1)
		least("pktgen-64-bundle-veth-and-aead-" cipher "-vs-wireguard", "pktgen-bundle",
		      "pktgen-burst-veth", kind, mtu["plait"] / 50)
		least("pktgen-1300-burst-veth-and-aead-" cipher "-vs-wireguard", "pktgen-burst1300",
		      "pktgen-burst1300-veth", kind "-1300", 1)
	}
}

function print_bars() {
	ratio("tcp-chacha-vs-wireguard", "tcp-plait", "tcp-wireguard", on("2.3", "1.7"))
	ratio("tcp-aes-gcm-vs-wireguard", "tcp-plait-gcm", "tcp-wireguard", on("3.6", "2.9"))
	ratio("tcp-16-streams-vs-one-chacha", "tcp16-plait", "tcp-plait", on("0.9", ""))
	ratio("tcp-16-streams-vs-one-aes-gcm", "tcp16-plait-gcm", "tcp-plait-gcm", on("0.9", ""))
	ratio("tcp-four-lanes-vs-one-chacha", "tcp-plait-lanes4", "tcp-plait", on("0.95", ""))
	ratio("tcp-four-lanes-vs-one-aes-gcm", "tcp-plait-gcm-lanes4", "tcp-plait-gcm", on("0.95", ""))
	ratio("tcp-16-streams-four-lanes-vs-one-chacha", "tcp16-plait-lanes4", "tcp16-plait", on("0.95", ""))
	ratio("tcp-16-streams-four-lanes-vs-one-aes-gcm", "tcp16-plait-gcm-lanes4", "tcp16-plait-gcm", on("0.95", ""))
	not_aead("tcp-not-aead-instructions", "plait", on("<= 4000", ""))
	not_aead("tcp-not-aead-instructions-aes-gcm", "plait-gcm", "")
	both("pktgen-64-burst", "pktgen-burst", "2.4", "2.7")
	both("pktgen-64-bundle", "pktgen-bundle", "3.5", "3.9")
	both("pktgen-64-single", "pktgen-single", "1.4", "1.5")
	both("pktgen-1300-burst", "pktgen-burst1300", "1.8", "2.6")
	latency("rr-udp", "plait", on("<= 1.0", ""))
	latency("rr-udp", "plait-gcm", on("<= 1.0", ""))
	latency("rr-tcp", "plait", "")
	latency("rr-tcp", "plait-gcm", "")
	both("tcp-no-uso", "tcp-no-uso", "1.7", "")
	both("tcp-frag-list", "tcp-frag-list", "1.7", "")
	both("tcp16", "tcp16", "", "")
	both("tcp-filter", "tcp-filter", "", "")
	both("tcp-two-tunnels", "tcp-hub", "", "")
	both("pktgen-64-burst-two-tunnels", "pktgen-hub", "", "")
	leasts()
	figures()
}

# Instructions of a round trip, by WireGuard's.
function latency(test, kind, target,   name) {
	name = test "-instructions-" (kind == "plait" ? "chacha" : "aes-gcm") "-vs-wireguard"
	if ((test "-" kind in runs) && (test "-wireguard" in runs))
		say(name, packet_cost(test "-" kind) / packet_cost(test "-wireguard"), "%.2f", target)
}

# What a kernel module is worth beside user space.
function figures(   n, i, name) {
	ratio("tcp-chacha-vs-openvpn", "tcp-plait", "tcp-openvpn")
	ratio("tcp-aes-gcm-vs-openvpn", "tcp-plait-gcm", "tcp-openvpn-gcm")
	ratio("tcp-chacha-vs-ovpn", "tcp-plait", "tcp-ovpn")
	ratio("tcp-aes-gcm-vs-ovpn", "tcp-plait-gcm", "tcp-ovpn-gcm")
	if (!("tcp-userdp" in runs))
		return
	n = split("veth wireguard plait plait-gcm userdp userdp-gcm", name, " ")
	for (i = 1; i <= n; i++)
		if ("tcp-" name[i] in runs)
			say("tcp-" name[i] "-mbit", rate("tcp-" name[i]), "%.1f")
	ratio("tcp-chacha-module-vs-userdp", "tcp-plait", "tcp-userdp")
	ratio("tcp-aes-gcm-module-vs-userdp", "tcp-plait-gcm", "tcp-userdp-gcm")
	ratio("tcp-chacha-userdp-vs-wireguard", "tcp-userdp", "tcp-wireguard")
	ratio("tcp-aes-gcm-userdp-vs-wireguard", "tcp-userdp-gcm", "tcp-wireguard")
	ratio("pktgen-64-burst-module-vs-userdp", "pktgen-burst-plait", "pktgen-burst-userdp")
	ratio("pktgen-64-single-module-vs-userdp", "pktgen-single-plait", "pktgen-single-userdp")
}

# --- table -----------------------------------------------------------------------------------

function note_of(row,   note) {
	if (class[row] == "tcp" && idles[row] > 0.05)
		note = note sprintf("  idle %.1f %%", idles[row])
	if (row in batch)
		note = note sprintf("  %.1f packets a trip, %d bundles", batch[row], bundles[row])
	if (row in lossy)
		note = note "  after " lossy[row] " lossy runs"
	return note
}

function table(   r, row, wg, before) {
	printf "\n%-30s %4s %19s %12s %6s %7s\n", "Linux " release, "runs", "rate", "instructions", "x WG", "+-"
	for (r = 1; r <= row_count; r++) {
		row = rows[r]
		wg = test[row] "-wireguard"
		if (before != "" && before != test[row])
			print ""
		before = test[row]
		printf "%-30s %4d %7s %-12s %11.0f %6s %5.1f %%%s\n", row, runs[row],
		       sprintf(class[row] == "tcp" ? "%.0f" : "%.1f", rate(row)), unit[class[row]],
		       packet_cost(row), (wg in runs) ? sprintf("%.2f", rate(row) / rate(wg)) : "",
		       spread(row), note_of(row)
	}
	print ""
	floor_row("plait", "ChaCha20-Poly1305")
	floor_row("plait-gcm", "AES-256-GCM by " driver)
	print "rates: per 10^9 instructions of busy CPU; instructions: of a full-size packet (tcp), a packet,"
	print "a round trip (rr); both ends together; medians; pktgen: no packet lost;"
	printf "10^8 instructions took %.4f s of the guest's clock\n", clock / 1e9
}

function floor_row(kind, what,   row) {
	row = "floor-" kind
	if (row in runs)
		printf "the AEAD alone, of a full-size datagram: %.0f to seal, %.0f to open: %s\n",
		       median(seal, row), median(costs, row) - median(seal, row), what
}

# --- JSON ------------------------------------------------------------------------------------

function write_json(   r, row, name, text) {
	for (name in mtu)
		text = text (text ? ", " : "") sprintf("\"%s\": %d", name, mtu[name])
	printf "{\"kernel\": \"%s\",\n \"mtu\": {%s},\n \"rows\": [\n", release, text >json
	for (r = 1; r <= row_count; r++) {
		row = rows[r]
		printf "  {\"name\": \"%s\", \"test\": \"%s\", \"kind\": \"%s\", ", row, test[row], kind[row] >json
		printf "\"unit\": \"%s/1e9 instructions\", \"median\": %.3f, ", unit[class[row]], rate(row) >json
		printf "\"instructions_%s\": %.1f, ", class[row] == "rr" ? "a_round_trip" : "per_packet",
		       packet_cost(row) >json
		if (row in offer)
			printf "\"offer\": %s, ", offer[row] >json
		printf "\"runs\": %s}%s\n", json_runs(rates, row), (r < row_count ? "," : "") >json
	}
	printf " ],\n \"aead_alone\": {" >json
	for (r = 1; r <= 2; r++) {
		row = r == 1 ? "floor-plait" : "floor-plait-gcm"
		if (row in runs)
			printf "%s\"%s\": {\"instructions\": %.0f, \"runs\": %s}", (r > 1 ? ", " : ""),
			       substr(row, 7), median(costs, row), json_runs(costs, row) >json
	}
	print "}}" >json
}

END {
	if (cost) {
		printf "%.0f\n", (cost in runs) ? packet_cost(cost) : 0
		exit
	}
	if (bars) {
		print_bars()
		exit
	}
	table()
	if (json)
		write_json()
}
