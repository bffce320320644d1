# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# A small kernel tree around netdrv/plait.yaml, as YNL's tools expect one: they find
# schemas beside the specification and know a kernel by its MAINTAINERS. Sourced.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
spec=Documentation/netlink/specs/plait.yaml      # in the tree

# make_tree DIR: Debian's tools and schemas, our specification.
make_tree() {
	local source
	source=$("$top/packaging/host/kernel-source.sh" parts 6.12) || return
	mkdir -p "$1/Documentation/netlink/specs" "$1/tools/net" "$1/include/linux"
	cp -r "$source/tools/net/ynl" "$1/tools/net/"
	cp "$source"/Documentation/netlink/*.yaml "$1/Documentation/netlink/"
	cp "$source/Documentation/netlink/specs/nlctrl.yaml" "$1/Documentation/netlink/specs/"
	cp "$source/MAINTAINERS" "$1/"
	cp "$top/netdrv/plait.yaml" "$1/$spec"
	cp "$top/netdrv/uapi/plait.h" "$1/include/linux/"
}
