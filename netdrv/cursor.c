// SPDX-License-Identifier: GPL-2.0
/*
 * Walking over the data of an skb, whichever way it lies: linear part, page
 * fragments, a list of skbs that have both (UDP GRO of a NIC's driver).
 */

#include "plait.h"

/*
 * Make sure that a cursor can walk over @skb: members of a frag_list have none
 * of their own (IP reassembly may build such), and all octets are in memory of
 * this host, not of a device (devmem). Return: false if not, or without memory.
 */
bool plait_cursor_fits(struct sk_buff *skb)
{
	const struct sk_buff *member;
	bool nested = false;

	if (unlikely(!plait_compat_readable(skb)))
		return false;
	skb_walk_frags(skb, member) {
		if (unlikely(!plait_compat_readable(member)))
			return false;
		nested |= skb_has_frag_list(member);
	}
	return likely(!nested) || !skb_linearize(skb);
}

/*
 * Can nobody write to a page fragment? What was spliced into a socket, or is sent
 * without a copy, is a file's or a process's still: the skb says so, but not on
 * every kernel and not behind every merge (CVE-2026-43284, -43503, -46300), so the
 * page is asked, too.
 */
static bool is_ours(const struct sk_buff *skb, const void *at)
{
	return !skb_has_shared_frag(skb) && !READ_ONCE(virt_to_folio(at)->mapping);
}

/* Stand at the start of an skb's linear part. */
static void enter(struct plait_cursor *c, const struct sk_buff *skb)
{
	c->skb = skb;
	c->start = skb->data;
	c->at = skb->data;
	c->run = skb_headlen(skb);
	c->frag = 0;
	c->ours = true;
}

/* Begin at skb->data. */
void plait_cursor_begin(struct plait_cursor *c, const struct sk_buff *skb)
{
	c->in_list = false;
	enter(c, skb);
	if (!c->run)
		plait_cursor_settle(c);
}

/*
 * Move on to where the next octet lies, if the present run is used up. The
 * run stays 0 at the end of the data.
 */
void plait_cursor_settle(struct plait_cursor *c)
{
	while (!c->run) {
		const struct skb_shared_info *info = skb_shinfo(c->skb);

		if (c->frag < info->nr_frags) {
			const skb_frag_t *f = &info->frags[c->frag++];

			c->start = skb_frag_address(f);
			c->at = skb_frag_address(f);
			c->run = skb_frag_size(f);
			c->ours = is_ours(c->skb, c->at);
		} else if (!c->in_list && info->frag_list) {
			c->in_list = true;
			enter(c, info->frag_list);
		} else if (c->in_list && c->skb->next) {
			enter(c, c->skb->next);
		} else {
			return;
		}
	}
}

/* How many of @len octets, which must be there, come next in one run. */
static u32 step(struct plait_cursor *c, u32 len)
{
	plait_cursor_settle(c);
	WARN_ON_ONCE(!c->run);
	return min(c->run, len);
}

/* Copy @len octets, which must be there, and move on behind them. */
void plait_cursor_copy(struct plait_cursor *c, u8 *to, u32 len)
{
	u32 n;

	for (; len && (n = step(c, len)); to += n, len -= n) {
		memcpy(to, c->at, n);
		plait_cursor_skip(c, n);
	}
	if (unlikely(len))
		memset(to, 0, len);
}

/* Move on by @len octets, over as many runs as they lie in. */
void plait_cursor_pass(struct plait_cursor *c, u32 len)
{
	u32 n;

	for (; len && (n = step(c, len)); len -= n)
		plait_cursor_skip(c, n);
}
