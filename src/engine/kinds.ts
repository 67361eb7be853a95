// Kinds of events, as they stand in an event's low three bits.

export const EventKind = { send: 0, arrive: 1, replay: 2, ready: 3, fragmentsDue: 4, snatDue: 5, open: 6, timer: 7 } as const
