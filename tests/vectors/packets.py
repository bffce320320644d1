# SPDX-License-Identifier: GPL-2.0
"""IPv4, IPv6, TCP and UDP packets for the vectors, from their RFCs alone.

Owns building packets, their checksums (whole, or the pseudo-header's sum alone,
docs/protocol.md section 5, flag C), and cutting a super-packet into segments.
"""
import ipaddress

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))


def be(value, octets):
    return value.to_bytes(octets, "big")


def ones_sum(data):
    """RFC 1071's sum, folded to 16 bits, not complemented."""
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data), 2))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


def ipv4(src, dst, proto, payload, *, ident=0, tos=0, ttl=64, df=True, options=b""):
    assert len(options) % 4 == 0
    header_len = 20 + len(options)
    header = bytearray(
        be(0x40 | header_len // 4, 1) + be(tos, 1) + be(header_len + len(payload), 2)
        + be(ident, 2) + be(0x4000 if df else 0, 2) + be(ttl, 1) + be(proto, 1) + bytes(2)
        + ipaddress.IPv4Address(src).packed + ipaddress.IPv4Address(dst).packed + options)
    header[10:12] = be(0xffff ^ ones_sum(bytes(header)), 2)
    return bytes(header) + payload


def ipv6(src, dst, proto, payload, *, tclass=0, flow=0, hops=64):
    return (be(6 << 28 | tclass << 20 | flow, 4) + be(len(payload), 2) + be(proto, 1)
            + be(hops, 1) + ipaddress.IPv6Address(src).packed
            + ipaddress.IPv6Address(dst).packed + payload)


def tcp(sport, dport, seq, ack, flags, payload, *, window=502, options=b"", urgent=0):
    assert len(options) % 4 == 0
    return (be(sport, 2) + be(dport, 2) + be(seq, 4) + be(ack, 4)
            + be((20 + len(options)) // 4 << 4, 1) + be(flags, 1) + be(window, 2)
            + bytes(2) + be(urgent, 2) + options + payload)


def udp(sport, dport, payload):
    return be(sport, 2) + be(dport, 2) + be(8 + len(payload), 2) + bytes(2) + payload


def layout(packet):
    """(offset of the transport header, protocol, pseudo-header)"""
    if packet[0] >> 4 == 4:
        at, proto, addresses = (packet[0] & 15) * 4, packet[9], packet[12:20]
        length = int.from_bytes(packet[2:4], "big") - at
        return at, proto, addresses + be(0, 1) + be(proto, 1) + be(length, 2)
    at, proto, addresses = 40, packet[6], packet[8:40]
    length = int.from_bytes(packet[4:6], "big")
    return at, proto, addresses + be(length, 4) + be(0, 3) + be(proto, 1)


def with_checksum(packet, partial=False):
    """The packet with its TCP or UDP checksum filled in, whole or as with flag C."""
    at, proto, pseudo = layout(packet)
    field = at + {TCP: 16, UDP: 6}[proto]
    out = bytearray(packet)
    out[field:field + 2] = bytes(2)
    if partial:
        value = ones_sum(pseudo)
    else:
        value = 0xffff ^ ones_sum(pseudo + bytes(out[at:]))
        if proto == UDP and value == 0:
            value = 0xffff          # RFC 768: zero says "no checksum"
    out[field:field + 2] = be(value, 2)
    return bytes(out)


def segments(packet, mss, partial):
    """Cut one TCP or UDP super-packet as a NIC would.

    TCP: sequence numbers advance; FIN and PSH stand on the last segment alone, CWR on
    the first alone. UDP: each has its own length. The IPv4 identification counts up.
    """
    at, proto, _ = layout(packet)
    data_at = at + ((packet[at + 12] >> 4) * 4 if proto == TCP else 8)
    data = packet[data_at:]
    starts = range(0, max(len(data), 1), mss)
    out = []
    for index, start in enumerate(starts):
        piece = data[start:start + mss]
        head = bytearray(packet[:data_at])
        if packet[0] >> 4 == 4:
            head[2:4] = be(data_at + len(piece), 2)
            ident = int.from_bytes(packet[4:6], "big")
            head[4:6] = be((ident + index) % 2**16, 2)
            head[10:12] = bytes(2)
            head[10:12] = be(0xffff ^ ones_sum(bytes(head[:at])), 2)
        else:
            head[4:6] = be(data_at - 40 + len(piece), 2)
        if proto == TCP:
            seq = int.from_bytes(packet[at + 4:at + 8], "big")
            head[at + 4:at + 8] = be((seq + start) % 2**32, 4)
            if index > 0:
                head[at + 13] &= ~CWR & 0xff
            if index < len(starts) - 1:
                head[at + 13] &= ~(FIN | PSH) & 0xff
        else:
            head[at + 4:at + 6] = be(8 + len(piece), 2)
        out.append(with_checksum(bytes(head) + piece, partial))
    return out
