#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The manual pages are sound: mandoc has nothing to say of them. Arguments: pages.
set -eu

command -v mandoc >/dev/null || {
	echo "mandoc is not installed"
	exit 77
}
mandoc -Tlint "$@"
echo "$# pages, nothing to say"
