# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# The guest's initramfs, in three layers that the kernel unpacks over each other:
# tools (cached), kernel modules with plait.ko (cached), this boot's own files.
# Caches are named by the hash of what is in them. Sourced by boot.sh.

image_cache=${XDG_CACHE_HOME:-$HOME/.cache}/plait/guest

# Real programs, with their libraries; busybox fills in the rest.
# (busybox's nsenter would run busybox's ip.)
guest_tools=(bash nsenter ip tc ss nstat bridge ping iperf3 tcpdump ethtool nft wg socat kmod xdp-loader)

# Modules that tests, demo and benchmarks use; their dependencies follow.
guest_modules=(virtio_pci virtio_console virtio_rng virtio_net veth dummy ifb tun bridge
	wireguard vxlan udp_tunnel ip6_udp_tunnel
	ovpn chacha20poly1305 chacha
	libchacha20poly1305 chacha-x86_64 poly1305-x86_64 libcurve25519 curve25519-x86_64
	aesni-intel ghash-clmulni-intel gcm ctr ghash-generic aes_generic ccm
	pktgen packet_diag udp_diag tcp_diag tcp_bbr
	sch_netem sch_fq sch_fq_codel sch_cake sch_ingress sch_tbf sch_prio sch_htb
	cls_matchall cls_u32 cls_flower cls_bpf cls_basic
	act_mirred act_gact act_pedit act_csum act_skbedit act_police act_bpf
	nf_tables nft_ct nft_counter nft_limit nft_reject_inet nft_chain_nat nft_masq
	nft_numgen nft_hash nft_log nf_conntrack nf_nat dm_drop_monitor drop_monitor)

# with_libraries FILE...: the files and every library they load, one a line.
with_libraries() {
	printf '%s\n' "$@"
	ldd "$@" 2>/dev/null | sed -n 's/.*\(=> \|^\t\)\(\/[^ ]*\) (0x.*/\2/p'
}

# pack DIR: a cpio archive on stdout, all owned by root.
pack() {
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet)
}

# cached NAME HASH BUILDER ARGS...: path of a layer; BUILDER fills the folder it is given.
cached() {
	local name=$1 hash=$2 builder=$3 file work
	shift 3
	file=$image_cache/$name-${hash:0:16}.cpio
	if [[ ! -e $file ]]; then
		mkdir -p "$image_cache"
		work=$(mktemp -d "$image_cache/.work-XXXXXX")
		mkdir "$work/root"
		"$builder" "$work/root" "$@" >&2 && pack "$work/root" >"$work/cpio" &&
			mv "$work/cpio" "$file"
		rm -rf "$work"
		[[ -e $file ]] || return 1
		# Layers nobody booted for a fortnight go.
		find "$image_cache" -name '*.cpio' -mtime +14 -delete
	fi
	touch "$file"
	echo "$file"
}

# --- tools -------------------------------------------------------------------

fill_tools() {
	local root=$1 file applet
	shift
	mkdir -p "$root"/{dev,proc,sys,run,tmp,root,var,etc,plait} \
		"$root"/usr/{bin,sbin,lib,lib64,lib/busybox}
	local dir
	for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$root/$dir"; done
	for file in "$@"; do
		install_file "$root" "$file"
	done
	install -m 755 "$(command -v busybox)" "$root/usr/bin/busybox"
	for applet in $(busybox --list); do
		ln -s /usr/bin/busybox "$root/usr/lib/busybox/$applet"
	done
	for applet in modprobe insmod rmmod lsmod modinfo depmod; do
		ln -s /usr/bin/kmod "$root/usr/sbin/$applet"
	done
	# tcpdump wants to become its own user; in a guest that is root.
	printf '%s:x:0:0::/root:/bin/bash\n' root tcpdump >"$root/etc/passwd"
	printf '%s:x:0:\n' root tcpdump >"$root/etc/group"
	printf '127.0.0.1 localhost guest\n::1 localhost\n' >"$root/etc/hosts"
	cp /etc/protocols /etc/services "$root/etc/" 2>/dev/null || true
}

# install_file ROOT FILE: to the same place below ROOT, /bin and /lib being /usr's.
install_file() {
	local to=$2
	[[ $to == /usr/* ]] || to=/usr$to
	install -D "$2" "$1$to"
}

tools_layer() {
	local tool file files=()
	for tool in "${guest_tools[@]}" busybox cpio depmod; do
		file=$(PATH=$PATH:/usr/sbin:/sbin command -v "$tool") || {
			echo "image: this machine lacks $tool: ./run installs what guests need" >&2
			return 1
		}
		files+=("$file")
	done
	files=("${files[@]::${#guest_tools[@]}}")
	mapfile -t files < <(with_libraries "${files[@]}" | sort -u)
	# What libxdp loads in front of XDP programs, and a program that lets all pass.
	for file in /usr/lib/*/bpf/{xdp-dispatcher,xdpfilt_alw_all}.o; do
		[[ ! -e $file ]] || files+=("$file")
	done
	local hash
	hash=$({ sha256sum "${files[@]}" "$(command -v busybox)"; declare -f fill_tools; } | sha256sum)
	cached tools "$hash" fill_tools "${files[@]}"
}

# --- kernel modules ----------------------------------------------------------

fill_modules() {
	local root=$1 kernel_dir=$2 release=$3 module file to
	local tree=$root/usr/lib/modules/$release from=$kernel_dir/root
	shift 3
	[[ -e $from/lib/modules/$release/modules.dep ]] || depmod -b "$from" "$release"
	mkdir -p "$tree"
	cp "$from/lib/modules/$release"/modules.{order,builtin,builtin.modinfo} "$tree/"
	for module in "${guest_modules[@]}"; do
		# A name that this kernel has built in, or does not know, is left out.
		modprobe -d "$from" -S "$release" --show-depends "$module" 2>/dev/null
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while IFS= read -r file; do
		to=$tree/${file#*/lib/modules/"$release"/}
		mkdir -p "${to%/*}"
		case $file in
		*.xz) xz -dc "$file" >"${to%.xz}" ;;
		*) cp "$file" "$to" ;;
		esac
	done
	for file; do
		install -D -m 644 "$file" "$tree/updates/${file##*/}"
	done
	ln -s usr/lib "$root/lib"   # depmod wants lib/modules; the tools layer has it too
	depmod -b "$root" "$release"
	rm "$root/lib"
}

# modules_layer KERNEL_DIR MODULE_FILE...: the kernel's own modules, and these.
modules_layer() {
	local dir=$1 release hash
	shift
	release=$(<"$dir/release")
	hash=$({ echo "$release" "${guest_modules[@]}" "${@##*/}"; declare -f fill_modules
		(($# == 0)) || sha256sum "$@" | cut -d' ' -f1; } | sha256sum)
	cached "modules-$release" "$hash" fill_modules "$dir" "$release" "$@"
}
