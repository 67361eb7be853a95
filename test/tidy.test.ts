// Taste as a test: who may import whom, which words belong to one room only, nothing dead, nothing left over. The import law is stated
// here as a table, and in src/README.md with its reasons; a wall is moved in both places at once.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadScenario } from '../src/index.js'
import { loadStudy } from '../src/study/load.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * Room (or a file that stands on a floor of its own): the rooms and files it may import, beside itself; type-only imports count.
 * From the ground up: no row names anything that comes after it.
 */
const LAW: Readonly<Record<string, readonly string[]>> = {
  base: [],
  wire: ['base'],
  shm: ['base'],
  observe: ['base'],
  ipam: ['wire/address', 'base'],
  table: ['wire', 'base'],
  kube: ['base'],
  scenario: ['kube', 'ipam/azure-limits', 'wire/address', 'base'],
  import: ['kube', 'scenario', 'wire/address', 'base'],
  image: ['shm/region', 'base'],
  traffic: ['image', 'table', 'observe/histogram', 'wire', 'shm/packet-pool', 'base'],
  // The express path keeps what it has learnt of a flow in the flow's own row.
  datapath: ['image', 'traffic/flows', 'table', 'wire', 'shm/packet-pool', 'base'],
  engine: ['image', 'datapath', 'traffic', 'table', 'observe', 'shm', 'wire', 'base'],
  cluster: ['scenario', 'ipam', 'image', 'table', 'observe/histogram', 'wire', 'base'],
  limits: ['cluster', 'scenario', 'ipam', 'wire/address', 'base'],
  run: [
    'cluster',
    'scenario',
    'engine',
    'image',
    'datapath/verdict',
    'traffic/tally',
    'observe',
    'shm',
    'wire/pcap',
    'wire/address',
    'wire/describe',
    'base',
  ],
  lab: ['run', 'cluster', 'scenario', 'engine/rounds', 'datapath', 'image', 'table', 'observe/pcapng', 'shm', 'wire', 'base'],
  study: ['run', 'limits', 'cluster', 'scenario', 'base'],
  queue: ['study', 'run/version', 'scenario', 'base'],
  export: ['study', 'run/version', 'scenario/canonical', 'scenario/named-files', 'base'],
  bench: [
    'study',
    'run',
    'cluster/plan',
    'cluster/policy-program',
    'scenario',
    'engine/buckets',
    'table',
    'observe/histogram',
    'shm/ring',
    'shm/packet-pool',
    'wire',
    'base',
  ],
  compare: ['bench/saved', 'run/result', 'run/witness', 'observe/series', 'base'],
  report: ['compare', 'lab', 'study/summary', 'run', 'datapath/verdict', 'observe/series', 'base'],
  live: ['report', 'run', 'cluster/resource', 'base'],
  cli: [
    'bench',
    'compare',
    'live',
    'shm/live-sheet',
    'report',
    'export',
    'lab',
    'queue',
    'study',
    'run',
    'import',
    'kube',
    'limits',
    'cluster',
    'scenario',
    'datapath/verdict',
    'observe/series',
    'base',
  ],
  index: [
    'export',
    'lab',
    'queue',
    'study',
    'run',
    'limits',
    'cluster/resource',
    'datapath/verdict',
    'observe/series',
    'import',
    'scenario',
  ],
  workers: ['engine/rounds', 'run/messages', 'study/local'],
}

/** Words with a home: nobody else says them. */
const HOMES: readonly { readonly word: RegExp; readonly rooms: readonly string[] }[] = [
  { word: /\bAtomics\b/, rooms: ['shm'] },
  // What nobody shares, but V8's collector must not count, is reserved in one place.
  { word: /\bSharedArrayBuffer\b/, rooms: ['shm', 'base/reserve.ts'] },
  // The model knows virtual time and keyed streams only.
  { word: /\bMath\.random\b/, rooms: [] },
  { word: /\b(Date\.now|performance\.now|new Date|hrtime)\b/, rooms: ['run', 'cli', 'workers', 'bench'] },
  // Numbers in, numbers out: below the scenario nothing knows files, processes or threads.
  { word: /from 'node:/, rooms: ['scenario', 'run', 'lab', 'study', 'queue', 'export', 'report', 'live', 'cli', 'workers', 'bench'] },
  { word: /\bprocess\./, rooms: ['scenario', 'run', 'cli', 'bench'] },
  { word: /\bconsole\./, rooms: ['bench'] },
]

/** Written ahead of what will use it. */
const AHEAD: readonly string[] = []

interface Source {
  readonly path: string
  readonly text: string
  /** Without comments. */
  readonly code: string
  readonly imports: readonly string[]
  /** Of those, what is there at run time. */
  readonly values: readonly string[]
  /** Entry points of threads. */
  readonly starts: readonly string[]
}

const filesBelow = (folder: string, suffix: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(suffix))
    .map(name => join(folder, name))
    .sort()

function sourceOf(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
  const targets = (found: RegExp): string[] =>
    [...code.matchAll(found)].map(([, target]) => normalize(join(dirname(path), target)).replace(/\.js$/, '.ts'))
  return {
    path,
    text,
    code,
    imports: targets(/(?:from|import\()\s*'(\.{1,2}\/[^']+)'/g),
    values: targets(/^(?:import|export)(?! type)[^;']*?from\s*'(\.{1,2}\/[^']+)'/gm),
    starts: targets(/new URL\('(\.[^']+\.js)'/g),
  }
}

const sources = ['src', 'workers', 'bench'].flatMap(folder => filesBelow(folder, '.ts')).map(sourceOf)
const tests = filesBelow('test', '.ts').map(sourceOf)
const everyPath = new Set(sources.map(({ path }) => path))

/** The row of the law for a file: a file's own, else its room's. */
function roomOf(path: string): string {
  const name = path.replace(/^src\//, '').replace(/\.ts$/, '')
  return Object.hasOwn(LAW, name) ? name : (name.split('/')[0] ?? name)
}

function mayImport(from: string, to: string): boolean {
  const room = roomOf(from)
  const name = to.replace(/^src\//, '').replace(/\.ts$/, '')
  // What lies in bench/ beside src/ measures any part; the room src/bench/ has its row.
  return from.startsWith('bench/') || room === roomOf(to) || LAW[room].some(allowed => allowed === name || allowed === roomOf(to))
}

describe('the import law', () => {
  test('stands on floors: no row names a later one', () => {
    const rows = Object.keys(LAW)
    for (const [i, row] of rows.entries()) {
      for (const allowed of LAW[row]) expect([row, rows.slice(0, i)]).toEqual([row, expect.arrayContaining([roomOf(`src/${allowed}.ts`)])])
    }
  })
  test('is kept by every file', () => {
    const broken = sources.flatMap(({ path, imports }) => imports.filter(to => !mayImport(path, to)).map(to => `${path} imports ${to}`))
    expect(broken).toEqual([])
  })
  test('and no files import values from each other in a circle', () => {
    const graph = new Map(sources.map(({ path, values }) => [path, values]))
    const done = new Set<string>()
    const circleFrom = (path: string, above: readonly string[]): string | null => {
      if (above.includes(path)) return [...above.slice(above.indexOf(path)), path].join(' -> ')
      if (done.has(path)) return null
      const found = (graph.get(path) ?? []).map(to => circleFrom(to, [...above, path])).find(circle => circle !== null)
      done.add(path)
      return found ?? null
    }
    expect([...graph.keys()].map(path => circleFrom(path, [])).filter(circle => circle !== null)).toEqual([])
  })
  test('is the one that src/README.md states', () => {
    const readme = readFileSync(join(ROOT, 'src/README.md'), 'utf8')
    for (const [room, allowed] of Object.entries(LAW)) {
      const row = `| \`${room}\` | ${allowed.length === 0 ? 'nothing' : allowed.map(name => `\`${name}\``).join(', ')} |`
      expect(readme).toContain(row)
    }
  })
})

describe('words stay at home', () => {
  test.each(HOMES)('$word: $rooms', ({ word, rooms }) => {
    const astray = sources.filter(
      ({ path, code }) => word.test(code) && !rooms.some(room => path.startsWith(`src/${room}`) || path.startsWith(`${room}/`)),
    )
    expect(astray.map(({ path }) => path)).toEqual([])
  })
})

describe('nothing is dead or left over', () => {
  test('every file is reached from an entry point', () => {
    const reached = new Set<string>()
    const visit = (path: string): void => {
      if (reached.has(path)) return
      reached.add(path)
      const source = sources.find(one => one.path === path)
      for (const to of [...(source?.imports ?? []), ...(source?.starts ?? [])]) visit(to)
    }
    for (const { path } of sources) if (/^(src\/cli\/main|src\/index|workers\/.*|bench\/.*)\.ts$/.test(path)) visit(path)
    expect([...everyPath].filter(path => !reached.has(path) && !AHEAD.includes(path))).toEqual([])
    expect([...reached].filter(path => !everyPath.has(path))).toEqual([])
  })

  test('every exported value is used by another file or a test', () => {
    const exported = sources
      .filter(({ path }) => path !== 'src/index.ts')
      .flatMap(({ path, code }) =>
        [...code.matchAll(/^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm)].map(([, name]) => ({ path, name })),
      )
    const used = ({ path, name }: { path: string; name: string }): boolean =>
      [...sources, ...tests].some(other => other.path !== path && new RegExp(`\\b${name}\\b`).test(other.code))
    const unused = exported.filter(one => !used(one)).map(({ path, name }) => `${path}: ${name}`)
    expect(unused).toEqual([])
  })

  test('no barrel, no default export, no file of more than 300 lines, nothing put off', () => {
    const faults = [...sources, ...tests].flatMap(({ path, text, code }) => {
      const statements = code.split('\n').filter(line => line.trim() !== '')
      const isBarrel = path !== 'src/index.ts' && statements.length > 0 && statements.every(line => /^export .* from /.test(line))
      return [
        isBarrel ? 'only passes on what others export' : '',
        /^export default\b/m.test(code) ? 'has a default export' : '',
        text.split('\n').length - 1 > 300 ? `has ${text.split('\n').length - 1} lines` : '',
        /\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b/.test(text) ? 'puts something off' : '',
        path.startsWith('test') || /^(#!.*\n)?(\/\/|\/\*)/.test(text) ? '' : 'does not open with what it is',
      ].flatMap(fault => (fault === '' ? [] : [`${path} ${fault}`]))
    })
    expect(faults).toEqual([])
  })

  test('every scenario loads, form and meaning', () => {
    for (const path of filesBelow('scenarios', '.yaml')) {
      const load = path.includes('studies') ? loadStudy : loadScenario
      expect(() => load(join(ROOT, path))).not.toThrow()
    }
  })

  test('every relative link of the documents leads somewhere', () => {
    const documents = ['README.md', 'CHANGELOG.md', 'src/README.md', ...filesBelow('docs', '.md')]
    const dead = documents.flatMap(path =>
      [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].flatMap(([, target]) =>
        existsSync(join(ROOT, dirname(path), target)) ? [] : [`${path}: ${target}`],
      ),
    )
    expect(dead).toEqual([])
  })

  test('src/README.md speaks of files that there are', () => {
    const named = [...readFileSync(join(ROOT, 'src/README.md'), 'utf8').matchAll(/`([a-z]+\/[\w./-]+\.ts)`/g)].map(([, path]) => path)
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter(path => !existsSync(join(ROOT, path.startsWith('test/') ? path : `src/${path}`)))).toEqual([])
  })

  test('the lock file names no place to download from', () => {
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toContain('"resolved"')
  })

  test('no text speaks of the machine it was written on', () => {
    const texts = [...sources, ...tests].filter(
      ({ path, text }) => path !== relative(ROOT, fileURLToPath(import.meta.url)) && text.includes(['', 'work', ''].join('/')),
    )
    expect(texts.map(({ path }) => path)).toEqual([])
  })
})
