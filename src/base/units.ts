// Numbers as people read them in a terminal: thousands marked, units at hand, three digits where more would only distract.

const THOUSANDS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** 1,234,567 */
export const count = (value: number): string => THOUSANDS.format(value)

/** 1 point; 1,204 points */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`

/** Three significant digits with the largest factor of `steps` that fits the rounded value: 1 ms, not 1000 us. */
function scaled(value: number, steps: readonly (readonly [number, string])[]): string {
  const rounded = Number(value.toPrecision(3))
  const [factor, unit] = steps.find(([step]) => rounded >= step) ?? steps[steps.length - 1]
  return `${Number((value / factor).toPrecision(3))} ${unit}`.trimEnd()
}

/** 4.2 M */
export const short = (value: number): string =>
  scaled(value, [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
    [1, ''],
  ])

/** 18.1 Gbit/s */
export const bitRate = (value: number): string =>
  scaled(value, [
    [1e9, 'Gbit/s'],
    [1e6, 'Mbit/s'],
    [1e3, 'kbit/s'],
    [1, 'bit/s'],
  ])

/** 210 MiB */
export const bytes = (value: number): string =>
  scaled(value, [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
    [1, 'B'],
  ])

/** 52.3 us */
export const duration = (ns: number): string =>
  scaled(ns, [
    [86_400e9, 'd'],
    [3600e9, 'h'],
    [86_400e9, 'd'],
    [3600e9, 'h'],
    [60e9, 'min'],
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'us'],
    [1, 'ns'],
  ])

/** 99.92 %, and never a rounded 100 % or 0 % for something that is neither. */
export function share(part: number, whole: number): string {
  if (whole === 0) return ''
  const percent = (part / whole) * 100
  if (part > 0 && percent < 0.01) return '< 0.01 %'
  if (part < whole && percent > 99.99) return '> 99.99 %'
  return `${percent.toFixed(2)} %`
}
