/* What a host looks things up in: a 16-8-8 trie of routes, two reads for the /24 blocks of an overlay; and connections by the hash of
 * their tuple, an index of hash and reference over records of one cache line. */
#ifndef TABLES_H
#define TABLES_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void *take(size_t count, size_t size) {
  /* Whole cache lines, and pages that are there before the clock runs. */
  size_t bytes = (count * size + 63) / 64 * 64;
  void *at = aligned_alloc(64, bytes ? bytes : 64);
  if (at == NULL) {
    fprintf(stderr, "limit: no memory for %zu bytes\n", bytes);
    exit(1);
  }
  for (size_t i = 0; i < bytes; i += 8) *(uint64_t *)((char *)at + i) = 0;
  return at;
}

enum { TABLE = 0x80000000u, ROOT = 65536 };

typedef struct {
  uint32_t *entries, used;
} Fib;

static Fib fib_of(uint32_t blocks) { return (Fib){take(ROOT + (size_t)blocks * 256, 4), ROOT}; }

/** A route of a /24 block to `value`, not 0. */
static void fib_add(Fib *fib, uint32_t block, uint32_t value) {
  uint32_t *root = &fib->entries[block >> 16];
  if (*root == 0) {
    *root = TABLE + fib->used;
    fib->used += 256;
  }
  fib->entries[*root - TABLE + (block >> 8 & 255)] = value;
}

static inline uint32_t fib_lookup(const Fib *fib, uint32_t address) {
  uint32_t entry = fib->entries[address >> 16];
  if (entry >= TABLE) entry = fib->entries[entry - TABLE + (address >> 8 & 255)];
  if (entry >= TABLE) entry = fib->entries[entry - TABLE + (address & 255)];
  return entry;
}

/** One connection at one host: the tuple as it was opened, and the one its replies have. */
typedef struct {
  uint32_t source, target, ports, host;
  uint32_t reply_source, reply_target, reply_ports, state;
  double deadline, born;
  uint32_t spare[4];
} Connection;

typedef struct {
  uint32_t *index, mask, count, most;
  Connection *records;
} Conntrack;

static Conntrack conntrack_of(uint32_t most) {
  uint32_t slots = 1024;
  while (slots < most * 2 * 2) slots *= 2;
  return (Conntrack){take((size_t)slots * 2, 4), slots - 1, 0, most, take(most, sizeof(Connection))};
}

static inline uint32_t tuple_hash(uint32_t host, uint32_t source, uint32_t target, uint32_t ports) {
  uint32_t h = source * 0x9e3779b1u ^ target * 0x85ebca77u;
  h = (h ^ h >> 15 ^ ports) * 0xc2b2ae3du ^ host * 0x27d4eb2fu;
  h = (h ^ h >> 16) * 0x2c1b3c6du;
  return h ^ h >> 15;
}

static void conntrack_link(Conntrack *table, uint32_t hash, uint32_t reference) {
  uint32_t slot = hash & table->mask;
  while (table->index[slot * 2 + 1] != 0) slot = (slot + 1) & table->mask;
  table->index[slot * 2] = hash;
  table->index[slot * 2 + 1] = reference + 1;
}

static inline Connection *conntrack_find(const Conntrack *table, uint32_t hash, uint32_t host, uint32_t source, uint32_t target, uint32_t ports) {
  for (uint32_t slot = hash & table->mask;; slot = (slot + 1) & table->mask) {
    uint32_t reference = table->index[slot * 2 + 1];
    if (reference == 0) return NULL;
    if (table->index[slot * 2] != hash) continue;
    Connection *found = &table->records[(reference - 1) >> 1];
    if (found->source == source && found->target == target && found->ports == ports && found->host == host) return found;
  }
}

static Connection *conntrack_add(Conntrack *table, uint32_t hash, uint32_t host, uint32_t source, uint32_t target, uint32_t ports, double now) {
  if (table->count == table->most) {
    fprintf(stderr, "limit: more than %u connections\n", table->most);
    exit(1);
  }
  uint32_t at = table->count++, reply = ports << 16 | ports >> 16;
  table->records[at] = (Connection){source, target, ports, host, target, source, reply, 0, 0, now, {0}};
  conntrack_link(table, hash, at * 2);
  conntrack_link(table, tuple_hash(host, target, source, reply), at * 2 + 1);
  return &table->records[at];
}
#endif
