// Small integers of the engine.

/** Kinds of events, as they stand in an event's low three bits. */
export const enum EventKind {
  send = 0,
  arrive = 1,
  replay = 2,
  ready = 3,
  fragmentsDue = 4,
  snatDue = 5,
  open = 6,
  timer = 7,
}

/** Places in a shard's vector of times, ns: doubles as arguments would cost an allocation each. */
export const enum Moment {
  NOW = 0,
  /** The first bit of a packet leaves its NIC. */
  DEPART = 1,
  /** Its last bit arrives. */
  ARRIVE = 2,
  /** Any other time in hand: when an event that is no transmission is due. */
  AT = 3,
}
