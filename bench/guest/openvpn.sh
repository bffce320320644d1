# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # here and work are guest.sh's, link_ab topology.sh's
# OpenVPN in user space, and the kernel's driver for it (ovpn, since Linux 6.16). Sourced by
# guest.sh.

# 1500 less IPv4, UDP, opcode with peer id, packet number and tag: full-size packets fit.
OPENVPN_MTU=1448

make_openvpn() { # LINK DEVICE PORT CIPHER: certificates are run.sh's
	local -n ends=$1
	local i peer roles=(--tls-client --tls-server)
	modprobe tun
	for i in 0 1; do
		peer=$((1 - i))
		user_end "${ends[i]}" "$2" openvpn --dev "$2" --dev-type tun --disable-dco \
			--proto udp4 --local "${ends[2 + i]}" --remote "${ends[2 + peer]}" --port "$3" \
			"${roles[i]}" --dh none --key "$here/openvpn-$i.key" --cert "$here/openvpn-$i.crt" \
			--peer-fingerprint "$(<"$here/openvpn-$peer.fingerprint")" \
			--data-ciphers "$4" --tun-mtu $OPENVPN_MTU --mssfix 0 --verb 3
	done
}

# cipher_in_use KIND: OpenVPN's ends have agreed on the one that they should.
cipher_in_use() {
	local log=$work/log-a-${device[$1]} cipher=
	case $1 in
	openvpn) cipher=CHACHA20-POLY1305 ;;
	openvpn-gcm) cipher=AES-256-GCM ;;
	*) return 0 ;;
	esac
	grep -q "Data Channel: cipher '$cipher'" "$log" ||
		{ cat "$log"; echo "FAILED: $1 does not use $cipher"; exit 1; }
}

make_ovpn() { # LINK DEVICE PORT CIPHER
	local -n ends=$1
	local i keys=(there back)
	new_keys "$2"
	for i in 0 1; do
		ip -n "${ends[i]}" link add "$2" mtu $OPENVPN_MTU type ovpn
		in_ns "${ends[i]}" plait-ovpn-peer --device "$2" --local "${ends[2 + i]}" \
			--remote "${ends[3 - i]}" --port "$3" --cipher "$4" \
			--tx-key "$work/key-$2-${keys[i]}" --rx-key "$work/key-$2-${keys[1 - i]}" &
	done
}
