// Where a shard's time goes, out of V8's own sampling profiler: each sample is one function, each function belongs to one step of a packet's
// way. Functions that the compiler drew into others are still told apart; what the profiler cannot name is "other".
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const STEPS = [
  'event queue',
  'read ahead',
  'rings',
  'barrier',
  'slots',
  'write headers',
  'parse, forward',
  'route',
  'conntrack',
  'encapsulate',
  'decapsulate',
  'NIC',
  'record',
  'other',
] as const
export type Step = (typeof STEPS)[number]

/** First rule that a function's `file:name` matches; files as below src/. */
const RULES: readonly (readonly [RegExp, Step])[] = [
  [/^engine\/(lane|buckets|agenda|order|span-heap|kinds|steps)\b/, 'event queue'],
  [/^engine\/(rounds|shard):(run|proposal|reach|checkConservation|progress|runWindow|runShard|soloRounds)/, 'event queue'],
  [/^engine\/ahead\b/, 'read ahead'],
  [/^shm\/(ring|mesh)\b|^engine\/shard:(hand|drain|publish|transmit)/, 'rings'],
  [/^shm\/board\b|^workers\/shard:stopwatch/, 'barrier'],
  [/^shm\/packet-pool\b/, 'slots'],
  [/^traffic\/|^datapath\/stack:originate|^datapath\/express:(write|complement)\b/, 'write headers'],
  [
    /^table\/(conntrack|pulse|tuple-index)\b|^datapath\/(track|output|masquerade|express-learn)\b|^datapath\/express:(meet|knownAtSource)/,
    'conntrack',
  ],
  [/^(datapath\/(route|fabric|nsg|pod|policy)|table\/(fib|address-index|policy|nsg))\b/, 'route'],
  [/^datapath\/encap\b|^datapath\/express:(wrap|wrapAnswer|learn)\b/, 'encapsulate'],
  [/^datapath\/decap\b|^datapath\/express:(receive|learnReceived|isExpress)\b/, 'decapsulate'],
  [/^engine\/link\b/, 'NIC'],
  [/^(engine\/(ledger|drop-books|shard:finish)|observe\/|live\/)/, 'record'],
  [/^(datapath|wire)\//, 'parse, forward'],
]

export interface Share {
  /** Of all samples in the steady part of a shard's run. */
  readonly share: Readonly<Record<Step, number>>
  /** What is in "other", the largest first. */
  readonly others: readonly string[]
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly url: string; readonly functionName: string }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** `file:name` of a frame of ours, such as `engine/lane:send`; of others its bare name. */
function labelOf({ url, functionName }: Profile['nodes'][number]['callFrame']): string {
  const file = /\/dist\/(?:src\/)?(.+)\.js$/.exec(url)?.[1]
  return file === undefined ? functionName : `${file}:${functionName || '(anonymous)'}`
}

const stepOf = (label: string): Step => RULES.find(([rule]) => rule.test(label))?.[1] ?? 'other'

/** All profiles of a folder that are a shard's, `skip` of each one's samples left out: until then the code was being compiled and flows made known. */
export function sharesOf(folder: string, skip: number): Share {
  const time = new Map<string, number>()
  for (const name of readdirSync(folder)) {
    const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile
    const inShard = below(profile, 'engine/rounds:runShard')
    const labels = new Map(profile.nodes.map(node => [node.id, labelOf(node.callFrame)]))
    const mine = profile.samples.flatMap((id, i) => (inShard.has(id) ? [i] : []))
    for (const i of mine.slice(Math.floor(mine.length * skip))) {
      const label = labels.get(profile.samples[i]) ?? ''
      time.set(label, (time.get(label) ?? 0) + profile.timeDeltas[i])
    }
  }
  const total = [...time.values()].reduce((sum, us) => sum + us, 0)
  const share = Object.fromEntries(STEPS.map(step => [step, 0])) as Record<Step, number>
  for (const [label, us] of time) share[stepOf(label)] += us / total
  const others = [...time].filter(([label]) => stepOf(label) === 'other').sort((a, b) => b[1] - a[1])
  return { share, others: others.slice(0, 8).map(([label, us]) => `${label} ${((us / total) * 100).toFixed(1)}%`) }
}

/** Ids of all nodes at or below a function of this label, those of the garbage collector and the program itself included where a shard runs. */
function below({ nodes }: Profile, label: string): Set<number> {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const found = new Set<number>()
  const visit = (id: number): void => {
    found.add(id)
    for (const child of byId.get(id)?.children ?? []) visit(child)
  }
  for (const node of nodes) if (labelOf(node.callFrame) === label) visit(node.id)
  return found
}
