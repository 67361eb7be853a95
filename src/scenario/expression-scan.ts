// Words of the expressions that `assert` holds: numbers with units, texts, paths into the result, operators.
import { parseAnyQuantity, UNIT_SPELLINGS } from '../base/quantity.js'

export type Token =
  | { readonly kind: 'value'; readonly value: number | string | boolean | null; readonly at: number }
  | { readonly kind: 'path'; readonly steps: readonly (string | number)[]; readonly at: number }
  | { readonly kind: 'operator'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly at: number }

/** Longer than anybody writes; bounds the work of reading and judging. */
const LONGEST = 4000

/** What could not be read, and where: an offset in the text. */
export interface SyntaxFault {
  readonly message: string
  readonly at: number
}

const escaped = (text: string): string => text.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&')

// A unit that is followed by more letters is none: "5s" is a time, "5spam" a mistake.
const NUMBER = new RegExp(`(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:e[+-]?\\d+)?(?:(?:${UNIT_SPELLINGS.map(escaped).join('|')})(?![A-Za-zµ]))?`, 'y')
const OPERATOR = /==|!=|<=|>=|&&|\|\||[<>!()+\-*/]/y
const TEXT = /"([^"]*)"|'([^']*)'/y
const NAME = /[A-Za-z_$][\w$]*/y
const STEP = /\.([A-Za-z_$][\w$]*)|\[(\d+)\]|\["([^"]*)"\]|\['([^']*)'\]/y

const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null, none: null }

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** Cuts the text into tokens, the last one of kind "end". */
export function scan(text: string): Token[] | SyntaxFault {
  if (text.length > LONGEST) return { message: `longer than ${LONGEST} characters`, at: LONGEST }
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at])) {
      at++
      continue
    }
    const next = tokenAt(text, at)
    if ('message' in next) return next
    tokens.push(next.token)
    at = next.end
  }
  return [...tokens, { kind: 'end', at: text.length }]
}

function tokenAt(text: string, at: number): { token: Token; end: number } | SyntaxFault {
  const number = matchAt(NUMBER, text, at)
  if (number) return numberToken(number[0], text, at)
  const quoted = matchAt(TEXT, text, at)
  if (quoted) return { token: { kind: 'value', value: quoted[1] ?? quoted[2], at }, end: at + quoted[0].length }
  const operator = matchAt(OPERATOR, text, at)
  if (operator) return { token: { kind: 'operator', text: operator[0], at }, end: at + operator[0].length }
  const name = matchAt(NAME, text, at)
  if (!name) return { message: `"${text[at]}" has no meaning here`, at }
  return pathToken(name[0], text, at)
}

function numberToken(number: string, text: string, at: number): { token: Token; end: number } | SyntaxFault {
  const end = at + number.length
  const value = /[^\d.e+-]/.test(number) ? parseAnyQuantity(number) : Number(number)
  const glued = matchAt(NAME, text, end)
  if (value === null || glued) return { message: `"${number}${glued?.[0] ?? ''}" is not a number with a unit`, at }
  return { token: { kind: 'value', value, at }, end }
}

function pathToken(first: string, text: string, at: number): { token: Token; end: number } {
  const steps: (string | number)[] = [first]
  let end = at + first.length
  for (let step = matchAt(STEP, text, end); step; step = matchAt(STEP, text, end)) {
    steps.push(step[2] === undefined ? (step[1] ?? step[3] ?? step[4]) : Number(step[2]))
    end += step[0].length
  }
  if (steps.length === 1 && Object.hasOwn(WORDS, first)) return { token: { kind: 'value', value: WORDS[first], at }, end }
  return { token: { kind: 'path', steps, at }, end }
}
