# SPDX-License-Identifier: GPL-2.0
"""Drives every operation of family plait through the kernel's own YNL client, and checks
what comes back: replies, refusals with their sentences, events, and that no key octet is
ever told.

    drive.py THERE BACK THERE1 BACK1    in namespace a: key files, for epochs 0 and 1
"""
import base64
import errno
import ipaddress
import os
import select
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/tools/net/ynl")

import agreement                                    # noqa: E402 (after the path)
from lib import NlError, YnlFamily                  # noqa: E402

SPEC = HERE + "/Documentation/netlink/specs/plait.yaml"


def say(words):
    print("==", words, flush=True)


def check(what, wanted, got):
    if wanted != got:
        sys.exit(f"FAILED: {what}: wanted {wanted}, got {got}")


class Recorder:
    """The client's socket, and all that came by it."""

    def __init__(self, sock):
        self.sock = sock
        self.received = bytearray()

    def recv(self, *args):
        data = self.sock.recv(*args)
        self.received += data
        return data

    def __getattr__(self, name):
        return getattr(self.sock, name)


def octets(address):
    return ipaddress.ip_address(address).packed


def request(operation, attributes):
    """{object: attributes}; Python's names have _ where netlink's have -."""
    return {operation.split("-")[0]: {k.replace("_", "-"): v for k, v in attributes.items()}}


class Client:
    def __init__(self):
        self.ynl = YnlFamily(SPEC, schema="")
        self.ynl.sock = self.record = Recorder(self.ynl.sock)
        # The client of 6.12 trips over an event that comes before an answer.
        self.listener = YnlFamily(SPEC, schema="")
        self.listener.ntf_subscribe("events")
        self.done = set()

    def do(self, operation, **attributes):
        self.done.add((operation, "do"))
        reply = self.ynl.do(operation, request(operation, attributes))
        return reply and reply[operation.split("-")[0]]

    def dump(self, operation, **attributes):
        self.done.add((operation, "dump"))
        return [reply[operation.split("-")[0]] for reply in
                self.ynl.dump(operation, request(operation, attributes) if attributes else {})]

    def refused(self, error, words, operation, **attributes):
        """It is refused, with that errno and a sentence that has these words."""
        try:
            self.do(operation, **attributes)
        except NlError as refusal:
            extack = refusal.nl_msg.extack or {}
            check(f"{operation} {attributes}: errno", errno.errorcode[error],
                  errno.errorcode[refusal.error])
            if words not in extack.get("msg", ""):
                sys.exit(f"FAILED: {operation} {attributes}: wanted \"{words}\", got {extack}")
            return extack
        sys.exit(f"FAILED: {operation} {attributes}: should have been refused")

    def expect_events(self, ifindex, *kinds):
        """Wait for these events of a device; return the first of each kind."""
        seen = {}
        end = time.monotonic() + 10
        while set(kinds) - seen.keys():
            if not select.select([self.listener.sock], [], [], max(0, end - time.monotonic()))[0]:
                sys.exit(f"FAILED: events: wanted {kinds}, got {seen}")
            self.listener.check_ntf()
            for event in self.listener.async_msg_queue:
                message = event["msg"]
                if message["device"]["ifindex"] == ifindex:
                    seen.setdefault(message["event-kind"], message)
            self.listener.async_msg_queue.clear()
        return seen


def shell(command):
    return os.spawnvp(os.P_WAIT, "bash", ["bash", "-c", command])


def pings():
    return shell("ping -q -c 2 -i 0.1 -W 2 10.7.0.2 >/dev/null") == 0


def material(path):
    with open(path, "rb") as file:
        return base64.b64decode(file.read())


def devices(client):
    say("devices: new, get, set, dump, del")
    made = client.do("device-new", ifname="plait0", window=4096)
    check("new", ("plait0", 4096, 1, 0, 0),
          tuple(made[k] for k in ("ifname", "window", "lanes", "carrier", "strands")))
    client.refused(errno.EEXIST, "a device of this name exists", "device-new", ifname="plait0")
    client.refused(errno.EINVAL, "power of two", "device-new", window=100)
    unnamed = client.do("device-new")
    check("name of a device without one", "plait1", unnamed["ifname"])

    client.do("device-set", ifname="plait1", window=1024, dscp=46, mtu_fixed=1)
    got = client.do("device-get", ifindex=unnamed["ifindex"])
    check("set", (1024, 46, 1), tuple(got[k] for k in ("window", "dscp", "mtu-fixed")))
    check("stats of a fresh device", {0}, set(got["stats"].values()))
    client.do("device-set", ifname="plait1", dscp=255)
    where = client.refused(errno.EOPNOTSUPP, "lanes are fixed", "device-set", ifname="plait1",
                           lanes=2)
    check("what was wrong", ".device.lanes", where.get("bad-attr"))
    client.refused(errno.EINVAL, "nothing to set", "device-set", ifname="plait1")
    client.refused(errno.EINVAL, "missing", "device-get")
    client.refused(errno.ENODEV, "no such network device", "device-get", ifname="plait7")
    client.refused(errno.EOPNOTSUPP, "not a device of kind plait", "device-get", ifname="eth0")
    check("dump", ["plait0", "plait1"], [d["ifname"] for d in client.dump("device-get")])
    client.do("device-del", ifname="plait1")
    client.refused(errno.ENODEV, "no such network device", "device-del", ifname="plait1")
    check("dump after del", ["plait0"], [d["ifname"] for d in client.dump("device-get")])
    return made["ifindex"]


def strands(client, device):
    say("strands: new, get, set, dump, del")
    to_b = {"ifindex": device, "remote": octets("192.0.2.2"), "port": 51901}
    client.refused(errno.EINVAL, "port is missing", "strand-new", ifindex=device,
                   remote=octets("192.0.2.2"))
    client.do("strand-new", **to_b)
    client.refused(errno.EEXIST, "the device has this strand", "strand-new", **to_b)
    got = client.do("strand-get", ifindex=device, id=0)
    check("new", ("0.0.0.0", "192.0.2.2", 51901, 51901, 0),
          tuple(got[k] for k in ("local", "remote", "port", "remote-port", "link")))
    client.do("strand-set", ifindex=device, local=octets("2001:db8:1::1"),
              remote=octets("2001:db8:1::2"), fwmark=0x70, fragment=1)
    got = client.do("strand-get", ifindex=device)
    check("set", ("2001:db8:1::1", "2001:db8:1::2", "0x70", 1),
          tuple(got[k] for k in ("local", "remote", "fwmark", "fragment")))
    refusal = client.refused(errno.ERANGE, "out of range", "strand-set", ifindex=device, port=0)
    check("the policy that it offends", (1, 65535),
          (refusal["policy"]["min-value"], refusal["policy"]["max-value"]))
    client.do("strand-del", ifindex=device, id=0)
    client.refused(errno.ENOENT, "no strand of this number", "strand-del", ifindex=device, id=0)
    check("dump without any", [], client.dump("strand-get"))
    client.do("strand-new", **to_b)
    check("dump", ["192.0.2.2"], [s["remote"] for s in client.dump("strand-get", ifindex=device)])
    check("dump of another device", [], client.dump("strand-get", ifindex=device + 100))
    events = client.expect_events(device, "strand-changed", "strand-removed")
    check("the strand that changed", 0, events["strand-changed"]["strand"]["id"])


def keys(client, device, there, back, there1, back1):
    say("keys: new, get, set, dump, del")
    epoch0 = {"ifindex": device, "session": 1, "epoch": 0}
    epoch1 = {"ifindex": device, "session": 1, "epoch": 1}
    indices = {"local_index": 0x11, "remote_index": 0x12}
    client.refused(errno.EINVAL, "keys of their own", "key-new", **epoch0, **indices,
                   tx_key=there, rx_key=there)
    client.refused(errno.EINVAL, "missing", "key-new", **epoch0, **indices, tx_key=there)
    refusal = client.refused(errno.ERANGE, "size out of range", "key-new", **epoch0, **indices, tx_key=there[:32],
                             rx_key=back)
    check("where", ".key.tx-key", refusal.get("bad-attr"))
    client.do("key-new", **epoch0, **indices, tx_key=there, rx_key=back,
              cipher="chacha20poly1305", soft_limit=1 << 40)
    client.refused(errno.EEXIST, "keys cannot be replaced", "key-new", **epoch0, **indices,
                   tx_key=there1, rx_key=back1)
    got = client.do("key-get", **epoch0)
    check("new", ("chacha20poly1305", "0x11", "0x12", "active", 1 << 40, 0),
          tuple(got[k] for k in ("cipher", "local-index", "remote-index", "active",
                                 "soft-limit", "sealed")))
    check("the cipher has a driver", True, "chacha20" in got["driver"])
    event = client.expect_events(device, "key-installed", "carrier-up")["key-installed"]
    check("the key that was installed", (1, 0), (event["key"]["session"], event["key"]["epoch"]))
    check("carrier", 1, client.do("device-get", ifindex=device)["carrier"])

    check("ip", 0, shell("ip address add 10.7.0.1/24 dev plait0 && ip link set plait0 up"))
    check("ping, on keys of YNL", True, pings())
    check("sealed", True, client.do("key-get", **epoch0)["sealed"] >= 2)

    client.do("key-new", **epoch1, **indices, tx_key=there1, rx_key=back1, active="inactive",
              soft_limit=6, hard_limit=16)
    check("dump", {0: "active", 1: "inactive"},
          {k["epoch"]: k["active"] for k in client.dump("key-get", ifindex=device)})
    client.refused(errno.EINVAL, "can be made active", "key-set", **epoch1, active="inactive")
    client.refused(errno.EINVAL, "above the hard one", "key-set", **epoch1, soft_limit=9,
                   hard_limit=8)
    client.do("key-set", **epoch1, active="active")
    check("activated", "active", client.do("key-get", **epoch1)["active"])
    event = client.expect_events(device, "key-activated")["key-activated"]
    check("the key that was activated", 1, event["key"]["epoch"])
    check("ping on two epochs", True, pings())
    check("plaitctl", 0, shell("ip netns exec b plaitctl key set plait0 session 1 epoch 1 active"))
    client.do("key-del", **epoch0)
    client.refused(errno.ENOENT, "no such session and key epoch", "key-get", **epoch0)
    event = client.expect_events(device, "key-removed")["key-removed"]
    check("the key that was removed", 0, event["key"]["epoch"])

    say("an epoch is used up, and given more")
    for _ in range(16):
        if not pings():
            break
    check("ping behind the hard limit", False, pings())
    events = client.expect_events(device, "key-limit-near", "key-limit-reached")
    check("the key that is used up", 1, events["key-limit-reached"]["key"]["epoch"])
    check("sealed", 16, client.do("key-get", **epoch1)["sealed"])
    client.do("key-set", **epoch1, soft_limit=1 << 20, hard_limit=1 << 21)
    check("ping with a new limit", True, pings())
    return epoch1


def prefixes(client, device):
    say("prefixes: new, get, set, dump, del")

    def entry(text):
        network = ipaddress.ip_network(text)
        return {"address": network.network_address.packed, "length": network.prefixlen}

    def allowed(**of):
        return sorted(f"{e['address']}/{e['length']}" for p in client.dump("prefix-get", **of)
                      for e in p["entry"])

    def dropped():
        return client.do("device-get", ifindex=device)["stats"]["rx-source"]

    check("of a new device", ["0.0.0.0/0", "::/0"], allowed(ifindex=device))
    client.do("prefix-set", ifindex=device, entry=[entry("10.9.0.0/16"), entry("fd09::/16")])
    check("set", ["10.9.0.0/16", "fd09::/16"], allowed())
    before = dropped()
    check("ping from outside the prefixes", False, pings())
    check("it was dropped for its source", True, dropped() > before)
    client.do("prefix-new", ifindex=device, entry=entry("10.7.0.0/24"))
    check("ping from inside", True, pings())
    client.refused(errno.EEXIST, "has this prefix", "prefix-new", ifindex=device, entry=entry("10.7.0.0/24"))
    got = client.do("prefix-get", ifindex=device, entry=entry("10.7.0.0/24"))
    check("get", [{"address": "10.7.0.0", "length": 24}], got["entry"])
    client.do("prefix-del", ifindex=device, entry=entry("10.9.0.0/16"))
    client.refused(errno.ENOENT, "no such prefix", "prefix-get", ifindex=device,
                   entry=entry("10.9.0.0/16"))
    client.refused(errno.ENOENT, "no such prefix", "prefix-del", ifindex=device,
                   entry=entry("10.9.0.0/16"))
    client.refused(errno.EINVAL, "bits behind it are set", "prefix-new", ifindex=device,
                   entry={"address": octets("10.7.0.1"), "length": 24})
    check("del", ["10.7.0.0/24", "fd09::/16"], allowed())


def main():
    client = Client()
    say("the kernel's family is the specified one")
    check("differences", [], agreement.differences(client.ynl))
    material_ = [material(path) for path in sys.argv[1:5]]
    device = devices(client)
    strands(client, device)
    epoch1 = keys(client, device, *material_)
    prefixes(client, device)

    say("the filter: told everything, and nobody listens")
    told = client.do("filter-tell", **{})
    check("what was told, of both hosts", (0, 2, 3), tuple(told[k] for k in ("heard", "sockets", "lanes")))

    say("the last key gone, carrier too; the device gone, all with it")
    client.do("key-del", **epoch1)
    client.expect_events(device, "key-removed", "carrier-down")
    client.do("device-del", ifindex=device)
    check("devices", [], client.dump("device-get"))
    check("keys", [], client.dump("key-get"))

    record = bytes(client.record.received)
    check("octets of keys that were told", [],
          [i for key in material_ for i in range(0, 48, 8) if key[i:i + 8] in record])
    every = {(name, mode) for name, op in client.ynl.ops.items() for mode in op.modes}
    check("operations that were not driven", set(), every - client.done)
    say(f"{len(every)} operations, {len(record)} octets of replies")


main()
