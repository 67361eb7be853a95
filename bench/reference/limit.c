/* The same work as vxlane's cross-node UDP path, as a plain C program: what this machine can do with it. Flows between pods of an overlay
 * send at a constant rate; each packet is written, parsed, tracked, routed, encapsulated with right checksums, queued at a NIC, and at the
 * other node decapsulated, tracked, routed and counted. One thread, no names, no drops, no control plane, nothing configurable.
 *
 *   limit [mode=bucket|prefetch|heap] [flows=120000] [nodes=4096] [ms=100] [file=FLOWS] [frames=N]
 *
 * `file` brings nodes and flows from outside (against-limit.ts writes those of a vxlane scenario), so that both do the very same packets;
 * `frames` prints the first N frames as they arrive, to be compared byte for byte. The last line is the result. */
#include "pending.h"
#include "tables.h"
#include "wire.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/** A flow, one cache line. */
typedef struct {
  uint32_t source, target, ports, host, hash, ip_id, spare[2];
  double next;
  uint32_t more[6];
} Flow;

/** The beginning of a file of flows; hosts, flows and starts follow. */
typedef struct {
  uint32_t magic, hosts, flows, size;
  double interval, latency, ns_per_byte, duration, stop;
} Setting;

enum { MAGIC = 0x4c465856, UDP_LIFE_S = 30, WIRE_OVERHEAD = 24, HISTOGRAM = 37 * 1024 };

static Setting setting;
static Host *hosts;
static Flow *flows;
static double *nic_free;
static uint32_t *sequences, *pod_at;
static Fib fib;
static Conntrack conntrack;
static Slot *slots;
static uint32_t slot_count, slot_free = NONE, slot_most, frames_to_show;
static Buckets buckets;
static Heap heap;
static int with_heap;
static uint64_t sent, delivered, local, checksum, histogram[HISTOGRAM];
static double latency_sum;

static void fail(const char *why) {
  fprintf(stderr, "limit: %s\n", why);
  exit(1);
}

static inline void post(Event event) {
  if (event.time >= setting.duration) return;
  if (with_heap) heap_post(&heap, event);
  else bucket_post(&buckets, event);
}

static inline uint32_t take_slot(void) {
  uint32_t id = slot_free;
  if (id != NONE) slot_free = slots[id].next;
  else if ((id = slot_count++) == slot_most) fail("more packets in flight than there are slots");
  return id;
}

static inline void track(uint32_t host, uint32_t hash, const uint8_t *ip, double now) {
  uint32_t source = get32(ip + 12), target = get32(ip + 16), ports = get32(ip + 20);
  Connection *connection = conntrack_find(&conntrack, hash, host, source, target, ports);
  if (connection == NULL) connection = conntrack_add(&conntrack, hash, host, source, target, ports, now);
  connection->deadline = now + UDP_LIFE_S * 1e9;
}

/** The bucket of a latency, three digits exact, as HdrHistogram cuts them. */
static inline uint32_t bucket_of(uint32_t ns) {
  uint32_t shift = 31 - 10 - __builtin_clz(ns | 1024);
  return (shift << 10) + (ns >> shift);
}

/** Counts a packet that has reached its pod. The sum does not depend on the order, so it is the same for buckets and heap. */
static inline void deliver(uint32_t host, uint32_t id, double now, uint32_t outer_check) {
  Slot *slot = &slots[id];
  const uint8_t *ip = slot->frame + INNER_IP;
  uint32_t target = get32(ip + 16), ns = (uint32_t)(now - slot->sent);
  if (pod_at[(host << 8) + (target & 255)] == 0) fail("a packet for no pod");
  delivered++;
  latency_sum += ns;
  histogram[bucket_of(ns)]++;
  uint32_t x = get32(ip + 8) ^ get32(ip + 12) * 0x9e3779b1u, y = get32(ip + 20) ^ (get32(ip + 4) + ns) * 0x85ebca77u;
  checksum += (uint64_t)mix32(x + y) << 16 | outer_check;
  slot->next = slot_free;
  slot_free = id;
}

static inline void send_datagram(uint32_t lp, uint32_t at, double now) {
  Flow *flow = &flows[at];
  Host *host = &hosts[lp];
  uint32_t id = take_slot(), size = setting.size;
  Slot *slot = &slots[id];
  uint8_t *ip = slot->frame + INNER_IP;
  slot->sent = now;
  slot->flow = at;
  slot->payload = size - 28;
  slot->start = INNER;
  write_datagram(slot->frame + INNER, flow->source, flow->target, flow->ports, size, flow->ip_id++ & 0xffff);
  sent++;
  if (!is_good(ip, size)) fail("a packet that is none");
  track(lp, tuple_hash(lp, get32(ip + 12), get32(ip + 16), get32(ip + 20)), ip, now);
  uint32_t to = fib_lookup(&fib, get32(ip + 16)) - 1;
  if (to == NONE) fail("no route");
  decrement_ttl(ip);
  if (to == lp) {
    local++;
    deliver(lp, id, now, 0);
  } else {
    encapsulate(slot->frame, host, &hosts[to], size);
    slot->start = 0;
    double free = nic_free[lp] > now ? nic_free[lp] : now;
    nic_free[lp] = free + (size + INNER_IP + WIRE_OVERHEAD) * setting.ns_per_byte;
    double arrives = (double)(uint64_t)(nic_free[lp] + 0.5) + setting.latency;
    post((Event){arrives, lp, sequences[lp]++, to, ARRIVE, id, 0});
  }
  flow->next += setting.interval;
  double next = (double)(uint64_t)(flow->next + 0.5);
  if (next <= setting.stop) post((Event){next, lp, sequences[lp]++, lp, SEND, at, 0});
}

static void show(const Slot *slot, double now) {
  printf("%.0f ", now);
  for (int i = 0; i < HEAD; i++) printf("%02x", slot->frame[i]);
  printf("\n");
}

static inline void arrive(uint32_t lp, uint32_t id, double now) {
  Slot *slot = &slots[id];
  uint8_t *ip = slot->frame + INNER_IP;
  if (__builtin_expect(frames_to_show > 0, 0)) {
    frames_to_show--;
    show(slot, now);
  }
  uint32_t size = slot->payload + 28;
  if (!is_tunnelled(slot->frame, &hosts[lp], size)) fail("a frame for another host");
  decapsulate(slot);
  if (!is_good(ip, size)) fail("a packet that is none");
  track(lp, tuple_hash(lp, get32(ip + 12), get32(ip + 16), get32(ip + 20)), ip, now);
  if (fib_lookup(&fib, get32(ip + 16)) - 1 != lp) fail("a packet of another host");
  decrement_ttl(ip);
  deliver(lp, id, now, get16(slot->frame + OUTER_UDP + 6));
}

static inline void dispatch(const Event *event) {
  if (event->kind == SEND) send_datagram(event->host, event->argument, event->time);
  else arrive(event->host, event->argument, event->time);
}

static void run_heap(void) {
  while (heap.count > 0) {
    Event event = heap_take(&heap);
    dispatch(&event);
  }
}

/* How many events ahead each thing is asked for: the event, then what it names, then what that names. Always inline: gcc takes a function that
 * only prefetches for one without effects, and drops the call. */
enum { FAR = 24, MIDDLE = 16, NEAR = 8, NEXT = 4 };
#define INLINE static inline __attribute__((always_inline))

INLINE uint32_t *index_of(const Event *event) {
  const uint8_t *ip = slots[event->argument].frame + INNER_IP;
  uint32_t hash = event->kind == SEND ? flows[event->argument].hash : tuple_hash(event->host, get32(ip + 12), get32(ip + 16), get32(ip + 20));
  return &conntrack.index[(hash & conntrack.mask) * 2];
}

INLINE void prefetch(uint32_t i) {
  const uint32_t *rows = buckets.rows;
  const Event *events = buckets.events;
  uint32_t count = buckets.count;
  if (i + FAR < count) __builtin_prefetch(&events[rows[i + FAR]]);
  if (i + MIDDLE < count) {
    const Event *event = &events[rows[i + MIDDLE]];
    if (event->kind == SEND) __builtin_prefetch(&flows[event->argument]);
    else {
      __builtin_prefetch(&slots[event->argument]);
      __builtin_prefetch(&slots[event->argument].frame[64]);
    }
  }
  if (i + NEAR < count) __builtin_prefetch(index_of(&events[rows[i + NEAR]]));
  if (i + NEXT < count) {
    uint32_t reference = index_of(&events[rows[i + NEXT]])[1];
    if (reference != 0) __builtin_prefetch(&conntrack.records[(reference - 1) >> 1], 1);
  }
}

static void run_buckets(int with_prefetch) {
  for (uint32_t window = 0; window < buckets.windows; window++) {
    if (buckets.heads[window] == NONE) continue;
    bucket_open(&buckets, window);
    /* Nothing that runs here is filed in the window that is open: it takes at least the latency, or the interval. */
    for (uint32_t i = 0; i < buckets.count; i++) {
      if (with_prefetch) prefetch(i);
      dispatch(&buckets.events[buckets.rows[i]]);
    }
    bucket_close(&buckets, window);
  }
}

static uint64_t random64(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/** Nodes and flows of its own: one flow from each pod to another on any node. */
static void make_flows(void) {
  uint64_t state = 0x9e3779b97f4a7c15u;
  for (uint32_t n = 0; n < setting.hosts; n++) hosts[n] = (Host){0x0ae00004 + n, 0x0b000000 + (n << 8), 0x0b000000 + (n << 8), 0};
  for (uint32_t i = 0; i < setting.flows; i++) {
    uint32_t host = i % setting.hosts, other = random64(&state) % (setting.flows - 1);
    other += other >= i;
    uint32_t source = hosts[host].block + 1 + i / setting.hosts, target = hosts[other % setting.hosts].block + 1 + other / setting.hosts;
    flows[i] = (Flow){source, target, (32768 + random64(&state) % 28000) << 16 | 7000, host, 0, 0, {0}, 0, {0}};
    flows[i].next = (double)(random64(&state) % (uint64_t)setting.interval);
  }
}

static void read_flows(FILE *file) {
  for (uint32_t n = 0; n < setting.hosts; n++) {
    if (fread(&hosts[n], sizeof(uint32_t), 4, file) != 4) fail("the file of flows ends early");
  }
  for (uint32_t i = 0; i < setting.flows; i++) {
    if (fread(&flows[i], sizeof(uint32_t), 4, file) != 4 || fread(&flows[i].next, sizeof(double), 1, file) != 1) fail("the file of flows ends early");
    if (flows[i].host >= setting.hosts) fail("a flow of no host");
  }
}

static void set_up(FILE *file) {
  hosts = take(setting.hosts, sizeof(Host));
  flows = take(setting.flows, sizeof(Flow));
  if (file != NULL) read_flows(file);
  else make_flows();
  nic_free = take(setting.hosts, sizeof(double));
  sequences = take(setting.hosts, 4);
  pod_at = take((size_t)setting.hosts * 256, 4);
  fib = fib_of(setting.hosts);
  conntrack = conntrack_of(setting.flows * 2);
  slot_most = setting.flows * 2 + 1024;
  slots = take(slot_most, sizeof(Slot));
  if (with_heap) heap.events = take(setting.flows * 3 + 1024, sizeof(Event));
  else buckets = buckets_of(setting.latency, setting.duration, setting.hosts, setting.flows * 3 + 1024);
  for (uint32_t n = 0; n < setting.hosts; n++) fib_add(&fib, hosts[n].block, n + 1);
  for (uint32_t i = 0; i < setting.flows; i++) {
    Flow *flow = &flows[i];
    pod_at[(flow->host << 8) + (flow->source & 255)] = 1;
    uint32_t to = fib_lookup(&fib, flow->target) - 1;
    if (to == NONE) fail("a flow to no host");
    pod_at[(to << 8) + (flow->target & 255)] = 1;
    flow->hash = tuple_hash(flow->host, flow->source, flow->target, flow->ports);
    if (flow->next <= setting.stop) post((Event){flow->next, flow->host, sequences[flow->host]++, flow->host, SEND, i, 0});
  }
}

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
  const char *mode = "bucket", *path = NULL;
  double ms = 100;
  setting = (Setting){MAGIC, 4096, 120000, 200, 1e6, 50e3, 0.08, 0, 0};
  for (int i = 1; i < count; i++) {
    const char *value = strchr(arguments[i], '=');
    if (value == NULL) fail("arguments are name=value: mode flows nodes ms file frames");
    size_t length = (size_t)(value++ - arguments[i]);
    if (strncmp(arguments[i], "mode", length) == 0) mode = value;
    else if (strncmp(arguments[i], "flows", length) == 0) setting.flows = (uint32_t)atol(value);
    else if (strncmp(arguments[i], "nodes", length) == 0) setting.hosts = (uint32_t)atol(value);
    else if (strncmp(arguments[i], "ms", length) == 0) ms = atof(value);
    else if (strncmp(arguments[i], "file", length) == 0) path = value;
    else if (strncmp(arguments[i], "frames", length) == 0) frames_to_show = (uint32_t)atol(value);
    else fail("arguments are name=value: mode flows nodes ms file frames");
  }
  with_heap = strcmp(mode, "heap") == 0;
  int with_prefetch = strcmp(mode, "prefetch") == 0;
  if (!with_heap && !with_prefetch && strcmp(mode, "bucket") != 0) fail("mode is bucket, prefetch or heap");
  setting.duration = ms * 1e6;
  setting.stop = setting.duration - 1;
  FILE *file = NULL;
  if (path != NULL) {
    file = fopen(path, "rb");
    if (file == NULL || fread(&setting, sizeof(setting), 1, file) != 1 || setting.magic != MAGIC) fail("no file of flows there");
  }
  if (setting.flows < 2 || setting.hosts < 2 || (path == NULL && setting.flows / setting.hosts > 250)) fail("2 flows and 2 nodes at least, 250 flows a node at most");
  if (setting.interval < setting.latency || setting.duration / setting.latency > 1e8) fail("an interval is at least a window, a run at most 1e8 of them");
  set_up(file);
  if (file != NULL) fclose(file);
  double began = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  if (with_heap) run_heap();
  else run_buckets(with_prefetch);
  double seconds = seconds_of(CLOCK_MONOTONIC) - began;
  cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  uint32_t least = 0;
  while (least < HISTOGRAM - 1 && histogram[least] == 0) least++;
  printf("limit mode=%s flows=%u nodes=%u sent=%llu delivered=%llu local=%llu latencySum=%.0f shortest=%u packetsPerSecond=%.0f seconds=%.3f cpuSeconds=%.3f checksum=%016llx\n",
         mode, setting.flows, setting.hosts, (unsigned long long)sent, (unsigned long long)delivered, (unsigned long long)local, latency_sum, least,
         (double)delivered / seconds, seconds, cpu, (unsigned long long)checksum);
  return 0;
}
