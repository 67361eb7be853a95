// Words of a command as iproute2 takes them: options before the object, objects and commands by any of their beginnings.
import { LabError } from './lab-error.js'

export interface IpWords {
  readonly json: boolean
  readonly pretty: boolean
  readonly details: boolean
  readonly brief: boolean
  /** Only addresses of this family; null: both. */
  readonly family: 4 | 6 | null
  readonly object: 'address' | 'link' | 'route' | 'neighbour' | 'rule'
  /** `show`, or `get` of a route. */
  readonly command: 'show' | 'get'
  readonly rest: readonly string[]
}

const OPTIONS: Readonly<Record<string, Partial<IpWords>>> = {
  json: { json: true },
  pretty: { pretty: true },
  details: { details: true },
  brief: { brief: true },
  color: {},
  '4': { family: 4 },
  '6': { family: 6 },
}
/** In the order in which iproute2 tries them: the first that begins so is meant. */
const OBJECTS = ['address', 'link', 'route', 'neighbour', 'neighbor', 'rule'] as const
const COMMANDS = ['show', 'list', 'lst', 'get'] as const

const begins = <Word extends string>(words: readonly Word[], given: string): Word | undefined =>
  given === '' ? undefined : words.find(word => word.startsWith(given))

/** What `ip …` asks, or a {@link LabError}. */
export function ipWords(argv: readonly string[], answered: string): IpWords {
  let found: Partial<IpWords> = {}
  let at = 1
  for (; argv[at]?.startsWith('-'); at++) {
    const name = argv[at].replace(/^--?/, '')
    const option = begins(Object.keys(OPTIONS), name)
    if (option === undefined) throw unknown(argv, answered)
    found = { ...found, ...OPTIONS[option] }
  }
  const object = begins(OBJECTS, argv[at] ?? '')
  const command = argv[at + 1] === undefined ? 'show' : begins(COMMANDS, argv[at + 1])
  // `ip addr dev eth0` and `ip addr eth0` leave the command out.
  const isShown = command === undefined || (command === 'get' && object !== 'route')
  if (object === undefined) throw unknown(argv, answered)
  return {
    ...{ json: false, pretty: false, details: false, brief: false, family: null },
    ...found,
    object: object === 'neighbor' ? 'neighbour' : object,
    command: !isShown && command === 'get' ? 'get' : 'show',
    rest: argv.slice(isShown ? at + 1 : at + 2),
  }
}

export const unknown = (argv: readonly string[], answered: string): LabError =>
  new LabError('UnknownCommand', `not supported yet: ${argv.join(' ')}`, `answered here:\n${answered}`)

/** The device that `show` asks for, if any: `dev NAME` or just `NAME`. */
export function deviceAmong(rest: readonly string[]): string | null {
  const at = rest.indexOf('dev')
  if (at >= 0) return rest[at + 1] ?? null
  return rest[0] ?? null
}
