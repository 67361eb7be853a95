// Small integers with a meaning, as the image's columns hold them. What the data plane asks per packet is a `const enum`, which the
// compiler writes out as a number: V8 does not fold imported constants, so each use would be a load and three checks.

/** What a logical process is. */
export const enum LpKind {
  node = 0,
  appliance = 1,
  endpoint = 2,
  loadBalancer = 3,
  natGateway = 4,
}
/** Where an endpoint lives. */
export const Location = { internet: 0, vnet: 1, peered: 2, onPremises: 3 } as const
/** Answer of a node for an address of its own block that no pod has. */
export const OwnRoute = { none: 0, unreachable: 1, blackhole: 2, prohibit: 3 } as const
/** Kinds of arrivals (`trafficArrivals`). */
export const enum Arrivals {
  constant = 0,
  poisson = 1,
  onOff = 2,
}
/** By the names that scenarios give them. */
export const ARRIVALS = { constant: Arrivals.constant, poisson: Arrivals.poisson, onOff: Arrivals.onOff } as const
/** Kinds of size distributions (`trafficSizeKind`); parameters a, b, c in `trafficSizeA/B/C`. */
export const enum SizeKind {
  /** a */
  constant = 0,
  /** a = least, b = most, integers, both included */
  uniform = 1,
  /** a = mean, b = least, c = most (values outside are clamped) */
  exponential = 2,
  /** a = median, b = sigma of the logarithm, c = most (least is 28: an empty datagram) */
  lognormal = 3,
  /** a = scale (least), b = shape, c = most */
  pareto = 4,
  /** a = first row, b = rows in `sizeValue` / `sizeCumulative` (cumulative probability, ends at 1) */
  empirical = 5,
}

/** By the names that scenarios give them. */
export const SIZE_KINDS = {
  constant: SizeKind.constant,
  uniform: SizeKind.uniform,
  exponential: SizeKind.exponential,
  lognormal: SizeKind.lognormal,
  pareto: SizeKind.pareto,
  empirical: SizeKind.empirical,
} as const

/** Kinds of results of the route table (`fib`), in the top 4 bits of a value; the low 28 bits are its argument. Value 0 is "no route". */
export const enum RouteKind {
  none = 0,
  /** A node's pod block: argument = logical process that owns it. */
  podBlock = 1,
  /** Directly on the node subnet: the destination itself is the next hop. */
  onLink = 2,
  /** By the VNet's router or the default gateway (`gatewayAddress`). */
  gateway = 3,
  /** A pod's own address in the VNet: argument = its row in `podAt`. */
  podAddress = 4,
}

/** How a client ends a connection (`talkClose`). */
export const TalkClose = { fin: 0, rst: 1, idle: 2 } as const
/** What the port that an entry's connections lead to does (`talkServer`). */
export const TalkServer = { accept: 0, refuse: 1, ignore: 2 } as const
/** Where a row of the Service table listens. */
export const enum ServiceKind {
  /** The Service's own address. */
  clusterIp = 0,
  /** Its frontend at the load balancer. */
  frontend = 1,
  /** Its port on every node. */
  nodePort = 2,
  /** An address that the client's node answers itself: the DNS of a cluster without DNS pods. */
  standIn = 3,
}

/** Interfaces of a logical process. */
export const enum Interface {
  eth0 = 0,
  pod = 1,
  outside = 2,
}

/** What happens at a `changeNs`; `changeOf` is the pod or the node. Changes of one moment lie in this order, so that what is given back can be given anew. */
export const enum Change {
  podStops = 0,
  nodeLeaves = 1,
  nodeJoins = 2,
  nodeReady = 3,
  podStarts = 4,
}
