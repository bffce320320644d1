/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * What user space and plait.ko say to each other: rtnl attributes of kind
 * "plait" and the generic netlink family "plait". Numbers are only ever added,
 * at the end. netdrv/plait.yaml says the same as a netlink specification;
 * a test holds the two equal.
 */
#ifndef _UAPI_LINUX_PLAIT_H
#define _UAPI_LINUX_PLAIT_H

/*
 * IFLA_INFO_DATA of rtnl kind "plait": the device and its initial strand.
 * Addresses have 4 or 16 octets, network order; ports are network order.
 */
enum {
	IFLA_PLAIT_UNSPEC,
	IFLA_PLAIT_LOCAL,	  /* binary; default: any */
	IFLA_PLAIT_REMOTE,	  /* binary */
	IFLA_PLAIT_PORT,	  /* be16; the device's own UDP port */
	IFLA_PLAIT_REMOTE_PORT,	  /* be16; default: IFLA_PLAIT_PORT */
	IFLA_PLAIT_LINK,	  /* u32; ifindex of the underlay, 0: any */
	IFLA_PLAIT_LANES,	  /* u32; 1..16, fixed once made; default 1 */
	IFLA_PLAIT_WINDOW,	  /* u32; replay window, a power of two */
	IFLA_PLAIT_PAD,
	IFLA_PLAIT_FWMARK,	  /* u32; of outer packets, for their routes */
	IFLA_PLAIT_DSCP,	  /* u8; outer DSCP 0..63, or PLAIT_DSCP_INHERIT */
	IFLA_PLAIT_FRAGMENT,	  /* u8; 1: outer packets may be fragmented */
	__IFLA_PLAIT_MAX
};

#define IFLA_PLAIT_MAX (__IFLA_PLAIT_MAX - 1)

/* Outer DSCP is the inner packet's: the uniform model of RFC 2983. */
#define PLAIT_DSCP_INHERIT 255

#define PLAIT_FAMILY_NAME "plait"
#define PLAIT_FAMILY_VERSION 1
#define PLAIT_MCGRP_EVENTS "events"

enum plait_cipher {
	PLAIT_CIPHER_ANY, /* ChaCha20-Poly1305 */
	PLAIT_CIPHER_CHACHA20POLY1305,
	PLAIT_CIPHER_AES256GCM,
};

/* What an event message tells. */
enum plait_event_kind {
	PLAIT_EVENT_KIND_UNSPEC,
	PLAIT_EVENT_KIND_KEY_INSTALLED,
	PLAIT_EVENT_KIND_KEY_ACTIVATED,	  /* transmit seals with it now */
	PLAIT_EVENT_KIND_KEY_REMOVED,
	PLAIT_EVENT_KIND_KEY_LIMIT_NEAR,  /* install the next epoch soon */
	PLAIT_EVENT_KIND_KEY_LIMIT_REACHED, /* it seals or opens no more */
	PLAIT_EVENT_KIND_CARRIER_UP,
	PLAIT_EVENT_KIND_CARRIER_DOWN,
	PLAIT_EVENT_KIND_STRAND_CHANGED,  /* made, or set */
	PLAIT_EVENT_KIND_STRAND_REMOVED,
	PLAIT_EVENT_KIND_MTU_CHANGED,	  /* the device's MTU followed the path */
	PLAIT_EVENT_KIND_STRAND_SPOILT,	  /* many of its datagrams fail to open */
};

/*
 * Counters, each a u64: PLAIT_A_DEVICE_STATS and IFLA_INFO_XSTATS. What each
 * counts is said in netdrv/core/verdict.h and plait(7).
 */
enum {
	PLAIT_A_STATS_UNSPEC,
	PLAIT_A_STATS_PORT_SHORT,
	PLAIT_A_STATS_PORT_VERSION,
	PLAIT_A_STATS_PORT_HANDSHAKE,
	PLAIT_A_STATS_PORT_INDEX,
	PLAIT_A_STATS_PORT_NOMEM,
	PLAIT_A_STATS_RX_EPOCH,
	PLAIT_A_STATS_RX_LANE,
	PLAIT_A_STATS_RX_TAG,
	PLAIT_A_STATS_RX_OLD,
	PLAIT_A_STATS_RX_DUPLICATE,
	PLAIT_A_STATS_RX_QUEUE,
	PLAIT_A_STATS_RX_DOWN,
	PLAIT_A_STATS_RX_NOMEM,
	PLAIT_A_STATS_RX_LONG,
	PLAIT_A_STATS_RX_AUTH,
	PLAIT_A_STATS_RX_LIMIT,
	PLAIT_A_STATS_RX_TYPE,
	PLAIT_A_STATS_RX_INNER,
	PLAIT_A_STATS_RX_ECN,
	PLAIT_A_STATS_RX_SOURCE,
	PLAIT_A_STATS_TX_PROTOCOL,
	PLAIT_A_STATS_TX_NOKEY,
	PLAIT_A_STATS_TX_LIMIT,
	PLAIT_A_STATS_TX_NOSTRAND,
	PLAIT_A_STATS_TX_TOO_BIG,
	PLAIT_A_STATS_TX_QUEUE,
	PLAIT_A_STATS_TX_NOMEM,
	PLAIT_A_STATS_TX_NOROUTE,
	PLAIT_A_STATS_TX_LOOP,
	PLAIT_A_STATS_TX_DATAGRAMS,
	PLAIT_A_STATS_TX_BATCHES,
	PLAIT_A_STATS_TX_IN_PLACE,
	PLAIT_A_STATS_TX_BUNDLES,
	PLAIT_A_STATS_RX_DATAGRAMS,
	PLAIT_A_STATS_RX_AGGREGATES,
	PLAIT_A_STATS_RX_MERGED,
	PLAIT_A_STATS_RX_BOUNCED,
	PLAIT_A_STATS_RX_PADDING,
	PLAIT_A_STATS_PAGES_FRESH,
	PLAIT_A_STATS_PAGES_REUSED,
	PLAIT_A_STATS_PAD,
	__PLAIT_A_STATS_MAX,
	PLAIT_A_STATS_MAX = __PLAIT_A_STATS_MAX - 1
};

enum {
	PLAIT_A_DEVICE_UNSPEC,
	PLAIT_A_DEVICE_IFINDEX,	  /* u32 */
	PLAIT_A_DEVICE_IFNAME,	  /* string */
	PLAIT_A_DEVICE_PORT,	  /* u16, host order; UDP port */
	PLAIT_A_DEVICE_LANES,	  /* u32; 1..16, fixed once made */
	PLAIT_A_DEVICE_WINDOW,	  /* u32; replay window in packet numbers */
	PLAIT_A_DEVICE_MTU,	  /* u32 */
	PLAIT_A_DEVICE_CARRIER,	  /* u8 */
	PLAIT_A_DEVICE_STRANDS,	  /* u32; how many */
	PLAIT_A_DEVICE_STATS,	  /* nest of PLAIT_A_STATS_* */
	PLAIT_A_DEVICE_DSCP,	  /* u8; 0..63, or PLAIT_DSCP_INHERIT */
	PLAIT_A_DEVICE_MTU_FIXED, /* u8; 1: MTU was given, 0: follows the path */
	PLAIT_A_DEVICE_PREFIXES,  /* u32; how many are allowed */
	__PLAIT_A_DEVICE_MAX,
	PLAIT_A_DEVICE_MAX = __PLAIT_A_DEVICE_MAX - 1
};

enum {
	PLAIT_A_STRAND_UNSPEC,
	PLAIT_A_STRAND_IFINDEX,	    /* u32; of the device */
	PLAIT_A_STRAND_ID,	    /* u32, 0..255 */
	PLAIT_A_STRAND_LOCAL,	    /* binary, 4 or 16; default: any */
	PLAIT_A_STRAND_REMOTE,	    /* binary, 4 or 16 */
	PLAIT_A_STRAND_PORT,	    /* u16, host order; the device's own */
	PLAIT_A_STRAND_REMOTE_PORT, /* u16, host order */
	PLAIT_A_STRAND_LINK,	    /* u32; ifindex of the underlay, 0: any */
	PLAIT_A_STRAND_PAD,
	PLAIT_A_STRAND_TX_DATAGRAMS, /* u64 */
	PLAIT_A_STRAND_TX_BYTES,     /* u64; UDP payload */
	PLAIT_A_STRAND_RX_DATAGRAMS, /* u64; accepted */
	PLAIT_A_STRAND_RX_BYTES,     /* u64; UDP payload */
	PLAIT_A_STRAND_FWMARK,	     /* u32; of outer packets */
	PLAIT_A_STRAND_FRAGMENT,     /* u8; 1: outer packets may be fragmented */
	PLAIT_A_STRAND_PATH_MTU,     /* u32; outer, 0 before the first route */
	PLAIT_A_STRAND_RX_COPIES,    /* u64; arrivals of what was accepted before */
	PLAIT_A_STRAND_RX_FAILURES,  /* u64; right header tag, refused by the AEAD */
	__PLAIT_A_STRAND_MAX,
	PLAIT_A_STRAND_MAX = __PLAIT_A_STRAND_MAX - 1
};

/* What makes a key epoch's transmit start. */
enum plait_key_active {
	PLAIT_KEY_INACTIVE,	/* nothing: a later set does */
	PLAIT_KEY_ACTIVE,	/* it seals at once */
	PLAIT_KEY_ON_RECEIPT,	/* the first datagram accepted on it */
};

enum {
	PLAIT_A_KEY_UNSPEC,
	PLAIT_A_KEY_IFINDEX,	  /* u32; of the device */
	PLAIT_A_KEY_SESSION,	  /* u32; the session's number, not 0 */
	PLAIT_A_KEY_EPOCH,	  /* u32, 0..65535 */
	PLAIT_A_KEY_CIPHER,	  /* u32; enum plait_cipher */
	PLAIT_A_KEY_LOCAL_INDEX,  /* u32; receiver index of this end */
	PLAIT_A_KEY_REMOTE_INDEX, /* u32; receiver index of the peer */
	PLAIT_A_KEY_TX_KEY,	  /* binary, 48; never read back */
	PLAIT_A_KEY_RX_KEY,	  /* binary, 48; never read back */
	PLAIT_A_KEY_PEER_LANES,	  /* u32; default 1 */
	PLAIT_A_KEY_TX_COUNTER,	  /* u64; first, then next, PN counter (of all lanes) */
	PLAIT_A_KEY_ACTIVE,	  /* u8; enum plait_key_active; new: default 1 */
	PLAIT_A_KEY_OPEN_FAILURES, /* u64; what the AEAD refused */
	PLAIT_A_KEY_PAD,
	PLAIT_A_KEY_SOFT_LIMIT,	  /* u64; datagrams sealed, then KEY_LIMIT_NEAR */
	PLAIT_A_KEY_HARD_LIMIT,	  /* u64; datagrams sealed, then no more */
	PLAIT_A_KEY_SEALED,	  /* u64; datagrams sealed, all lanes */
	PLAIT_A_KEY_DRIVER,	  /* string; the implementation of the cipher */
	__PLAIT_A_KEY_MAX,
	PLAIT_A_KEY_MAX = __PLAIT_A_KEY_MAX - 1
};

/* An address range, in PLAIT_A_PREFIX_ENTRY. */
enum {
	PLAIT_A_RANGE_UNSPEC,
	PLAIT_A_RANGE_ADDRESS,	  /* binary, 4 or 16; host bits zero */
	PLAIT_A_RANGE_LENGTH,	  /* u32, 0..32 or 0..128 */
	__PLAIT_A_RANGE_MAX,
	PLAIT_A_RANGE_MAX = __PLAIT_A_RANGE_MAX - 1
};

/*
 * Source addresses that a device takes from its peer. A new device has
 * 0.0.0.0/0 and ::/0. At most PLAIT_PREFIXES_MAX.
 */
enum {
	PLAIT_A_PREFIX_UNSPEC,
	PLAIT_A_PREFIX_IFINDEX,	  /* u32; of the device */
	PLAIT_A_PREFIX_ENTRY,	  /* nest of PLAIT_A_RANGE_*; set: any number */
	__PLAIT_A_PREFIX_MAX,
	PLAIT_A_PREFIX_MAX = __PLAIT_A_PREFIX_MAX - 1
};

#define PLAIT_PREFIXES_MAX 1024

/* What a filter in front of the module (docs/xdp.md) was told. Reply only. */
enum {
	PLAIT_A_FILTER_UNSPEC,
	PLAIT_A_FILTER_HEARD,	  /* u8; 1: somebody heard it */
	PLAIT_A_FILTER_SOCKETS,	  /* u32; how many, in all namespaces */
	PLAIT_A_FILTER_LANES,	  /* u32; lanes of key epochs, likewise */
	__PLAIT_A_FILTER_MAX,
	PLAIT_A_FILTER_MAX = __PLAIT_A_FILTER_MAX - 1
};

/*
 * Top level. A request or reply has one object; an event has its kind, the
 * device, and the strand or key that it is about.
 */
enum {
	PLAIT_A_UNSPEC,
	PLAIT_A_DEVICE,	/* nest of PLAIT_A_DEVICE_* */
	PLAIT_A_STRAND,	/* nest of PLAIT_A_STRAND_* */
	PLAIT_A_KEY,	/* nest of PLAIT_A_KEY_* */
	PLAIT_A_PREFIX,	/* nest of PLAIT_A_PREFIX_* */
	PLAIT_A_EVENT_KIND, /* u32; enum plait_event_kind */
	PLAIT_A_FILTER,	/* nest of PLAIT_A_FILTER_* */
	__PLAIT_A_MAX,
	PLAIT_A_MAX = __PLAIT_A_MAX - 1
};

/*
 * Commands. A device is named by ifindex or ifname; a strand by its device and
 * id; a key by its device, session and epoch; a prefix by its device and range.
 * Dumps of strands, keys and prefixes may name a device. Replies and dumps
 * carry the matching _GET command, the reply to DEVICE_NEW its own.
 */
enum {
	PLAIT_CMD_UNSPEC,
	PLAIT_CMD_DEVICE_NEW,	/* ifname; lanes, window, dscp: without strand */
	PLAIT_CMD_DEVICE_SET,	/* window: of key epochs to come; dscp */
	PLAIT_CMD_DEVICE_DEL,
	PLAIT_CMD_DEVICE_GET,
	PLAIT_CMD_STRAND_NEW,	/* remote, port; this version: one strand, id 0 */
	PLAIT_CMD_STRAND_SET,	/* what is given changes */
	PLAIT_CMD_STRAND_DEL,
	PLAIT_CMD_STRAND_GET,
	PLAIT_CMD_KEY_NEW,	/* all but open failures, sealed, driver */
	PLAIT_CMD_KEY_SET,	/* active; soft and hard limit */
	PLAIT_CMD_KEY_DEL,
	PLAIT_CMD_KEY_GET,
	PLAIT_CMD_PREFIX_NEW,	/* one entry */
	PLAIT_CMD_PREFIX_SET,	/* all entries at once, in place of what was */
	PLAIT_CMD_PREFIX_DEL,	/* one entry */
	PLAIT_CMD_PREFIX_GET,	/* one entry: is it there? */
	PLAIT_CMD_EVENT,	/* to group "events" */
	PLAIT_CMD_FILTER_TELL,	/* all that there is, again */
	__PLAIT_CMD_MAX,
	PLAIT_CMD_MAX = __PLAIT_CMD_MAX - 1
};

#endif /* _UAPI_LINUX_PLAIT_H */
