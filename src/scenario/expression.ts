// Expressions of `assert`: comparisons between paths of the result and values, such as `drops.byReason.noRoute == 0 &&
// latencyNs.p99 < 200us`. A path that leads nowhere is null, except a drop reason that did not occur, which is 0. Lists are looked up
// by the `name` of their items; `resources.exhausted` is the name of the first exhausted resource, or none.
import { type SyntaxFault, scan, type Token } from './expression-scan.js'

export type Value = number | string | boolean | null

export type Expression =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'path'; readonly steps: readonly (string | number)[] }
  | { readonly kind: 'not' | 'negative'; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }

export interface Judgement {
  readonly held: boolean
  /** The two sides of the outermost comparison, for messages; of anything else, its value and null. */
  readonly left: unknown
  readonly right: unknown
}

/** Binary operators from loosest to tightest. */
const LEVELS: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/']]
/** Deeper nesting than anybody writes; guards the recursion. */
const DEEPEST = 100

class Parser {
  private next = 0
  private depth = 0
  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    const expression = this.level(0)
    const token = this.tokens[this.next]
    if (token.kind !== 'end') throw this.fault('something is left over', token)
    return expression
  }

  private fault(message: string, token: Token): SyntaxError {
    return new SyntaxError(message, { cause: token.at })
  }

  private operator(words: readonly string[]): string | null {
    const token = this.tokens[this.next]
    if (token.kind !== 'operator' || !words.includes(token.text)) return null
    this.next++
    return token.text
  }

  private level(index: number): Expression {
    if (index === LEVELS.length) return this.unary()
    let left = this.level(index + 1)
    for (let operator = this.operator(LEVELS[index]); operator !== null; operator = this.operator(LEVELS[index])) {
      left = { kind: 'binary', operator, left, right: this.level(index + 1) }
    }
    return left
  }

  private unary(): Expression {
    const token = this.tokens[this.next]
    if (++this.depth > DEEPEST) throw this.fault('nested too deeply', token)
    try {
      const sign = this.operator(['!', '-'])
      if (sign !== null) return { kind: sign === '!' ? 'not' : 'negative', operand: this.unary() }
      if (this.operator(['(']) !== null) {
        const inner = this.level(0)
        if (this.operator([')']) === null) throw this.fault('")" is missing', this.tokens[this.next])
        return inner
      }
    } finally {
      this.depth--
    }
    this.next++
    if (token.kind === 'value') return { kind: 'value', value: token.value }
    if (token.kind === 'path') return { kind: 'path', steps: token.steps }
    throw this.fault(token.kind === 'end' ? 'the expression ends too early' : `"${token.text}" cannot stand here`, token)
  }
}

/** Reads an expression, or says what is wrong with it and where. */
export function parseExpression(text: string): Expression | SyntaxFault {
  const tokens = scan(text)
  if (!Array.isArray(tokens)) return tokens
  try {
    return new Parser(tokens).whole()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { message: error.message, at: Number(error.cause) }
  }
}

/** Judges an expression against a result object. Throws only for text that {@link parseExpression} refuses. */
export function evaluate(expression: string | Expression, result: unknown): Judgement {
  const parsed = typeof expression === 'string' ? parseExpression(expression) : expression
  if ('message' in parsed) throw new SyntaxError(parsed.message)
  const value = compute(parsed, result)
  if (parsed.kind !== 'binary') return { held: isTrue(value), left: value, right: null }
  return { held: isTrue(value), left: compute(parsed.left, result), right: compute(parsed.right, result) }
}

/** What an expression comes to: a value, or whatever part of the result its path leads to. */
export const worth = (expression: Expression, result: unknown): unknown => compute(expression, result)

const isTrue = (value: unknown): boolean => value !== null && value !== false && value !== 0 && value !== ''

function compute(expression: Expression, result: unknown): unknown {
  switch (expression.kind) {
    case 'value':
      return expression.value
    case 'path':
      return lookUp(expression.steps, result)
    case 'not':
      return !isTrue(compute(expression.operand, result))
    case 'negative':
      return arithmetic('-', 0, compute(expression.operand, result))
    case 'binary':
      return binary(expression.operator, compute(expression.left, result), compute(expression.right, result))
  }
}

function binary(operator: string, left: unknown, right: unknown): unknown {
  switch (operator) {
    case '||':
      return isTrue(left) || isTrue(right)
    case '&&':
      return isTrue(left) && isTrue(right)
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '+':
    case '-':
    case '*':
    case '/':
      return arithmetic(operator, left, right)
    default:
      return ordered(operator, left, right)
  }
}

/** Order holds between two numbers or two texts; with anything else, null included, no order holds. */
function ordered(operator: string, left: unknown, right: unknown): boolean {
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false
  const a = left as number
  const b = right as number
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b
}

function arithmetic(operator: string, left: unknown, right: unknown): number | null {
  if (typeof left !== 'number' || typeof right !== 'number') return null
  const value = operator === '+' ? left + right : operator === '-' ? left - right : operator === '*' ? left * right : left / right
  return Number.isFinite(value) ? value : null
}

function lookUp(steps: readonly (string | number)[], result: unknown): unknown {
  let at: unknown = result
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]
    if (Array.isArray(at)) at = typeof step === 'number' ? at[step] : itemNamed(at, step)
    else if (typeof at === 'object' && at !== null && Object.hasOwn(at, step)) at = (at as Record<string | number, unknown>)[step]
    else return i > 0 && steps[i - 1] === 'byReason' && i === steps.length - 1 ? 0 : null
  }
  return at === undefined ? null : at
}

function itemNamed(list: readonly unknown[], name: string): unknown {
  if (name === 'length') return list.length
  const items = list.filter(item => typeof item === 'object' && item !== null) as {
    name?: unknown
    reason?: unknown
    exhausted?: unknown
  }[]
  const found = items.find(item => item.name === name || item.reason === name)
  if (found === undefined && name === 'exhausted') return items.find(item => item.exhausted === true)?.name ?? null
  return found
}
