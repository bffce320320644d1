# SPDX-License-Identifier: GPL-2.0
"""The plait protocol, written from docs/protocol.md alone.

Slow and plain on purpose, so that a reader can lay it beside the page: each
function names the section it follows. It shares nothing with netdrv/core/, and
nothing here may be copied from there; where the two differ, one of them or the
page is wrong.
"""
import hashlib

HEADER = 32
INNER_HEADER = 8
AUTH_TAG = 16
SOURCE, REPAIR, CONTROL = 0x01, 0x02, 0x03
HANDSHAKE_INIT, HANDSHAKE_RESPONSE, COOKIE_REPLY = 0x81, 0x82, 0x83
MIN_HANDSHAKE = 64
LAST_COUNTER = 2**56 - 2        # "before its counter reaches 2^56 - 1"

MASK64 = 2**64 - 1


def be(value, octets):
    return value.to_bytes(octets, "big")


# --- section 3: SipHash-2-4, from its paper ------------------------------------

def _rotl(x, n):
    return (x << n | x >> (64 - n)) & MASK64


def _round(v):
    v0, v1, v2, v3 = v
    v0 = (v0 + v1) & MASK64
    v1 = _rotl(v1, 13) ^ v0
    v0 = _rotl(v0, 32)
    v2 = (v2 + v3) & MASK64
    v3 = _rotl(v3, 16) ^ v2
    v0 = (v0 + v3) & MASK64
    v3 = _rotl(v3, 21) ^ v0
    v2 = (v2 + v1) & MASK64
    v1 = _rotl(v1, 17) ^ v2
    v2 = _rotl(v2, 32)
    return v0, v1, v2, v3


def siphash24(key, message):
    """The 8 octets that SipHash-2-4's reference implementation writes."""
    k0 = int.from_bytes(key[:8], "little")
    k1 = int.from_bytes(key[8:16], "little")
    v = (k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
         k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573)
    rest = len(message) % 8
    padded = message + bytes(7 - rest) + bytes([len(message) % 256])
    for at in range(0, len(padded), 8):
        m = int.from_bytes(padded[at:at + 8], "little")
        v = (v[0], v[1], v[2], v[3] ^ m)
        v = _round(_round(v))
        v = (v[0] ^ m, v[1], v[2], v[3])
    v = (v[0], v[1], v[2] ^ 0xff, v[3])
    for _ in range(4):
        v = _round(v)
    return (v[0] ^ v[1] ^ v[2] ^ v[3]).to_bytes(8, "little")


def header_tag(tag_key, header, datagram_length):
    """Section 3; also the header tag of section 7, with T as the key."""
    return siphash24(tag_key, header[8:32] + be(datagram_length, 8))


# --- section 2: the clear header -----------------------------------------------

def packet_number(lane, counter):
    return lane << 56 | counter


def clear_header(h):
    """The 24 octets that follow the header tag; h is a dict of section 2's fields."""
    return (be(h["strand_id"], 1) + be(h["strand_seq"], 3) + be(h["timestamp_us"], 4)
            + be(h["type"], 1) + be(h["version"], 1) + be(h["epoch"], 2)
            + be(h["receiver"], 4) + be(packet_number(h["lane"], h["counter"]), 8))


# --- section 4: sealing ----------------------------------------------------------

def nonce_chacha20poly1305(pn):
    return bytes(4) + pn.to_bytes(8, "little")


def nonce_aes256gcm(pn):
    return bytes(4) + pn.to_bytes(8, "big")


CHACHA20POLY1305, AES256GCM = 1, 2


def seal(h, plaintext, aead_key, tag_key, cipher=CHACHA20POLY1305):
    """One whole protected datagram (section 4)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
    aead, nonce = {CHACHA20POLY1305: (ChaCha20Poly1305, nonce_chacha20poly1305),
                   AES256GCM: (AESGCM, nonce_aes256gcm)}[cipher]
    clear = bytes(8) + clear_header(h)
    sealed = aead(aead_key).encrypt(nonce(packet_number(h["lane"], h["counter"])), plaintext,
                                    clear[16:32])
    tag = header_tag(tag_key, clear, HEADER + len(sealed))
    return tag + clear[8:] + sealed


# --- section 5: source symbols ---------------------------------------------------

def inner_header(dsn, distance, bucket, partial):
    return (be(dsn % 2**32, 4) + be(distance, 2) + be(bucket, 1)
            + be(0x80 if partial else 0, 1))


def extend_dsn(highest, low32):
    """The DSN with these low 32 bits that is nearest to `highest`.

    DSNs count from 0, so there is none below 0 (or above 2^64 - 1). The page does
    not say which of two equally near ones it is; no vector asks.
    """
    near = [(highest >> 32) + step << 32 | low32 for step in (-1, 0, 1)]
    near = [dsn for dsn in near if 0 <= dsn < 2**64]
    return min(near, key=lambda dsn: abs(dsn - highest))


class Buckets:
    """The bucket distances of one lane and session."""

    def __init__(self):
        self.previous = {}

    def distance(self, bucket, dsn):
        before = self.previous.get(bucket)
        self.previous[bucket] = dsn
        if before is None or dsn - before > 65535:
            return 0
        return dsn - before


def walk(inner):
    """What follows the inner header: ([(offset, length)...], how the walk ended)."""
    found = []
    at = 0
    while at < len(inner):
        rest = inner[at:]
        kind = rest[0] >> 4
        if kind == 0:
            return found, "padding"
        if kind == 4:
            if len(rest) < 20:
                return found, "malformed"
            own_header = (rest[0] & 15) * 4
            length = int.from_bytes(rest[2:4], "big")
            if own_header < 20:
                return found, "malformed"
        elif kind == 6:
            if len(rest) < 40:
                return found, "malformed"
            own_header = 40
            length = 40 + int.from_bytes(rest[4:6], "big")
        else:
            return found, "malformed"
        if length < own_header or length > len(rest):
            return found, "malformed"
        found.append((at, length))
        at += length
    return found, "end"


# RFC 6040, figure 4: {inner: [result for outer Not-ECT, ECT(0), ECT(1), CE]}
NOT_ECT, ECT1, ECT0, CE = 0, 1, 2, 3
ECN_COLUMNS = [NOT_ECT, ECT0, ECT1, CE]
ECN_FIGURE_4 = {
    NOT_ECT: [NOT_ECT, NOT_ECT, NOT_ECT, "drop"],
    ECT0: [ECT0, ECT0, ECT1, CE],
    ECT1: [ECT1, ECT1, ECT1, CE],
    CE: [CE, CE, CE, CE],
}


def ecn_on_receive(inner, outer):
    return ECN_FIGURE_4[inner][ECN_COLUMNS.index(outer)]


# --- section 6: control ----------------------------------------------------------

def control_item(kind, value):
    return be(kind, 1) + bytes(1) + be(len(value), 2) + value


# --- section 7: handshake datagrams ----------------------------------------------

def handshake_tag_key(public_key):
    return hashlib.sha256(b"plait v1 handshake tag" + public_key).digest()[:16]


def handshake(kind, sender, body, public_key, cookie=None, version=1):
    """A whole handshake datagram; its body is shown only to be there."""
    rest = be(kind, 1) + be(version, 1) + bytes(2) + be(sender, 4) + body
    length = 16 + len(rest)
    assert length >= MIN_HANDSHAKE
    cookie_tag = bytes(8)
    if cookie is not None:
        cookie_tag = siphash24(cookie[:16], rest[:16] + bytes(8) + be(length, 8))
    clear = bytes(8) + cookie_tag + rest
    return header_tag(handshake_tag_key(public_key), clear, length) + clear[8:]


# --- section 8: the replay window --------------------------------------------------

class Window:
    """Accepted counters as a set; what the page calls rounding is in too_old()."""

    def __init__(self, span):
        self.span = span
        self.top = 0
        self.seen = set()

    def too_old(self, c):
        return c // 64 + self.span // 64 <= self.top // 64

    def offer(self, c):
        if self.too_old(c):
            return "old"
        if c in self.seen:
            return "duplicate"
        self.seen.add(c)
        self.top = max(self.top, c)
        return "new"


# --- section 9: MTU -----------------------------------------------------------------

SOURCE_OVERHEAD = HEADER + INNER_HEADER + AUTH_TAG
RESERVED_OVERHEAD = 64


def inner_mtu(underlay_mtu, ip_version):
    return underlay_mtu - {4: 20, 6: 40}[ip_version] - 8 - RESERVED_OVERHEAD
