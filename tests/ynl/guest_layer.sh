#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a guest needs to run the kernel's YNL client: prints the path of a cpio archive
# (boot.sh --layer) with a Python cut down to what the client loads, the client itself in
# /plait/ynl, our specification and tests/ynl's programs.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/ynl/tree.sh
source "$here/tree.sh"
# shellcheck source=tests/guest/image.sh
source "$top/tests/guest/image.sh"
python=/usr/bin/python3                 # Debian's, whatever else comes first in PATH

# loaded TREE: FILE NAME of each file that Python has loaded to run the client, NAME being
# where it is to lie below the guest's /usr/lib/python3.X.
loaded() {
	$python -E -s -B - "$1" <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1] + "/tools/net/ynl")
		import argparse, importlib.util, json, pprint, select, time, traceback
		import lib
		argparse.ArgumentParser().parse_args([])        # loads more
		stdlib = importlib.util.find_spec("os").origin.removesuffix("os.py")
		for module in list(sys.modules.values()):
		    file = getattr(module, "__file__", None)
		    if not file or file == "<stdin>" or file.startswith(sys.argv[1]):
		        continue
		    packages = next(p for p in sorted(sys.path, key=len, reverse=True)
		                    if p and file.startswith(p + "/"))
		    name = file.removeprefix(stdlib if file.startswith(stdlib) else packages + "/")
		    print(file, name)
	END
}

# fill_layer ROOT STAGE. `cached` asks whether it succeeds, so set -e is off in here.
fill_layer() {
	local root=$1 stage=$2 version file name binaries lib
	version=$($python -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
	lib=$root/usr/lib/$version
	mkdir -p "$lib/lib-dynload" "$root/plait"
	while read -r file name; do
		install -D -m 644 "$file" "$lib/$name" || return
	done <"$stage/loaded"
	cp -r "$stage/tree" "$root/plait/ynl"
	# Compiled, as guests are slow; of Python's own files without the source.
	$python -m compileall -q -b --invalidation-mode unchecked-hash -s "$root" -p / "$lib" &&
		find "$lib" -name '*.py' -delete &&
		$python -m compileall -q --invalidation-mode unchecked-hash -s "$root" -p / \
			"$root/plait/ynl" || return
	mapfile -t binaries < <(readlink -f $python; awk '$1 ~ /\.so$/ { print $1 }' "$stage/loaded")
	with_libraries "${binaries[@]}" | sort -u | while IFS= read -r file; do
		[[ $file == /usr/lib/python* ]] || install_file "$root" "$file"
	done
	ln -s "${binaries[0]##*/}" "$root/usr/bin/python3"
}

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
make_tree "$stage/tree"
cp "$here"/*.py "$stage/tree/"
rm -r "$stage/tree"/{MAINTAINERS,include,tools/net/ynl/{generated,samples}}
rm "$stage/tree"/tools/net/ynl/{ynl-gen,ethtool}*.py "$stage/tree"/tools/net/ynl/lib/*.[ch]
loaded "$stage/tree" >"$stage/loaded"
hash=$({ awk '{ print $1 }' "$stage/loaded" | xargs sha256sum; sha256sum "$(readlink -f $python)"
	cd "$stage/tree" && find . -type f -exec sha256sum {} + | LC_ALL=C sort
	declare -f fill_layer; } | sha256sum)
cached ynl "$hash" fill_layer "$stage"
