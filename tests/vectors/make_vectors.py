#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes tests/vectors/*.txt from protocol.py and packets.py; --check compares.

usage: make_vectors.py            write the files
       make_vectors.py --check    make them again and compare (exit 1 if they differ,
                                  77 if python3-cryptography is missing)

A file is a list of cases. A case begins with `case = name` and ends at the next one;
its other lines are `key = value`, in an order that may matter and with keys that may
repeat. A value is one or more words, each a decimal number, a name, or octets in
hexadecimal ("-" stands for none). Lines that begin with # say nothing.
"""
import hashlib
import pathlib
import sys

import packets as ip
import protocol as plait

HERE = pathlib.Path(__file__).parent


class Out:
    """One file of vectors under way."""

    def __init__(self, about):
        self.lines = ["# SPDX-License-Identifier: GPL-2.0",
                      "# Made by make_vectors.py; do not edit. " + about]

    def case(self, name, **fields):
        self.lines += ["", f"case = {name}"]
        self.add(**fields)

    def add(self, **fields):
        for key, value in fields.items():
            words = value if isinstance(value, (list, tuple)) else [value]
            self.lines.append(f"{key} = " + " ".join(map(self.word, words)))

    @staticmethod
    def word(value):
        if isinstance(value, (bytes, bytearray)):
            return value.hex() or "-"
        return str(int(value) if isinstance(value, bool) else value)

    def text(self):
        return "\n".join(self.lines) + "\n"


def octets(label, count):
    """Octets that look random and are the same on every run."""
    return hashlib.shake_128(b"plait vectors: " + label.encode()).digest(count)


# --- inner packets used by several files ----------------------------------------

V4 = ("192.0.2.1", "198.51.100.2")
V6 = ("2001:db8::1", "2001:db8:2::2")
TIMESTAMPS = bytes.fromhex("0101080a0001e2400001b207")


def udp4(size, sport=5000, **kw):
    return ip.with_checksum(
        ip.ipv4(*V4, ip.UDP, ip.udp(sport, 53, octets("udp4", size)), **kw))


def udp6(size, sport=5000, partial=False, **kw):
    return ip.with_checksum(
        ip.ipv6(*V6, ip.UDP, ip.udp(sport, 53, octets("udp6", size)), **kw), partial)


def tcp4(size, flags=ip.ACK, partial=False, seq=1000, options=b"", **kw):
    segment = ip.tcp(40000, 443, seq, 77, flags, octets("tcp4", size), options=options)
    return ip.with_checksum(ip.ipv4(*V4, ip.TCP, segment, **kw), partial)


def tcp6(size, flags=ip.ACK, partial=False, seq=1000, options=b"", **kw):
    segment = ip.tcp(40000, 443, seq, 77, flags, octets("tcp6", size), options=options)
    return ip.with_checksum(ip.ipv6(*V6, ip.TCP, segment, **kw), partial)


def icmp4(size):
    echo = bytearray(bytes.fromhex("080000000007000a") + octets("icmp4", size))
    echo[2:4] = (0xffff ^ ip.ones_sum(bytes(echo))).to_bytes(2, "big")
    return ip.ipv4(*V4, 1, bytes(echo))


# --- the published answers that this program is checked against -------------------

def check_own_primitives():
    published = {    # the reference implementation's vectors.h, key 00…0f, message 00…
        0: "310e0edd47db6f72", 1: "fd67dc93c539f874", 7: "37d1018bf50002ab",
        8: "6224939a79f5f593", 15: "e545be4961ca29a1", 16: "db9bc2577fcc2a3f",
        24: "94af49f6c650adb8", 31: "42c341d8fa92d832",
        32: "ce7cf2722f512771", 63: "724506eb4c328a95"}
    count = bytes(range(64))
    for length, expected in published.items():
        assert plait.siphash24(count[:16], count[:length]).hex() == expected, length

    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    text = (b"Ladies and Gentlemen of the class of '99: If I could offer you only one "
            b"tip for the future, sunscreen would be it.")
    sealed = ChaCha20Poly1305(bytes(range(0x80, 0xa0))).encrypt(   # RFC 8439 §2.8.2
        bytes.fromhex("070000004041424344454647"), text,
        bytes.fromhex("50515253c0c1c2c3c4c5c6c7"))
    assert sealed[:16].hex() == "d31a8d34648e60db7b86afbc53ef7ec2"
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691"

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    sealed = AESGCM(bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)).encrypt(
        bytes.fromhex("cafebabefacedbaddecaf888"), bytes.fromhex(   # McGrew, Viega: case 16
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"),
        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    assert sealed[:16].hex() == "522dc1f099567d07f47f37a32a84427d"
    assert sealed[-16:].hex() == "76fc6ece0f4e1768cddf8853bb2d551b"


# --- one function a file ------------------------------------------------------------

def siphash():
    out = Out("SipHash-2-4; `reference-N` are the reference implementation's own.")
    count = bytes(range(64))
    for length in (0, 1, 7, 8, 15, 16, 31, 32, 63):
        out.case(f"reference-{length}", key=count[:16], message=count[:length],
                 tag=plait.siphash24(count[:16], count[:length]))
    for number in range(8):
        key, message = octets(f"sip key {number}", 16), octets(f"sip text {number}", 32)
        out.case(f"header-sized-{number}", key=key, message=message,
                 tag=plait.siphash24(key, message))
    return out


def header(**fields):
    plain = dict(strand_id=0, strand_seq=0, timestamp_us=0, type=plait.SOURCE, version=1,
                 epoch=0, receiver=0x01020304, lane=0, counter=0)
    return plain | fields


EXTREMES = {
    "all-zero-but-type-and-version": header(receiver=0),
    "each-octet-its-own": header(
        strand_id=0x08, strand_seq=0x090a0b, timestamp_us=0x0c0d0e0f, type=2,
        epoch=0x1213, receiver=0x14151617, lane=0x18, counter=0x191a1b1c1d1e1f),
    "every-field-at-its-end": header(
        strand_id=255, strand_seq=2**24 - 1, timestamp_us=2**32 - 1, type=3,
        epoch=65535, receiver=2**32 - 1, lane=255, counter=plait.LAST_COUNTER),
    "sign-bits": header(
        strand_id=0x80, strand_seq=0x800000, timestamp_us=0x80000000, epoch=0x8000,
        receiver=0x80000000, lane=0x80, counter=1 << 55),
    "counter-above-32-bits": header(lane=1, counter=1 << 32),
    "an-unknown-protected-type": header(type=0x7f, counter=9),
    "an-unknown-version": header(version=2, counter=9),
}


def headers():
    out = Out("Sections 2 to 4: clear headers, their tags and nonces.")
    for name, h in EXTREMES.items():
        for length in (48, 56, 1472, 65507):
            key = octets(f"tag key {name}", 16)
            clear = bytes(8) + plait.clear_header(h)
            tag = plait.header_tag(key, clear, length)
            pn = plait.packet_number(h["lane"], h["counter"])
            out.case(f"{name}-{length}", **h, length=length, tag_key=key,
                     packet_number=pn, nonce_1=plait.nonce_chacha20poly1305(pn),
                     nonce_2=plait.nonce_aes256gcm(pn), header=tag + clear[8:])
    return out


def handshakes():
    out = Out("Section 7: handshake datagrams, with and without a cookie.")
    public = octets("public key", 32)
    cookie = octets("cookie", 32)
    for kind in (plait.HANDSHAKE_INIT, plait.HANDSHAKE_RESPONSE, plait.COOKIE_REPLY, 0xff):
        for body_len in (40, 41, 124):
            for use in (None, cookie):
                body = octets(f"body {kind}", body_len)
                out.case(f"type-{kind:#x}-{24 + body_len}-{'cookie' if use else 'bare'}",
                         public_key=public, tag_key=plait.handshake_tag_key(public),
                         cookie=(use or b"")[:16], type=kind, version=1, sender=0xa1b2c3d4,
                         datagram=plait.handshake(kind, 0xa1b2c3d4, body, public, use))
    return out


def symbol(dsn, distance, bucket, partial, inner, padding=0):
    return (plait.inner_header(dsn, distance, bucket, partial)
            + b"".join(inner) + bytes(padding))


def datagrams(*args):
    """A case's datagram by each cipher, 1 and 2; in vectors a key may serve both."""
    return {"datagram": plait.seal(*args),
            "datagram_2": plait.seal(*args, cipher=plait.AES256GCM)}


def sealed():
    out = Out("Sections 2 to 6: whole protected datagrams, by both ciphers.")
    sources = {    # name: (clear header, dsn, distance, bucket, C, packets, padding)
        "first-of-all": (header(), 0, 0, 0, False, [udp4(12)], 0),
        "ipv6": (header(counter=1), 1, 1, 7, False, [udp6(12)], 0),
        "icmp": (header(counter=2), 2, 0, 255, False, [icmp4(56)], 0),
        "full-size-tcp": (header(counter=3), 3, 0, 9, False,
                          [tcp4(1356, ip.ACK | ip.PSH, options=TIMESTAMPS)], 0),
        "partial-checksum-v4": (header(counter=4), 4, 4, 9, True, [tcp4(100, partial=True)], 0),
        "partial-checksum-v6": (header(counter=5), 5, 1, 9, True,
                                [tcp6(100, partial=True), udp6(9, partial=True)], 0),
        "bundle-of-three": (header(counter=6), 6, 0, 1, False,
                            [udp4(1), udp6(2), udp4(3)], 0),
        "bundle-with-padding": (header(counter=7), 7, 1, 1, False, [udp4(5), udp4(6)], 15),
        "padding-alone": (header(counter=8), 8, 0, 2, False, [], 24),
        "nothing-at-all": (header(counter=9), 9, 0, 3, False, [], 0),
        "every-field-at-its-end": (EXTREMES["every-field-at-its-end"] | dict(type=1),
                                   2**32 - 1, 65535, 255, True, [tcp6(1, partial=True)], 0),
        "each-octet-its-own": (EXTREMES["each-octet-its-own"] | dict(type=1),
                               0x21222324, 0x2526, 0x27, False, [udp4(33)], 0),
        "lane-3-epoch-2": (header(lane=3, epoch=2, counter=2**40 + 5, strand_id=1,
                                  strand_seq=70000), 2**33 + 17, 300, 64, False,
                           [tcp6(64)], 0),
    }
    for number, (name, source) in enumerate(sources.items()):
        h, dsn, distance, bucket, partial, inner, padding = source
        aead_key, tag_key = octets(f"aead {number // 4}", 32), octets(f"tag {number // 4}", 16)
        text = symbol(dsn, distance, bucket, partial, inner, padding)
        out.case(name, **h, aead_key=aead_key, tag_key=tag_key, dsn_low=dsn % 2**32,
                 distance=distance, bucket=bucket, partial=partial)
        for packet in inner:
            out.add(packet=packet)
        out.add(padding=padding, plaintext=text,
                **datagrams(h, text, aead_key, tag_key))

    # The same symbol sent on a second strand: only the strand half differs.
    aead_key, tag_key = octets("aead copy", 32), octets("tag copy", 16)
    text = symbol(77, 1, 4, False, [udp4(20)])
    for strand, seq, when in ((0, 5, 1000), (1, 900, 1450)):
        h = header(counter=77, strand_id=strand, strand_seq=seq, timestamp_us=when)
        out.case(f"copy-on-strand-{strand}", **h, aead_key=aead_key, tag_key=tag_key,
                 dsn_low=77, distance=1, bucket=4, partial=0, packet=udp4(20), padding=0,
                 plaintext=text, **datagrams(h, text, aead_key, tag_key))

    others = {
        "control-empty": (plait.CONTROL, b""),
        "control-items": (plait.CONTROL, plait.control_item(1, octets("probe", 8))
                          + plait.control_item(200, b"") + plait.control_item(0, b"")),
        "unknown-type": (0x42, octets("unknown", 30)),
    }
    for number, (name, (kind, text)) in enumerate(others.items()):
        h = header(type=kind, counter=100 + number)
        out.case(name, **h, aead_key=aead_key, tag_key=tag_key, plaintext=text,
                 **datagrams(h, text, aead_key, tag_key))
    return out


def numbers():
    out = Out("Sections 5 and 9: DSN extension, bucket distances, MTU.")
    out.case("overhead", source=plait.SOURCE_OVERHEAD, reserved=plait.RESERVED_OVERHEAD)
    for underlay in (1280, 1492, 1500, 9000, 65535):
        for version in (4, 6):
            out.case(f"mtu-{underlay}-v{version}", underlay=underlay, ip_version=version,
                     inner=plait.inner_mtu(underlay, version))

    highs = [0, 1, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1, 2**32, 2**32 + 1,
             3 * 2**32 + 2**31 - 5, 2**40 + 12345, 2**63, 2**64 - 2**32]
    out.case("dsn-extension")
    for high in highs:
        for away in (0, 1, -1, 100, -100, 2**31 - 1, 1 - 2**31):
            low = (high + away) % 2**32
            if abs(plait.extend_dsn(high, low) - high) != 2**31:
                out.add(extend=[high, low, plait.extend_dsn(high, low)])

    # Each step: bucket, how many symbols in a row it gets, and of the first of
    # them its DSN and distance (the others' distance is 1).
    sequences = {
        "one-bucket": (0, [(0, 1), (0, 1), (0, 5), (0, 1)]),
        "two-by-turns": (0, [(3, 1), (200, 1), (3, 1), (200, 1), (200, 1), (3, 1)]),
        "as-far-as-it-goes": (0, [(1, 1), (2, 65534), (1, 1), (3, 1)]),
        "one-too-far": (0, [(1, 1), (2, 65535), (1, 1), (1, 1)]),
        "across-2-to-the-32": (2**32 - 3, [(9, 1), (8, 1), (9, 2), (8, 1), (9, 1)]),
        "two-to-the-32-later": (2**40, [(7, 1), (6, 65535), (7, 1), (255, 1), (0, 1)]),
    }
    for name, (dsn, steps) in sequences.items():
        out.case(f"distance-{name}", first_dsn=dsn)
        buckets = plait.Buckets()
        for bucket, count in steps:
            first = dsn
            distance = buckets.distance(bucket, dsn)
            for dsn in range(first + 1, first + count):
                assert buckets.distance(bucket, dsn) == 1
            dsn = first + count
            out.add(step=[bucket, count, first, distance])
    return out


def windows():
    out = Out("Section 8: the replay window; each step is a counter and its verdict.")
    jumps = {
        "in-order": lambda span: range(0, 3 * span, max(span // 16, 1)),
        "backwards-inside": lambda span: [span - 1, *range(span - 2, -1, -max(span // 16, 1))],
        "edge-is-a-block": lambda span: [
            10, span + 9, 11, span + 63, 12, span + 64, 13, 63, 64, 65, 64],
        "a-window-at-once": lambda span: [
            5, 5 + span, 5, 6, 69, 5 + 2 * span, 5 + span, 64 + span, 64 + span, 63 + span],
        "far-jump-forgets-nothing-new": lambda span: [
            1, 2, 10 * span + 1, 2, 9 * span + 64, 10 * span + 1, 9 * span + 63,
            9 * span + 65, 10 * span + 2, 9 * span + 65],
        "the-last-counters": lambda span: [
            plait.LAST_COUNTER - span, plait.LAST_COUNTER, plait.LAST_COUNTER - 1,
            plait.LAST_COUNTER, plait.LAST_COUNTER - span, plait.LAST_COUNTER - span + 64, 0],
        "old-bits-are-cleared": lambda span: [
            *range(0, span, span // 8 + 1), *range(span, 2 * span, span // 8 + 1),
            *range(2 * span, 3 * span, span // 8 + 1), *range(2 * span, 3 * span, span // 8 + 1)],
    }
    for span in (64, 128, 8192):
        for name, sequence in jumps.items():
            window = plait.Window(span)
            out.case(f"{name}-{span}", span=span)
            for counter in sequence(span):
                out.add(step=[counter, window.offer(counter)])
    return out


def bundles():
    out = Out("Section 5: walks of what follows the inner header.")
    a, b, c = udp4(1), udp6(20), icmp4(7)
    short = bytearray(a)
    short[3] = 19                                  # smaller than its header
    options = ip.ipv4(*V4, 17, b"", options=bytes([1]) * 8)
    below_options = bytearray(options)
    below_options[3] = 27
    tiny_ihl = bytearray(a)
    tiny_ihl[0] = 0x44
    long4, long6 = bytearray(a), bytearray(b)
    long4[3] += 1
    long6[5] += 1
    only_header = bytearray(a[:20])
    only_header[3] = 20
    v6_only = bytearray(b[:40])
    v6_only[4:6] = bytes(2)
    biggest = ip.ipv4(*V4, 17, octets("big", 2000))
    inners = {
        "empty": b"", "one-v4": a, "one-v6": b, "three": a + b + c,
        "padding-alone": bytes(9), "one-octet-of-padding": a + bytes(1),
        "padding-need-not-be-zero": a + bytes.fromhex("0fffffff45"),
        "packet-behind-padding-does-not-count": a + bytes(1) + b,
        "header-alone-v4": bytes(only_header), "header-alone-v6": bytes(v6_only),
        "options-alone": options, "with-a-big-one": a + biggest + b,
        "other-version": a + bytes.fromhex("50000000"),
        "other-version-first": bytes.fromhex("f0") + a, "version-1": bytes.fromhex("10"),
        "length-below-header": bytes(short), "length-below-options": bytes(below_options),
        "header-length-below-20": c + bytes(tiny_ihl),
        "one-past-the-end-v4": b + bytes(long4), "one-past-the-end-v6": a + bytes(long6),
        "cut-in-the-header-v4": a + a[:19], "cut-in-the-header-v6": b + b[:39],
        "lone-octet-4": a + b"\x45", "lone-octet-6": a + b"\x60",
        "cut-in-the-options": a + options[:24],
        "longest-length": a[:2] + b"\xff\xff" + a[4:],
        "longest-length-v6": b[:4] + b"\xff\xff" + b[6:],
    }
    for name, inner in inners.items():
        found, end = plait.walk(inner)
        out.case(name, inner=inner, end=end)
        for offset, length in found:
            out.add(packet=[offset, length])
    return out


def ecn():
    out = Out("RFC 6040, figure 4, on receive; and what becomes of the inner packet.")
    for inner in range(4):
        for outer in range(4):
            result = plait.ecn_on_receive(inner, outer)
            out.case(f"inner-{inner}-outer-{outer}", inner=inner, outer=outer,
                     result="drop" if result == "drop" else result)
            after = inner if result == "drop" else result
            tos = 0xb8
            out.add(v4=[udp4(3, tos=tos | inner), udp4(3, tos=tos | after)],
                    v6=[udp6(3, tclass=tos | inner, flow=0xabcde),
                        udp6(3, tclass=tos | after, flow=0xabcde)])
    return out


def segmentation():
    out = Out("TCP and UDP super-packets: whole ones, and their segments in both forms of\n"
              "# checksum. A super-packet comes with the pseudo-header's sum, as from a stack.")
    flags = ip.ACK | ip.PSH | ip.FIN | ip.CWR
    supers = {
        "tcp4-even": (tcp4(300, partial=True, ident=7), 100),
        "tcp4-odd-tail-all-flags": (tcp4(301, flags, True, options=TIMESTAMPS, ident=65534), 100),
        "tcp4-ip-options": (ip.with_checksum(ip.ipv4(
            *V4, ip.TCP, ip.tcp(1, 2, 5, 6, flags, octets("o", 201)), options=bytes([1]) * 4,
            ident=9, df=False, tos=0x2e), True), 67),
        "tcp4-sequence-wraps": (tcp4(500, ip.ACK | ip.PSH, True, seq=2**32 - 150), 100),
        "tcp4-ece": (tcp4(200, ip.ACK | ip.ECE | ip.URG, True, tos=2), 99),
        "tcp6-even": (tcp6(300, ip.ACK | ip.PSH, True), 100),
        "tcp6-odd-tail-all-flags": (tcp6(333, flags, True, options=TIMESTAMPS,
                                         tclass=0x03, flow=0xfffff), 77),
        "tcp6-full-size": (tcp6(4000, ip.ACK | ip.PSH, True, options=TIMESTAMPS), 1356),
        "udp4": (ip.with_checksum(ip.ipv4(*V4, ip.UDP, ip.udp(9, 10, octets("u4", 250)),
                                          ident=65535), True), 100),
        "udp6": (ip.with_checksum(ip.ipv6(*V6, ip.UDP, ip.udp(9, 10, octets("u6", 251))),
                                  True), 50),
        "udp4-ends-on-an-edge": (ip.with_checksum(
            ip.ipv4(*V4, ip.UDP, ip.udp(9, 10, octets("u4", 200))), True), 100),
        "tcp4-one-octet-each": (tcp4(5, flags, True), 1),
    }
    for name, (packet, mss) in supers.items():
        out.case(name, super=packet, mss=mss)
        whole, partial = (ip.segments(packet, mss, form) for form in (False, True))
        for pair in zip(whole, partial):
            out.add(segment=pair)
    return out


def checksums():
    out = Out("Section 5, flag C: packets with a whole checksum and with the pseudo-header's sum.")
    zero = None                  # a UDP packet whose checksum comes out as zero
    for tail in range(65536):
        packet = ip.ipv4(*V4, ip.UDP, ip.udp(1, 2, tail.to_bytes(2, "big")))
        at, _, pseudo = ip.layout(packet)
        if ip.ones_sum(pseudo + packet[at:]) == 0xffff:
            zero = packet
            break
    plain = {
        "udp4": udp4(11), "udp4-empty": udp4(0), "udp6": udp6(12), "udp6-odd": udp6(13),
        "tcp4": tcp4(14), "tcp4-options": tcp4(15, options=TIMESTAMPS), "tcp4-bare": tcp4(0),
        "tcp6": tcp6(16), "tcp6-odd": tcp6(1357, options=TIMESTAMPS),
        "tcp4-ip-options": ip.ipv4(*V4, ip.TCP, ip.tcp(1, 2, 5, 6, ip.ACK, octets("o", 21)),
                                   options=bytes([1]) * 8),
        "udp4-sum-is-zero": zero,
        "udp4-all-ones": ip.ipv4("255.255.255.255", "255.255.255.255", ip.UDP,
                                 ip.udp(65535, 65535, b"\xff" * 100)),
    }
    for name, packet in plain.items():
        at, proto, _ = ip.layout(packet)
        out.case(name, start=at, field=at + {ip.TCP: 16, ip.UDP: 6}[proto],
                 whole=ip.with_checksum(packet), partial=ip.with_checksum(packet, True))
    return out


FILES = {"siphash": siphash, "header": headers, "handshake": handshakes, "sealed": sealed,
         "numbers": numbers, "window": windows, "bundle": bundles, "ecn": ecn,
         "segment": segmentation, "checksum": checksums}


def main(arguments):
    try:
        import cryptography    # noqa: F401
    except ImportError:
        print("skipped: python3-cryptography is not installed")
        return 77
    check_own_primitives()
    stale = []
    for name, make in FILES.items():
        path = HERE / f"{name}.txt"
        text = make().text()
        if arguments == ["--check"]:
            if not path.exists() or path.read_text() != text:
                stale.append(path.name)
        else:
            path.write_text(text)
    if stale:
        print("differ from what make_vectors.py makes:", *stale)
        return 1
    print(f"{len(FILES)} files of vectors", "agree" if arguments else "written")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
