// Branded numbers: a node id cannot be passed where a pod id is meant, and it costs nothing at run time.

declare const brand: unique symbol
type Brand<Name extends string> = number & { readonly [brand]: Name }

/** An IPv4 address as a signed 32-bit integer; only text code makes it unsigned. */
export type Ipv4 = Brand<'Ipv4'>
/** A VXLAN network identifier, 24 bits (RFC 7348 section 5). */
export type Vni = Brand<'Vni'>
/** A logical process of the engine: a node, the appliance or an endpoint. */
export type LpId = Brand<'LpId'>
/** A pod, numbered over the whole cluster. */
export type PodId = Brand<'PodId'>
/** A slot of a shard's packet pool. */
export type PacketId = Brand<'PacketId'>
/** Virtual time in nanoseconds, an integer held in a double (each one exact for 104 days). */
export type SimTime = Brand<'SimTime'>
