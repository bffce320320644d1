# SPDX-License-Identifier: GPL-2.0
"""What is shown together, by the names of rows: nothing here knows which rows there are.

A guest row is called GROUP-KIND[-VARIANT]: tcp-plait-gcm, pktgen-burst-wireguard."""

# Data paths, by the word that a row has for them, and their colours.
KINDS = {"veth": 0x9aa0a6, "vxlan": 0x9aa0a6, "wireguard": 0xb5483a, "ovpn": 0xd08c2f,
         "userdp": 0x5b8c5a, "plait": 0x1f6f8b,
         # The flood's: plait.ko with its filter, and without.
         "filter": 0x1f6f8b, "module": 0x7fb3c4}
OTHER = 0x6b7280
REFERENCE = "wireguard"


def kind_at(name):
    """Which of the words in a name is its kind, or None."""
    words = name.split("-")
    return next((i for i, word in enumerate(words) if word in KINDS), None)


def group_of(series):
    if series.group:
        return series.group
    at = kind_at(series.name)
    words = series.name.split("-")
    return "-".join(words[:at]) if at else words[0]


def label_of(series):
    """A row's name within its group."""
    prefix = group_of(series) + "-"
    return series.name.removeprefix(prefix)


def colour_of(series):
    """Of the last kind in its name: of goodput-veth-filter the filter."""
    kinds = [word for word in series.name.split("-") if word in KINDS]
    return KINDS[kinds[-1]] if kinds else OTHER


def grouped(all_series):
    """(group, unit) to its series, in the order in which they first come."""
    groups = {}
    for series in all_series:
        groups.setdefault((group_of(series), series.unit), []).append(series)
    return groups


def reference_of(series, members):
    """WireGuard's row of the same variant, else WireGuard's only; None if there is none."""
    at = kind_at(series.name)
    if at is None:
        return None
    words = series.name.split("-")
    by_name = {member.name: member for member in members}
    same = "-".join(words[:at] + [REFERENCE] + words[at + 1:])
    return by_name.get(same) or by_name.get("-".join(words[:at] + [REFERENCE]))
