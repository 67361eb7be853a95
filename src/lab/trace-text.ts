// A trace for people: one line a step, aligned, in the order in which it happened, and at the end what became of it.
import type { TraceResult, TraceStep } from './trace-step.js'

const WIDTHS = { step: 13, at: 44 }
/** Words a line holds beside its columns. */
const TEXT_WIDTH = 96

/** Colours, or none. */
export interface Paint {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly title: (text: string) => string
}

export function traceText(trace: TraceResult, paint: Paint): string {
  const { from, to, protocol, port } = trace
  const atWidth = Math.min(WIDTHS.at, Math.max(...trace.steps.map(step => step.at.length), 4))
  const lines = [paint.title(`${from} > ${to}${port === null ? '' : `:${port}`} ${protocol}`)]
  let packet = ''
  for (const step of trace.steps) {
    const heading = headingOf(step)
    if (heading !== packet) lines.push('', paint.title(heading))
    packet = heading
    lines.push(...stepLines(step, atWidth, paint))
  }
  return `${[...lines, '', ...outcome(trace, paint)].join('\n')}\n`
}

const DIRECTIONS = { probe: '', answer: ' (the answer)', consequence: ' (sent because of it)' } as const

const headingOf = ({ packet, direction }: TraceStep): string => `${packet}${DIRECTIONS[direction]}`

function stepLines(step: TraceStep, atWidth: number, paint: Paint): string[] {
  const time = `${(step.timeNs / 1000).toFixed(0)} us`.padStart(8)
  const [first, ...rest] = wrapped(step.text)
  const word = step.step.padEnd(WIDTHS.step)
  const shown = step.step === 'drop' ? paint.bad(word) : step.step === 'delivery' ? paint.good(word) : word
  const indent = ' '.repeat(8 + 2 + WIDTHS.step + 2 + atWidth + 2)
  return [`${time}  ${shown}  ${step.at.padEnd(atWidth)}  ${first}`, ...rest.map(line => indent + line)]
}

function wrapped(text: string): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]
    if (last !== '' && last.length + 1 + word.length > TEXT_WIDTH) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}

function outcome({ delivered, verdict, sentence, droppedAt, remedy, encapsulated, steps }: TraceResult, paint: Paint): string[] {
  const way = encapsulated ? 'through VXLAN' : 'without encapsulation'
  const answered = steps.some(({ direction }) => direction === 'answer') ? ', and answered' : ''
  if (delivered) return [`${paint.good(`delivered${answered}`)}, ${way}${verdict === 'delivered' ? '' : `; ${verdict}: ${sentence}`}`]
  const lines = [`${paint.bad(`dropped at the ${droppedAt ?? 'way'}`)}, ${verdict}: ${sentence}`]
  return remedy === null ? lines : [...lines, `To let it through: ${remedy}.`]
}
