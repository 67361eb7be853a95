// Numbers with units as people write them: "50us", "12.5Gbps", "1500B", "4KiB", "100/s", "20%". One table of units per dimension;
// inside the program a quantity is a plain number in the base unit (ns, bits per second, bytes, per second, a fraction).

/** What a quantity measures; its base unit is in the comment. */
export type Dimension =
  /** ns */
  | 'time'
  /** bits per second */
  | 'bitRate'
  /** bytes */
  | 'size'
  /** per second */
  | 'frequency'
  /** a fraction: 20% is 0.2 */
  | 'share'

/** A unit is `factor` times a power of ten, so that decimals shift exactly instead of being multiplied in floating point. */
interface Unit {
  readonly factor: number
  readonly exponent: number
}

const unit = (factor: number, exponent: number): Unit => ({ factor, exponent })

// Order matters to `formatQuantity`: largest first, and the first spelling of equal units is the one printed.
const UNITS: Readonly<Record<Dimension, Readonly<Record<string, Unit>>>> = {
  time: {
    d: unit(86_400, 9),
    h: unit(3600, 9),
    m: unit(60, 9),
    s: unit(1, 9),
    ms: unit(1, 6),
    us: unit(1, 3),
    ns: unit(1, 0),
    min: unit(60, 9),
    µs: unit(1, 3),
  },
  bitRate: {
    Tbps: unit(1, 12),
    Gbps: unit(1, 9),
    Mbps: unit(1, 6),
    kbps: unit(1, 3),
    bps: unit(1, 0),
    Kbps: unit(1, 3),
    'Gbit/s': unit(1, 9),
    'Mbit/s': unit(1, 6),
    'kbit/s': unit(1, 3),
    'bit/s': unit(1, 0),
  },
  size: {
    GiB: unit(1024 ** 3, 0),
    GB: unit(1, 9),
    MiB: unit(1024 ** 2, 0),
    MB: unit(1, 6),
    KiB: unit(1024, 0),
    kB: unit(1, 3),
    B: unit(1, 0),
    KB: unit(1, 3),
  },
  frequency: {
    'M/s': unit(1, 6),
    'k/s': unit(1, 3),
    '/s': unit(1, 0),
    '/min': unit(1 / 60, 0),
    '/ms': unit(1, 3),
  },
  share: { '%': unit(1, -2) },
}

/** How a quantity of each dimension is written, for messages. */
export const EXAMPLES: Readonly<Record<Dimension, string>> = {
  time: '50us, 1.5ms, 10s, 30m or 2h',
  bitRate: '12.5Gbps or 100Mbps',
  size: '1500B or 4KiB',
  frequency: '100/s, 20/min or 5k/s',
  share: '20%',
}

const TEXT = /^(\d+(?:\.\d+)?|\.\d+)(?:e([+-]?\d{1,3}))?\s*([^\d\s.][^\d\s]*)$/

/** The quantity in its base unit, or null if the text is not one of this dimension. A bare "0" is a quantity of every dimension. */
export function parseQuantity(text: string, dimension: Dimension): number | null {
  if (text === '0') return 0
  const match = TEXT.exec(text)
  if (!match || !Object.hasOwn(UNITS[dimension], match[3])) return null
  const { factor, exponent } = UNITS[dimension][match[3]]
  const value = Number(`${match[1]}e${Number(match[2] ?? 0) + exponent}`) * factor
  return Number.isFinite(value) ? value : null
}

/** The value of a quantity of whatever dimension its unit says; for expressions. */
export function parseAnyQuantity(text: string): number | null {
  for (const dimension of Object.keys(UNITS) as Dimension[]) {
    const value = parseQuantity(text, dimension)
    if (value !== null) return value
  }
  return null
}

/** All unit spellings, longest first, for scanners. */
export const UNIT_SPELLINGS: readonly string[] = Object.values(UNITS)
  .flatMap(units => Object.keys(units))
  .sort((a, b) => b.length - a.length)

/** Unit of the fallback of {@link formatQuantity}: the one in which the value is a plain number. */
const BASE: Readonly<Record<Dimension, string>> = { time: 'ns', bitRate: 'bps', size: 'B', frequency: '/s', share: '%' }

/** The shortest text that parses back to exactly this value; units that would need rounding are passed over. */
export function formatQuantity(value: number, dimension: Dimension): string {
  if (value === 0) return `0${BASE[dimension]}`
  let best: string | null = null
  for (const name of Object.keys(UNITS[dimension])) {
    const { factor, exponent } = UNITS[dimension][name]
    const text = `${Number(`${value / factor}e${-exponent}`)}${name}`
    if (parseQuantity(text, dimension) !== value) continue
    if (best === null || text.length < best.length || (text.length === best.length && best.includes('.') && !text.includes('.')))
      best = text
  }
  return best ?? `${dimension === 'share' ? value * 100 : value}${BASE[dimension]}`
}
