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

/* Loads and stores of wire integers at any alignment. */

PLAIT_INLINE u16 plait_get_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

PLAIT_INLINE u32 plait_get_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

PLAIT_INLINE u64 plait_get_be64(const u8 *p)
{
	return (u64)plait_get_be32(p) << 32 | plait_get_be32(p + 4);
}

PLAIT_INLINE u64 plait_get_le64(const u8 *p)
{
	return (u64)p[0] | (u64)p[1] << 8 | (u64)p[2] << 16 |
	       (u64)p[3] << 24 | (u64)p[4] << 32 | (u64)p[5] << 40 |
	       (u64)p[6] << 48 | (u64)p[7] << 56;
}

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

PLAIT_INLINE void plait_put_be16(u8 *p, u16 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

PLAIT_INLINE void plait_put_be32(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 24);
	p[1] = (u8)(v >> 16);
	p[2] = (u8)(v >> 8);
	p[3] = (u8)v;
}

PLAIT_INLINE void plait_put_be64(u8 *p, u64 v)
{
	plait_put_be32(p, (u32)(v >> 32));
	plait_put_be32(p + 4, (u32)v);
}

PLAIT_INLINE void plait_put_le64(u8 *p, u64 v)
{
	p[0] = (u8)v;
	p[1] = (u8)(v >> 8);
	p[2] = (u8)(v >> 16);
	p[3] = (u8)(v >> 24);
	p[4] = (u8)(v >> 32);
	p[5] = (u8)(v >> 40);
	p[6] = (u8)(v >> 48);
	p[7] = (u8)(v >> 56);
}

#endif /* PLAIT_CORE_TYPES_H */
