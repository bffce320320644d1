# SPDX-License-Identifier: GPL-2.0
"""Does the running kernel's family hold to its specification? It is asked through
nlctrl: operations, who may do them, groups, and every attribute's policy."""
import os

from lib import YnlFamily

NLCTRL = os.path.join(os.path.dirname(__file__), "Documentation/netlink/specs/nlctrl.yaml")
REPLY_ONLY = "Reply only."              # how the specification says so, in an attribute's doc
POLICY_TYPES = {"string": "nul-string", "nest": "nested"}


def limit(value):
    """A number, or a name such as s32-max."""
    if isinstance(value, int):
        return value
    kind, end = value.split("-")
    bits = int(kind[1:])
    if end == "min":
        return -2 ** (bits - 1) if kind[0] == "s" else 0
    return 2 ** (bits - 1 if kind[0] == "s" else bits) - 1


def specified(spec, attr):
    """The policy that an attribute's type, checks and enum ask for, as nlctrl tells it."""
    policy = {"type": POLICY_TYPES.get(attr.type, attr.type)}
    checks = attr.get("checks", {})
    if attr.type in ("u8", "u16", "u32", "u64"):
        highest = attr.type + "-max"
        if "enum" in attr:
            highest = max(spec.consts[attr["enum"]].entries_by_val)
        policy["min-value-u"] = limit(checks.get("min", 0))
        policy["max-value-u"] = limit(checks.get("max", highest))
    for check, key in (("min-len", "min-length"), ("max-len", "max-length")):
        length = checks.get("exact-len", checks.get(check))
        if length is not None:
            policy[key] = length
    return policy


def policies(nlctrl, family):
    """Policy tables as the kernel has them: by number, then by attribute."""
    tables = {}
    for message in nlctrl.dump("getpolicy", {"family-name": family}):
        if "policy" in message:
            policy = message["policy"]
            tables.setdefault(policy.pop("policy-id"), {})[policy.pop("attr-id")] = policy
    return tables


def compare_attributes(spec, attr_set, tables, number, differences):
    """One table with one attribute set, then what is nested in it."""
    table = tables.get(number, {})
    for attr in attr_set.attrs.values():
        name = f"{attr_set.name}.{attr.name}"
        told = table.get(attr.value)
        taken = attr.type not in ("unused", "pad") and \
            not attr.get("doc", "").startswith(REPLY_ONLY)
        if taken != (told is not None):
            differences.append(f"{name}: the kernel {'refuses' if taken else 'takes'} it")
            continue
        if not taken:
            continue
        nested = told.pop("policy-idx", None)
        if nested is not None:
            told.pop("policy-maxtype")
            compare_attributes(spec, spec.attr_sets[attr["nested-attributes"]], tables, nested,
                               differences)
        wanted = specified(spec, attr)
        if told != wanted:
            differences.append(f"{name}: the kernel has {told}, specified is {wanted}")
    for value in table.keys() - attr_set.attrs_by_val.keys():
        differences.append(f"{attr_set.name}: the kernel takes attribute {value}, not specified")


def compare_operations(spec, told, differences):
    """Their numbers, do and dump, and who may."""
    kernel = {}
    for entry in told["ops"]:
        for op in entry.values():
            kernel[op["id"]] = set(op["flags"]) - {"cmd-cap-haspol"}
    for op in spec.ops.values():
        wanted = set(op.get("flags", []))
        wanted |= {"cmd-cap-" + mode for mode in op.modes & {"do", "dump"}}
        if kernel.pop(op.req_value, None) != wanted:
            differences.append(f"operation {op.name}: not as in the kernel: {wanted}")
    for number in kernel:
        differences.append(f"the kernel has operation {number}, not specified")


def differences(spec):
    """What the kernel and the specification do not agree on, a line each."""
    found = []
    nlctrl = YnlFamily(NLCTRL, schema="")
    told = nlctrl.do("getfamily", {"family-name": spec.name})
    compare_operations(spec, told, found)
    groups = {g["name"] for entry in told.get("mcast-groups", []) for g in entry.values()}
    if groups != set(spec.mcast_groups):
        found.append(f"groups: the kernel has {groups}")
    if told["version"] != spec["version"]:
        found.append(f"version: the kernel has {told['version']}")
    compare_attributes(spec, spec.attr_sets["top"], policies(nlctrl, spec.name), 0, found)
    return found
