/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * What user space and plait.ko say to each other: rtnl attributes of kind
 * "plait" and the generic netlink family "plait".
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
	IFLA_PLAIT_LANES,	  /* u32; 1 */
	IFLA_PLAIT_WINDOW,	  /* u32; replay window, a power of two */
	IFLA_PLAIT_PAD,
	__IFLA_PLAIT_MAX
};

#define IFLA_PLAIT_MAX (__IFLA_PLAIT_MAX - 1)

/*
 * IFLA_INFO_XSTATS, and PLAIT_A_DEVICE_STATS: u64 attributes. Attribute
 * number = PLAIT_STATS_DROP + enum plait_verdict for drops, PLAIT_STATS_EVENT
 * + enum plait_event for what else is counted (netdrv/core/verdict.h).
 */
#define PLAIT_STATS_DROP 0
#define PLAIT_STATS_EVENT 64
#define PLAIT_STATS_PAD 127
#define PLAIT_STATS_MAX 127

#define PLAIT_FAMILY_NAME "plait"
#define PLAIT_FAMILY_VERSION 1

enum plait_cipher {
	PLAIT_CIPHER_ANY,
	PLAIT_CIPHER_CHACHA20POLY1305,
	PLAIT_CIPHER_AES256GCM,	/* reserved */
};

enum {
	PLAIT_A_DEVICE_UNSPEC,
	PLAIT_A_DEVICE_IFINDEX,	  /* u32 */
	PLAIT_A_DEVICE_IFNAME,	  /* string */
	PLAIT_A_DEVICE_PORT,	  /* u16, host order; UDP port */
	PLAIT_A_DEVICE_LANES,	  /* u32 */
	PLAIT_A_DEVICE_WINDOW,	  /* u32; replay window in packet numbers */
	PLAIT_A_DEVICE_MTU,	  /* u32 */
	PLAIT_A_DEVICE_CARRIER,	  /* u8 */
	PLAIT_A_DEVICE_STRANDS,	  /* u32; how many */
	PLAIT_A_DEVICE_STATS,	  /* nest, see PLAIT_STATS_DROP */
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
	__PLAIT_A_STRAND_MAX,
	PLAIT_A_STRAND_MAX = __PLAIT_A_STRAND_MAX - 1
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
	PLAIT_A_KEY_TX_COUNTER,	  /* u64; first, then next, PN counter */
	PLAIT_A_KEY_ACTIVE,	  /* u8; transmit uses it. new: default 1 */
	PLAIT_A_KEY_OPEN_FAILURES, /* u64; what the AEAD refused */
	PLAIT_A_KEY_PAD,
	__PLAIT_A_KEY_MAX,
	PLAIT_A_KEY_MAX = __PLAIT_A_KEY_MAX - 1
};

/* Top level: one object a message. */
enum {
	PLAIT_A_UNSPEC,
	PLAIT_A_DEVICE,	/* nest of PLAIT_A_DEVICE_* */
	PLAIT_A_STRAND,	/* nest of PLAIT_A_STRAND_* */
	PLAIT_A_KEY,	/* nest of PLAIT_A_KEY_* */
	__PLAIT_A_MAX,
	PLAIT_A_MAX = __PLAIT_A_MAX - 1
};

/*
 * Commands. A device is named by ifindex or ifname; a strand by its device and
 * id; a key by its device, session and epoch. Dumps of strands and keys may
 * name a device. Replies and dumps carry the matching _GET command.
 */
enum {
	PLAIT_CMD_UNSPEC,
	PLAIT_CMD_DEVICE_NEW,	/* ifname; lanes, window: a device without strand */
	PLAIT_CMD_DEVICE_SET,	/* window: for key epochs installed from now on */
	PLAIT_CMD_DEVICE_DEL,
	PLAIT_CMD_DEVICE_GET,
	PLAIT_CMD_STRAND_NEW,	/* remote, port; part 1: one strand, id 0 */
	PLAIT_CMD_STRAND_SET,	/* remote, remote port, link */
	PLAIT_CMD_STRAND_DEL,
	PLAIT_CMD_STRAND_GET,
	PLAIT_CMD_KEY_NEW,	/* all but open failures */
	PLAIT_CMD_KEY_SET,	/* active */
	PLAIT_CMD_KEY_DEL,
	PLAIT_CMD_KEY_GET,
	__PLAIT_CMD_MAX,
	PLAIT_CMD_MAX = __PLAIT_CMD_MAX - 1
};

#endif /* _UAPI_LINUX_PLAIT_H */
