/* Pending events, in two ways. Window buckets: an event is 32 bytes in a chunk of 32, a bucket is a list of chunks, and order is made host
 * by host when a window opens. Or one binary heap over all of them, which is what most simulators have. The order is the same: time,
 * origin, the origin's own count. */
#ifndef PENDING_H
#define PENDING_H
#include "tables.h"
#include <stdint.h>

typedef struct {
  double time;
  uint32_t origin, sequence, host, kind, argument, next;
} Event;

enum { SEND, ARRIVE, CHUNK = 32, NONE = 0xffffffffu };

static inline int is_before(const Event *a, const Event *b) {
  if (a->time != b->time) return a->time < b->time;
  return a->origin != b->origin ? a->origin < b->origin : a->sequence < b->sequence;
}

typedef struct {
  double window;
  uint32_t windows;
  Event *events;
  uint32_t chunks, most_chunks, free_chunk, *next_chunk, *heads, *cursors;
  /* The open window: events in order, host after host. */
  uint32_t *rows, *host_heads, *busy, count;
} Buckets;

static Buckets buckets_of(double window, double duration, uint32_t hosts, uint32_t events) {
  uint32_t windows = (uint32_t)(duration / window) + 2;
  /* A window's last chunk may be nearly empty. */
  uint32_t chunks = events / CHUNK * 2 + windows + 64;
  Buckets b = {window, windows, take((size_t)chunks * CHUNK, sizeof(Event)), 0, chunks, NONE, take(chunks, 4), take(windows, 4), take(windows, 4),
               take(events, 4), take(hosts, 4), take(hosts, 4), 0};
  for (uint32_t i = 0; i < windows; i++) b.heads[i] = NONE;
  for (uint32_t i = 0; i < hosts; i++) b.host_heads[i] = NONE;
  return b;
}

static uint32_t bucket_extend(Buckets *b, uint32_t window, uint32_t cursor) {
  uint32_t chunk = b->free_chunk;
  if (chunk != NONE) b->free_chunk = b->next_chunk[chunk];
  else if ((chunk = b->chunks++) == b->most_chunks) {
    fprintf(stderr, "limit: more than %u chunks of events\n", chunk);
    exit(1);
  }
  b->next_chunk[chunk] = NONE;
  if (b->heads[window] == NONE) b->heads[window] = chunk;
  else b->next_chunk[cursor / CHUNK - 1] = chunk;
  return chunk * CHUNK;
}

static inline void bucket_post(Buckets *b, Event event) {
  uint32_t window = (uint32_t)(event.time / b->window);
  if (window >= b->windows) return;
  uint32_t row = b->cursors[window];
  if (row % CHUNK == 0) row = bucket_extend(b, window, row);
  b->cursors[window] = row + 1;
  b->events[row] = event;
}

static void sort_rows(const Event *events, uint32_t *rows, uint32_t count) {
  for (uint32_t i = 1; i < count; i++) {
    uint32_t row = rows[i], j = i;
    for (; j > 0 && is_before(&events[row], &events[rows[j - 1]]); j--) rows[j] = rows[j - 1];
    rows[j] = row;
  }
}

/** Splits a window's events by host and sorts each one's; they stay where they are until the window is closed. */
static void bucket_open(Buckets *b, uint32_t window) {
  uint32_t hosts = 0, left = b->cursors[window];
  b->count = 0;
  for (uint32_t chunk = b->heads[window]; chunk != NONE; chunk = b->next_chunk[chunk]) {
    uint32_t end = b->next_chunk[chunk] == NONE ? left : (chunk + 1) * CHUNK;
    for (uint32_t row = chunk * CHUNK; row < end; row++) {
      uint32_t host = b->events[row].host, head = b->host_heads[host];
      if (head == NONE) b->busy[hosts++] = host;
      b->events[row].next = head;
      b->host_heads[host] = row;
    }
  }
  for (uint32_t i = 0; i < hosts; i++) {
    uint32_t from = b->count;
    for (uint32_t row = b->host_heads[b->busy[i]]; row != NONE; row = b->events[row].next) b->rows[b->count++] = row;
    b->host_heads[b->busy[i]] = NONE;
    sort_rows(b->events, b->rows + from, b->count - from);
  }
}

static void bucket_close(Buckets *b, uint32_t window) {
  uint32_t chunk = b->heads[window];
  while (chunk != NONE) {
    uint32_t next = b->next_chunk[chunk];
    b->next_chunk[chunk] = b->free_chunk;
    b->free_chunk = chunk;
    chunk = next;
  }
  b->heads[window] = NONE;
}

typedef struct {
  Event *events;
  uint32_t count;
} Heap;

static inline void heap_post(Heap *heap, Event event) {
  Event *events = heap->events;
  uint32_t i = heap->count++;
  for (; i > 0 && is_before(&event, &events[(i - 1) / 2]); i = (i - 1) / 2) events[i] = events[(i - 1) / 2];
  events[i] = event;
}

static inline Event heap_take(Heap *heap) {
  Event *events = heap->events, first = events[0], last = events[--heap->count];
  uint32_t i = 0;
  for (uint32_t child; (child = 2 * i + 1) < heap->count; i = child) {
    if (child + 1 < heap->count && is_before(&events[child + 1], &events[child])) child++;
    if (!is_before(&events[child], &last)) break;
    events[i] = events[child];
  }
  events[i] = last;
  return first;
}
#endif
