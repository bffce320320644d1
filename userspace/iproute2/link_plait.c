// SPDX-License-Identifier: GPL-2.0
/*
 * `ip link` for kind plait: words to attributes, attributes to text and JSON,
 * counters by name.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "iproute2.h"
#include "plait.h"
#include "verdict.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The room of iproute2's own request for a link; addattr_l checks it. */
#define REQUEST_SIZE 1024

enum value {
	VALUE_ADDRESS,
	VALUE_PORT,
	VALUE_INTERFACE,
	VALUE_U32,
	VALUE_MARK,   /* u32, shown in hexadecimal */
	VALUE_DSCP,   /* u8, 0 to 63 or "inherit" */
	VALUE_ON_OFF, /* u8 */
};

/* Each word of the command line is one attribute. In the order of printing. */
static const struct word {
	const char *word;
	const char *json;
	int attribute;
	enum value value;
} words[] = {
	{"local", "local", IFLA_PLAIT_LOCAL, VALUE_ADDRESS},
	{"remote", "remote", IFLA_PLAIT_REMOTE, VALUE_ADDRESS},
	{"port", "port", IFLA_PLAIT_PORT, VALUE_PORT},
	{"remote-port", "remote_port", IFLA_PLAIT_REMOTE_PORT, VALUE_PORT},
	{"dev", "link", IFLA_PLAIT_LINK, VALUE_INTERFACE},
	{"lanes", "lanes", IFLA_PLAIT_LANES, VALUE_U32},
	{"window", "window", IFLA_PLAIT_WINDOW, VALUE_U32},
	{"fwmark", "fwmark", IFLA_PLAIT_FWMARK, VALUE_MARK},
	{"dscp", "dscp", IFLA_PLAIT_DSCP, VALUE_DSCP},
	{"fragment", "fragment", IFLA_PLAIT_FRAGMENT, VALUE_ON_OFF},
};

static void help(FILE *f)
{
	fputs("Usage: ... plait [ local ADDR ] [ remote ADDR ]\n"
	      "		[ port PORT ] [ remote-port PORT ] [ dev PHYS_DEV ]\n"
	      "		[ lanes NUMBER ] [ window NUMBER ] [ fwmark MARK ]\n"
	      "		[ dscp { 0..63 | inherit } ] [ fragment { on | off } ]\n"
	      "\n"
	      "Where:	ADDR		:= { IPv4_ADDRESS | IPv6_ADDRESS }\n"
	      "	port		own UDP port, 1 to 65535\n"
	      "	remote-port	the peer's, the same as port if not given\n"
	      "	dev		underlay interface, any if not given\n"
	      "	lanes		queue pairs of the device, 1 to 16, for good\n"
	      "	window		replay window in packet numbers,\n"
	      "			a power of two\n"
	      "	fwmark		mark of outer packets, for ip rule\n"
	      "	dscp		of outer packets, or the inner packet's\n"
	      "	fragment	whether outer packets may be fragmented\n"
	      "\n"
	      "Keys are given with plaitctl(8). See ip-link-plait(8).\n",
	      f);
}

static void print_help(struct link_util *lu, int argc, char **argv, FILE *f)
{
	(void)lu;
	(void)argc;
	(void)argv;
	help(f);
}

static const struct word *find_word(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].word, text))
			return &words[i];
	return NULL;
}

static void add_value(struct nlmsghdr *n, const struct word *word,
		      const char *arg)
{
	unsigned char address[16];
	uint32_t number;
	uint16_t port;
	uint8_t octet;

	switch (word->value) {
	case VALUE_ADDRESS:
		if (inet_pton(AF_INET, arg, address) == 1)
			addattr_l(n, REQUEST_SIZE, word->attribute, address, 4);
		else if (inet_pton(AF_INET6, arg, address) == 1)
			addattr_l(n, REQUEST_SIZE, word->attribute, address,
				  16);
		else
			invarg("not an IPv4 or IPv6 address", arg);
		break;
	case VALUE_PORT:
		if (get_u16(&port, arg, 0) || !port)
			invarg("not a UDP port, 1 to 65535", arg);
		addattr16(n, REQUEST_SIZE, word->attribute, htons(port));
		break;
	case VALUE_INTERFACE:
		number = ll_name_to_index(arg);
		if (!number)
			invarg("no such interface", arg);
		addattr32(n, REQUEST_SIZE, word->attribute, number);
		break;
	case VALUE_U32:
	case VALUE_MARK:
		if (get_u32(&number, arg, 0))
			invarg("not a number", arg);
		addattr32(n, REQUEST_SIZE, word->attribute, number);
		break;
	case VALUE_DSCP:
		if (!strcmp(arg, "inherit"))
			octet = PLAIT_DSCP_INHERIT;
		else if (get_u8(&octet, arg, 0) || octet > 63)
			invarg("not a DSCP, 0 to 63 or inherit", arg);
		addattr8(n, REQUEST_SIZE, word->attribute, octet);
		break;
	case VALUE_ON_OFF:
		octet = !strcmp(arg, "on");
		if (!octet && strcmp(arg, "off"))
			invarg("neither on nor off", arg);
		addattr8(n, REQUEST_SIZE, word->attribute, octet);
		break;
	}
}

static int parse_opt(struct link_util *lu, int argc, char **argv,
		     struct nlmsghdr *n)
{
	bool seen[ARRAY_SIZE(words)] = {false};

	(void)lu;
	for (; argc > 0; argc -= 2, argv += 2) {
		const struct word *word = find_word(*argv);

		if (!strcmp(*argv, "help")) {
			help(stderr);
			return -1;
		}
		if (!word) {
			fprintf(stderr, "plait: unknown option \"%s\"\n",
				*argv);
			help(stderr);
			return -1;
		}
		if (argc < 2)
			missarg(word->word);
		if (seen[word - words])
			duparg(word->word, argv[1]);
		seen[word - words] = true;
		add_value(n, word, argv[1]);
	}
	return 0;
}

/* "word value " as text, "json": value in JSON. Malformed ones are left out. */
static void print_word(const struct word *word, const struct rtattr *attr)
{
	static const char size_of[] = {
		[VALUE_PORT] = 2,
		[VALUE_INTERFACE] = 4,
		[VALUE_U32] = 4,
		[VALUE_MARK] = 4,
		[VALUE_DSCP] = 1,
		[VALUE_ON_OFF] = 1,
	};
	const int size = RTA_PAYLOAD(attr);
	char text[INET6_ADDRSTRLEN];
	uint32_t number = 0;
	uint16_t port = 0;
	uint8_t octet = 0;

	if (word->value == VALUE_ADDRESS ? size != 4 && size != 16
					 : size != size_of[word->value])
		return;
	if (word->value == VALUE_PORT)
		memcpy(&port, RTA_DATA(attr), sizeof(port));
	else if (size == sizeof(octet))
		memcpy(&octet, RTA_DATA(attr), sizeof(octet));
	else if (size == sizeof(number))
		memcpy(&number, RTA_DATA(attr), sizeof(number));
	/* No underlay and no mark: what everybody has. */
	if ((word->value == VALUE_INTERFACE || word->value == VALUE_MARK) &&
	    !number)
		return;

	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ", word->word);
	switch (word->value) {
	case VALUE_ADDRESS:
		inet_ntop(size == 4 ? AF_INET : AF_INET6, RTA_DATA(attr), text,
			  sizeof(text));
		print_color_string(PRINT_ANY,
				   size == 4 ? COLOR_INET : COLOR_INET6,
				   word->json, "%s ", text);
		break;
	case VALUE_PORT:
		print_color_uint(PRINT_ANY, COLOR_NONE, word->json, "%u ",
				 ntohs(port));
		break;
	case VALUE_INTERFACE:
		print_color_string(PRINT_ANY, COLOR_IFNAME, word->json, "%s ",
				   ll_index_to_name(number));
		break;
	case VALUE_U32:
		print_color_uint(PRINT_ANY, COLOR_NONE, word->json, "%u ",
				 number);
		break;
	case VALUE_MARK:
		print_color_uint(PRINT_ANY, COLOR_NONE, word->json, "%#x ",
				 number);
		break;
	case VALUE_DSCP:
		if (octet == PLAIT_DSCP_INHERIT)
			print_color_string(PRINT_ANY, COLOR_NONE, word->json,
					   "%s ", "inherit");
		else
			print_color_uint(PRINT_ANY, COLOR_NONE, word->json,
					 "%u ", octet);
		break;
	case VALUE_ON_OFF:
		print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ",
				   octet ? "on" : "off");
		print_color_bool(PRINT_JSON, COLOR_NONE, word->json, NULL,
				 octet);
		break;
	}
}

static void print_opt(struct link_util *lu, FILE *f, struct rtattr *attr[])
{
	(void)lu;
	(void)f;
	if (!attr)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (attr[words[i].attribute])
			print_word(&words[i], attr[words[i].attribute]);
}

static const struct counter {
	int attribute;
	const char *name;
	const char *meaning;
} counters[] = {
#define PLAIT_X_DROP(NAME, name, meaning) \
	{PLAIT_A_STATS_##NAME, #name, meaning},
#define PLAIT_X_EVENT(NAME, name, meaning) \
	{PLAIT_A_STATS_##NAME, #name, meaning},
	PLAIT_DROPS(PLAIT_X_DROP) PLAIT_EVENTS(PLAIT_X_EVENT)};

static const struct counter *find_counter(int attribute)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		if (counters[i].attribute == attribute)
			return &counters[i];
	return NULL;
}

/* The value of a counter in xstats, 0 if it is not there. */
static uint64_t value_of(const struct rtattr *xstats, int attribute)
{
	const struct rtattr *attr = RTA_DATA(xstats);
	int left = RTA_PAYLOAD(xstats);
	uint64_t value = 0;

	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == attribute &&
		    RTA_PAYLOAD(attr) == sizeof(value))
			memcpy(&value, RTA_DATA(attr), sizeof(value));
	return value;
}

/* JSON has every counter; text those that are not zero, all with -s -s. */
static bool print_counter(const char *name, const char *meaning, uint64_t value)
{
	print_color_u64(PRINT_JSON, COLOR_NONE, name, NULL, value);
	if (!value && show_stats < 2)
		return false;
	print_nl();
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "    %-14s", name);
	print_color_u64(PRINT_FP, COLOR_NONE, NULL, " %12" PRIu64, value);
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "  %s", meaning);
	return true;
}

static void print_xstats(struct link_util *lu, FILE *f, struct rtattr *xstats)
{
	const struct rtattr *attr = RTA_DATA(xstats);
	int left = RTA_PAYLOAD(xstats);
	bool printed = false;
	char name[32];

	(void)lu;
	(void)f;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		printed |= print_counter(counters[i].name, counters[i].meaning,
					 value_of(xstats,
						  counters[i].attribute));
	/* What only a newer kernel knows goes by its number. */
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left)) {
		if (RTA_PAYLOAD(attr) != sizeof(uint64_t) ||
		    find_counter(attr->rta_type))
			continue;
		snprintf(name, sizeof(name), "attribute_%u", attr->rta_type);
		printed |= print_counter(name,
					 "a counter of a newer kernel module",
					 value_of(xstats, attr->rta_type));
	}
	if (!printed)
		return;
	/* `ip` goes on with its own words on this line. */
	print_nl();
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", "    ");
}

/* The symbol that `ip` looks for. */
__attribute__((visibility("default"))) struct link_util plait_link_util = {
	.id = "plait",
	.maxattr = IFLA_PLAIT_MAX,
	.parse_opt = parse_opt,
	.print_opt = print_opt,
	.print_xstats = print_xstats,
	.print_help = print_help,
};
