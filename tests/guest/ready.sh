#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# For `./run guest`: builds the two joined hosts of topology.sh, then runs the
# command given, or a shell in which a and b run commands in them.
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
topology_pair
set +e
if (($#)); then
	"$@"
	exit
fi
sed -n '/^# topology_pair/,/└/{s/^# \?//;s/^topology_pair: //;p}' /plait/tests/guest/topology.sh
echo 'Try: a ping 10.7.0.2; b ip -s -d link show plait0; a plaitctl stats. Leave with exit.'
for name in a b; do
	printf '#!/bin/bash\nexec ip netns exec %s "$@"\n' $name >/usr/bin/$name
	chmod +x /usr/bin/$name
done
PS1='guest# ' bash --norc -i
