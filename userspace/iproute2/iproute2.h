/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What iproute2 6.1 to 7.3 exports to its link plugins, as far as we use it.
 * iproute2 ships no header for it; the layout and values below are its own.
 */
#ifndef PLAIT_IPROUTE2_H
#define PLAIT_IPROUTE2_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A kind of link: what `ip` does to parse and to print it. */
struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	/* After "type KIND": 0, or -1 when it has complained. */
	int (*parse_opt)(struct link_util *lu, int argc, char **argv,
			 struct nlmsghdr *n);
	/* IFLA_INFO_DATA; attr is NULL if there is none. */
	void (*print_opt)(struct link_util *lu, FILE *f, struct rtattr *attr[]);
	/* IFLA_INFO_XSTATS, with -s. */
	void (*print_xstats)(struct link_util *lu, FILE *f,
			     struct rtattr *xstats);
	void (*print_help)(struct link_util *lu, int argc, char **argv,
			   FILE *f);
	int (*parse_ifla_xstats)(struct link_util *lu, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
};

enum output_type {
	PRINT_FP = 1,
	PRINT_JSON = 2,
	PRINT_ANY = 4,
};

enum color_attr {
	COLOR_NONE,
	COLOR_IFNAME,
	COLOR_MAC,
	COLOR_INET,
	COLOR_INET6,
};

extern int show_stats;

int addattr_l(struct nlmsghdr *n, int maxlen, int type, const void *data,
	      int len);
int addattr8(struct nlmsghdr *n, int maxlen, int type, uint8_t data);
int addattr16(struct nlmsghdr *n, int maxlen, int type, uint16_t data);
int addattr32(struct nlmsghdr *n, int maxlen, int type, uint32_t data);

int get_u8(uint8_t *val, const char *arg, int base);
int get_u16(uint16_t *val, const char *arg, int base);
int get_u32(uint32_t *val, const char *arg, int base);
unsigned int ll_name_to_index(const char *name);
const char *ll_index_to_name(unsigned int ifindex);

_Noreturn void missarg(const char *key);
_Noreturn void invarg(const char *msg, const char *arg);
_Noreturn void duparg(const char *key, const char *arg);

void print_nl(void);
int print_color_string(enum output_type t, enum color_attr color,
		       const char *key, const char *fmt, const char *value);
int print_color_uint(enum output_type t, enum color_attr color, const char *key,
		     const char *fmt, unsigned int value);
int print_color_u64(enum output_type t, enum color_attr color, const char *key,
		    const char *fmt, uint64_t value);

int print_color_bool(enum output_type t, enum color_attr color, const char *key,
		     const char *fmt, bool value);

#endif /* PLAIT_IPROUTE2_H */
