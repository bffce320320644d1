#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dist.sh DIR: makes DIR/plait-<version>.tar.xz, what DKMS takes in /usr/src: the
# module's source with its Kbuild file, dkms.conf and licences. The same tree gives
# the same archive. Prints its path.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
top=$(cd "$here/../.." && pwd)
die() { echo "dist: $*" >&2; exit 1; }

(($# == 1)) || die "usage: dist.sh DIR"
mkdir -p "$1"
to=$(cd "$1" && pwd)
version=$(sed -n 's/^#define PLAIT_MODULE_VERSION "\(.*\)"$/\1/p' "$top/netdrv/compat.h")
[[ -n $version ]] || die "no version in netdrv/compat.h"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/plait-$version
mkdir "$tree"
(cd "$top" && find Kbuild LICENSES netdrv -type f \
	\( -name Kbuild -o -name '*.[chS]' -o -path 'LICENSES/*' \) -print0 |
	xargs -0 cp --parents -t "$tree")
sed "s/@VERSION@/$version/" "$here/dkms.conf" >"$tree/dkms.conf"
cp "$top/docs/operations.md" "$tree/README.md"
chmod -R u=rwX,go=rX "$tree"
tar -C "$work" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
	-cJf "$to/plait-$version.tar.xz" "plait-$version"
echo "$to/plait-$version.tar.xz"
