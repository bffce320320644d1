// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Inner IP packets: see packet.h. */

#include "packet.h"

bool plait_csum_find(const u8 *p, u32 len, struct plait_csum_place *place)
{
	u8 proto;

	switch (plait_ip_version(p, len)) {
	case 4:
		/* No fragment: neither MF nor an offset. */
		if (plait_get_be16(p + 6) & 0x3fff)
			return false;
		place->start = (u16)((p[0] & 15) * 4);
		proto = p[9];
		break;
	case 6:
		place->start = PLAIT_IPV6_LEN;
		proto = p[6];
		break;
	default:
		return false;
	}
	switch (proto) {
	case PLAIT_PROTO_TCP:
		place->offset = 16;
		return place->start + PLAIT_TCP_LEN <= len;
	case PLAIT_PROTO_UDP:
		place->offset = 6;
		return place->start + PLAIT_UDP_LEN <= len;
	default:
		return false;
	}
}

u32 plait_flow_hash(const u8 *p, u32 len)
{
	u64 sum = 0;
	u32 at, end;

	switch (plait_ip_version(p, len)) {
	case 4:
		at = 12;
		end = 20;
		sum = p[9];
		if ((p[9] == PLAIT_PROTO_TCP || p[9] == PLAIT_PROTO_UDP) &&
		    !(plait_get_be16(p + 6) & 0x3fff) &&
		    (p[0] & 15) * 4u + 4 <= len)
			sum += (u64)plait_get_be32(p + (p[0] & 15) * 4) << 8;
		break;
	case 6:
		at = 8;
		end = 40;
		sum = p[6];
		if ((p[6] == PLAIT_PROTO_TCP || p[6] == PLAIT_PROTO_UDP) &&
		    PLAIT_IPV6_LEN + 4 <= len)
			sum += (u64)plait_get_be32(p + PLAIT_IPV6_LEN) << 8;
		break;
	default:
		return 0;
	}
	/* A product carries upwards alone: the shift brings it down again. */
	for (; at < end; at += 8) {
		sum = (sum ^ plait_get_be64(p + at)) * 0x9e3779b97f4a7c15ULL;
		sum ^= sum >> 32;
	}
	return (u32)(sum * 0x9e3779b97f4a7c15ULL >> 32);
}

/* Change a packet's ECN field. */
static void ecn_set(u8 *p, unsigned int ecn)
{
	if (p[0] >> 4 == 4) {
		/* RFC 1624: the header checksum moves by the difference. */
		u64 sum = (u16)~plait_get_be16(p + 10);

		sum += (u16)~plait_get_be16(p);
		p[1] = (u8)((p[1] & ~3u) | ecn);
		sum += plait_get_be16(p);
		plait_put_be16(p + 10, (u16)~plait_csum_fold(sum));
	} else {
		p[1] = (u8)((p[1] & ~0x30u) | ecn << 4);
	}
}

enum plait_verdict plait_ecn_combine(u8 *p, unsigned int outer)
{
	unsigned int inner = plait_ip_tclass(p) & 3;

	if (outer == PLAIT_ECN_CE) {
		if (inner == PLAIT_ECN_NOT_ECT)
			return PLAIT_DROP_RX_ECN;
		if (inner != PLAIT_ECN_CE)
			ecn_set(p, PLAIT_ECN_CE);
	} else if (outer == PLAIT_ECN_ECT_1 && inner == PLAIT_ECN_ECT_0) {
		ecn_set(p, PLAIT_ECN_ECT_1);
	}
	return PLAIT_OK;
}
