/* Headers of a VXLAN frame as vxlane lays them into a slot: 32 bytes of record, 50 of outer headers, 42 of inner Ethernet, IPv4 and UDP, all in
 * network order with right checksums. Headers are written in 32-bit words: byte by byte a packet cost 1.7 times as much. */
#ifndef WIRE_H
#define WIRE_H
#include <stdint.h>
#include <string.h>

enum { OUTER_IP = 14, OUTER_UDP = 34, VXLAN = 42, INNER = 50, INNER_IP = 64, INNER_UDP = 84, HEAD = 92 };
enum { UDP = 17, VXLAN_PORT = 4789, TTL = 64, DF = 0x4000, VNI = 1, OVERHEAD = 50 };

/** A packet in flight: its record, and the headers of its frame. The payload is a length. */
typedef struct {
  double sent;
  uint32_t flow, start, payload, next;
  uint32_t spare[2];
  uint8_t frame[96];
} Slot;

static inline uint32_t get32(const uint8_t *at) {
  uint32_t word;
  memcpy(&word, at, 4);
  return __builtin_bswap32(word);
}

static inline void put32(uint8_t *at, uint32_t word) {
  word = __builtin_bswap32(word);
  memcpy(at, &word, 4);
}

static inline uint32_t get16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }
static inline uint32_t halves(uint32_t word) { return (word >> 16) + (word & 0xffff); }

/** One's complement of a sum, 16 bits. */
static inline uint32_t finish(uint32_t sum) { return ~halves(halves(sum)) & 0xffff; }

/** A UDP checksum of zero is sent as all ones (RFC 768). */
static inline uint32_t udp_check(uint32_t sum) {
  uint32_t check = finish(sum);
  return check == 0 ? 0xffff : check;
}

/** MurmurHash3's finisher. */
static inline uint32_t mix32(uint32_t x) {
  x = (x ^ x >> 16) * 0x85ebca6bu;
  x = (x ^ x >> 13) * 0xc2b2ae35u;
  return x ^ x >> 16;
}

/** The inner Ethernet, IPv4 and UDP headers as a pod sends them to the host's end of its veth. */
static inline void write_datagram(uint8_t *at, uint32_t source, uint32_t target, uint32_t ports, uint32_t size, uint32_t id) {
  uint32_t segment = size - 20, addresses = halves(source) + halves(target);
  put32(at, 0xaaaaaaaa);
  put32(at + 4, 0xaaaa0202);
  put32(at + 8, source);
  at[12] = 0x08;
  at[13] = 0x00;
  put32(at + 14, 0x45000000 | size);
  put32(at + 18, id << 16 | DF);
  put32(at + 22, (TTL << 24) | (UDP << 16) | finish(0x4500 + size + id + DF + (TTL << 8 | UDP) + addresses));
  put32(at + 26, source);
  put32(at + 30, target);
  put32(at + 34, ports);
  put32(at + 38, segment << 16 | udp_check(addresses + UDP + segment + segment + halves(ports)));
}

/** Is this an IPv4 packet of UDP without options, whole, and not at its last hop? */
static inline int is_good(const uint8_t *ip, uint32_t length) {
  return ip[0] == 0x45 && get16(ip + 2) == length && (get16(ip + 6) & 0x3fff) == 0 && ip[8] > 1 && ip[9] == UDP;
}

/** TTL - 1; the checksum follows by RFC 1624. */
static inline void decrement_ttl(uint8_t *ip) {
  uint32_t word = get32(ip + 8), check = (word & 0xffff) + 0x100;
  put32(ip + 8, (word & 0xffff0000) - 0x01000000 + ((check + (check >= 0xffff)) & 0xffff));
}

/** The port that RFC 7348 wants to differ by inner flow, the same both ways: 32768 to 60998, as Linux scales a hash into its local ports. */
static inline uint32_t source_port(const uint8_t *ip) {
  uint32_t low = get32(ip + 12), high = get32(ip + 16), ports = get32(ip + 20);
  if ((int32_t)low > (int32_t)high || (low == high && ports >> 16 > (ports & 0xffff))) {
    uint32_t swap = low;
    low = high;
    high = swap;
    ports = ports << 16 | ports >> 16;
  }
  uint32_t hash = mix32(low * 0x9e3779b1u + high * 0x85ebca77u + ports * 0xc2b2ae3du);
  return 32768 + (uint32_t)((uint64_t)hash * (60999 - 32768) >> 32);
}

/** What a host knows of itself. */
typedef struct {
  uint32_t address, vtep, block, ip_id;
} Host;

/** Prepends 50 bytes. The outer UDP checksum follows from the inner headers alone: with a right inner checksum the rest sums to a known value. */
static inline void encapsulate(uint8_t *at, Host *from, const Host *to, uint32_t size) {
  const uint8_t *ip = at + INNER_IP;
  uint32_t outer = size + OVERHEAD, segment = outer - 20, id = from->ip_id++ & 0xffff, port = source_port(ip);
  uint32_t nodes = halves(from->address) + halves(to->address);
  /* The inner datagram sums to the complement of its pseudo-header. */
  uint32_t inner = finish(halves(get32(ip + 12)) + halves(get32(ip + 16)) + UDP + (size - 20));
  uint32_t macs = 0x0201 * 2 + halves(to->vtep) + halves(from->vtep) + 0x0800;
  put32(at, 0x02000000 | to->address >> 16);
  put32(at + 4, to->address << 16 | 0x0200);
  put32(at + 8, from->address);
  put32(at + 12, 0x08004500);
  put32(at + 16, outer << 16 | id);
  put32(at + 20, TTL << 8 | UDP);
  put32(at + 24, finish(0x4500 + outer + id + (TTL << 8 | UDP) + nodes) << 16 | from->address >> 16);
  put32(at + 28, from->address << 16 | to->address >> 16);
  put32(at + 32, to->address << 16 | port);
  put32(at + 36, VXLAN_PORT << 16 | segment);
  put32(at + 40, udp_check(nodes + UDP + segment + segment + port + VXLAN_PORT + 0x0800 + (VNI << 8) + macs + inner) << 16 | 0x0800);
  put32(at + 44, 0);
  put32(at + 48, (uint32_t)VNI << 24 | 0x0201);
  put32(at + 52, to->vtep);
  put32(at + 56, 0x02010000 | from->vtep >> 16);
  put32(at + 60, from->vtep << 16 | 0x0800);
}

/** Strips the outer headers; what is left is addressed to the pod's end of its veth. */
static inline void decapsulate(Slot *slot) {
  uint8_t *at = slot->frame + INNER;
  uint32_t target = get32(at + 14 + 16);
  put32(at, 0x02020000 | target >> 16);
  put32(at + 4, target << 16 | 0xaaaa);
  put32(at + 8, 0xaaaaaaaa);
  slot->start = INNER;
}

/** Is this an outer frame for this host's VXLAN device? */
static inline int is_tunnelled(const uint8_t *at, const Host *host, uint32_t size) {
  return is_good(at + OUTER_IP, size + OVERHEAD) && get32(at + OUTER_IP + 16) == host->address && get16(at + OUTER_UDP + 2) == VXLAN_PORT &&
         (at[VXLAN] & 0x08) != 0 && get32(at + VXLAN + 4) >> 8 == VNI;
}
#endif
