/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Why a datagram or a packet dies: the one list of verdicts. Counters of the
 * module, netlink attributes and the names that tools print all come from it.
 */
#ifndef PLAIT_CORE_VERDICT_H
#define PLAIT_CORE_VERDICT_H

/*
 * X(NAME, name, meaning). Receive verdicts stand in the order of the checks
 * (docs/protocol.md, section 8). "port" ones are found before the device is
 * known, so they are counted for the UDP port.
 */
#define PLAIT_PORT_DROPS(X)                                                   \
	X(PORT_SHORT, port_short, "shorter than header and tag")              \
	X(PORT_VERSION, port_version, "another protocol version")             \
	X(PORT_HANDSHAKE, port_handshake, "handshake without a controller")   \
	X(PORT_INDEX, port_index, "no session has this receiver index")       \
	X(PORT_NOMEM, port_nomem, "no memory to look at it")

#define PLAIT_RX_DROPS(X)                                                     \
	X(RX_EPOCH, rx_epoch, "key epoch not installed")                      \
	X(RX_LANE, rx_lane, "lane that the device does not have")             \
	X(RX_TAG, rx_tag, "wrong header tag")                                 \
	X(RX_OLD, rx_old, "older than the replay window")                     \
	X(RX_DUPLICATE, rx_duplicate, "already accepted")                     \
	X(RX_QUEUE, rx_queue, "lane's receive queue full")                    \
	X(RX_DOWN, rx_down, "device down")                                    \
	X(RX_NOMEM, rx_nomem, "no memory")                                    \
	X(RX_LONG, rx_long, "longer than the device can take")                \
	X(RX_AUTH, rx_auth, "AEAD refused it")                                \
	X(RX_LIMIT, rx_limit, "too many failed openings on this key")         \
	X(RX_TYPE, rx_type, "authentic, of a type not known here")            \
	X(RX_INNER, rx_inner, "authentic, malformed inside")                  \
	X(RX_ECN, rx_ecn, "congestion mark on a not ECN-capable packet")      \
	X(RX_SOURCE, rx_source, "source address is in no allowed prefix")

#define PLAIT_TX_DROPS(X)                                                     \
	X(TX_PROTOCOL, tx_protocol, "neither IPv4 nor IPv6, or malformed")    \
	X(TX_NOKEY, tx_nokey, "no key installed")                             \
	X(TX_LIMIT, tx_limit, "key epoch used up")                            \
	X(TX_NOSTRAND, tx_nostrand, "no strand")                              \
	X(TX_TOO_BIG, tx_too_big, "larger than the MTU")                      \
	X(TX_QUEUE, tx_queue, "lane's transmit queue full")                   \
	X(TX_NOMEM, tx_nomem, "no memory")                                    \
	X(TX_NOROUTE, tx_noroute, "no route to the strand's remote")          \
	X(TX_LOOP, tx_loop, "underlay route leads through the device")

#define PLAIT_DROPS(X) PLAIT_PORT_DROPS(X) PLAIT_RX_DROPS(X) PLAIT_TX_DROPS(X)

/**
 * enum plait_verdict - what becomes of a datagram or packet
 * @PLAIT_OK: it goes on
 *
 * The others name a drop; PLAIT_DROPS tells what each means.
 */
enum plait_verdict {
	PLAIT_OK,
#define PLAIT_X(NAME, name, meaning) PLAIT_DROP_##NAME,
	PLAIT_DROPS(PLAIT_X)
#undef PLAIT_X
	PLAIT_VERDICTS
};

/*
 * What else is counted, datagrams and batches. A device's counters are these
 * and the drops above.
 */
#define PLAIT_EVENTS(X)                                                       \
	X(TX_DATAGRAMS, tx_datagrams, "datagrams sent")                       \
	X(TX_BATCHES, tx_batches, "trips through the stack with datagrams")   \
	X(TX_IN_PLACE, tx_in_place, "lone packets sealed in their own buffer")     \
	X(TX_BUNDLES, tx_bundles, "datagrams with several packets")           \
	X(RX_DATAGRAMS, rx_datagrams, "datagrams accepted")                   \
	X(RX_AGGREGATES, rx_aggregates, "receive buffers with several datagrams") \
	X(RX_MERGED, rx_merged, "TCP segments appended to a larger packet")   \
	X(RX_BOUNCED, rx_bounced, "datagrams copied, as they lay in pieces")  \
	X(RX_PADDING, rx_padding, "symbols that carried no packet")           \
	X(PAGES_FRESH, pages_fresh, "pages allocated")                        \
	X(PAGES_REUSED, pages_reused, "pages recycled")

enum plait_event {
#define PLAIT_X(NAME, name, meaning) PLAIT_EVENT_##NAME,
	PLAIT_EVENTS(PLAIT_X)
#undef PLAIT_X
	PLAIT_EVENT_COUNT
};

#endif /* PLAIT_CORE_VERDICT_H */
