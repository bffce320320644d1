/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The one shim between the engine and what compiles it: integer types, memory
 * functions, inlining. The engine knows nothing else of kernel, BPF or libc.
 */
#ifndef PLAIT_CORE_TYPES_H
#define PLAIT_CORE_TYPES_H

#if defined(__KERNEL__)
#include <linux/types.h>
#include <linux/string.h>
#elif defined(__bpf__)
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
#define memcpy __builtin_memcpy
#define memset __builtin_memset
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
#endif

/* A load that happens once and whole, whoever writes meanwhile. */
#define PLAIT_READ_ONCE(v) (*(const volatile __typeof__(v) *)&(v))

/* A store that nobody sees before what was stored ahead of it. */
#if defined(__KERNEL__)
#include <asm/barrier.h>
/* The caller says what it pairs with. */
#define PLAIT_STORE_RELEASE(p, v) smp_store_release(p, v)
#else
#define PLAIT_STORE_RELEASE(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#endif

#define PLAIT_INLINE static inline __attribute__((always_inline, unused))

#ifdef PLAIT_DEBUG
#include <assert.h>
#define PLAIT_ASSERT(cond) assert(cond)
#else
#define PLAIT_ASSERT(cond) ((void)0)
#endif

/*
 * Loads and stores of wire integers at any alignment: one instruction each, and a
 * byte swap, where the machine takes unaligned words. Put together octet by octet
 * they are that to some compilers only: GCC 16 makes eight stores of a copied word.
 */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define PLAIT_BE(bits, v) (v)
#define PLAIT_LE(bits, v) __builtin_bswap##bits(v)
#else
#define PLAIT_BE(bits, v) __builtin_bswap##bits(v)
#define PLAIT_LE(bits, v) (v)
#endif

#define PLAIT_X(order, ORDER, bits)                                    \
	PLAIT_INLINE u##bits plait_get_##order##bits(const u8 *p)      \
	{                                                              \
		u##bits v;                                             \
									\
		__builtin_memcpy(&v, p, sizeof(v));                    \
		return ORDER(bits, v);                                 \
	}                                                              \
									\
	PLAIT_INLINE void plait_put_##order##bits(u8 *p, u##bits v)    \
	{                                                              \
		v = ORDER(bits, v);                                    \
		__builtin_memcpy(p, &v, sizeof(v));                    \
	}

PLAIT_X(be, PLAIT_BE, 16)
PLAIT_X(be, PLAIT_BE, 32)
PLAIT_X(be, PLAIT_BE, 64)
PLAIT_X(le, PLAIT_LE, 64)
#undef PLAIT_X

/* What plait_get_le64() reads where plait_put_be64() has written. */
PLAIT_INLINE u64 plait_be64_word(u64 v)
{
	return __builtin_bswap64(v);
}

/* And where plait_put_be32() has, twice. */
PLAIT_INLINE u64 plait_be32_word(u32 first, u32 second)
{
	return plait_be64_word((u64)first << 32 | second);
}

#endif /* PLAIT_CORE_TYPES_H */
