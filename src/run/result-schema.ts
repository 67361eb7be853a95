// The shape of result.json as a schema: what `vxlane schema result` prints, for programs that read results in other languages. The types
// in `result.ts` are what our own code works with; a test holds every result of a run against this schema, so the two cannot part.
import { z } from 'zod'
import { RESOURCE_NAMES } from '../cluster/resource.js'
import { FIRST_DROP, VERDICTS } from '../datapath/verdict.js'
import { FAILURES } from '../traffic/tally.js'

const count = () => z.int().min(0)
const nanoseconds = () => z.number().min(0)
const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`))

const totals = z.object({
  sent: count().describe('Every packet that a pod, endpoint or node originates, answers, ICMP errors and extra fragments included.'),
  delivered: count(),
  dropped: count(),
  inFlight: count().describe('On their way when the run ended. sent = delivered + dropped + inFlight.'),
  bytesDelivered: count().describe('IP lengths.'),
  encapsulated: count(),
  decapsulated: count(),
  masqueraded: count().describe('Packets whose source a node or the outbound device translated; one that passes both counts twice.'),
  connectionsOpened: count(),
  connectionsFailed: count(),
})

const reasons = z.object(
  Object.fromEntries(VERDICTS.slice(FIRST_DROP).map(({ name, sentence }) => [name, count().optional().describe(sentence)])),
)

const latency = z.object({
  count: count(),
  min: nanoseconds(),
  mean: nanoseconds(),
  p50: nanoseconds(),
  p90: nanoseconds(),
  p99: nanoseconds(),
  p999: nanoseconds(),
  max: nanoseconds(),
})

const reasonsOf = <Value extends z.ZodType>(value: () => Value) =>
  z.object(Object.fromEntries(FAILURES.map(name => [name, value().optional()])))
const outcomes = {
  attempts: count().describe('attempts = completed + failed + stopped + open.'),
  established: count().describe('Handshake done; for UDP, the response is there.'),
  completed: count().describe('Closed by the client after its response.'),
  failed: count(),
  stopped: count().describe('Ended with their pod.'),
  open: count().describe('Not at an end when the run was.'),
  failedByReason: reasonsOf(count),
  retransmissions: count().describe('SYNs, data and FINs sent again, by either end.'),
  requests: z.object({
    made: count(),
    answered: count(),
    failed: count().describe('Lost with their connection, or with the attempt at one.'),
  }),
  connectNs: latency
    .extend({ failed: count().describe('Connections that never were established; count has those that were.') })
    .describe('From the first SYN until established.'),
  responseNs: latency.describe('From when a connection was opened for a request, or took it up, until the response was whole.'),
}
const over = () => z.array(count())
const connections = z
  .object({
    ...outcomes,
    portsInUse: count().describe('Ephemeral ports of clients in use when the run ended, TIME_WAIT included.'),
    traffic: z.array(z.object({ name: z.string(), protocol: z.enum(['tcp', 'udp']), ...outcomes })),
    overTime: z
      .object({ attempts: over(), established: over(), completed: over(), failed: over(), failedByReason: reasonsOf(over) })
      .describe('In each interval of throughput; empty without connections.'),
  })
  .describe('What became of the connections of all traffic entries, and of each.')

const resource = z.object({
  name: z.enum(RESOURCE_NAMES),
  scope: z.string().describe('cluster, or the node or subnet that the numbers are of: the fullest one.'),
  unit: z.string(),
  capacity: count().describe('Where it changes over time: the most there was of places for pods, the latest of all else.'),
  used: count(),
  peak: count(),
  exhausted: z.boolean().describe('Something was asked for and there was none left.'),
  exhaustedAtNs: nanoseconds().nullable(),
  failures: count(),
  preChecked: count()
    .optional()
    .describe("In a cluster that changes: what Azure's own check counts for the nodes there are at the end, beside what is really used."),
  stranded: count().optional().describe('Of used: held by nodes, but neither by a pod nor for the node itself.'),
  timeline: z.array(z.tuple([nanoseconds(), count()])).describe('Pairs of virtual time in ns and use.'),
})

const event = z.object({
  atNs: nanoseconds(),
  lastNs: nanoseconds(),
  type: z.enum(['Normal', 'Warning']),
  reason: z.string().describe('As Kubernetes and Azure name it: FailedScheduling, SubnetIsFull.'),
  object: z.string(),
  message: z.string(),
  count: count(),
})

const wait = z.object({
  count: count().describe('Who got what they asked for.'),
  stillWaiting: count(),
  longestStillWaitingNs: nanoseconds(),
  meanNs: nanoseconds(),
  p50Ns: nanoseconds(),
  p99Ns: nanoseconds(),
  maxNs: nanoseconds(),
  histogram: z.object({ unit: z.literal('ms'), encoded: z.string() }).nullable(),
})
const notReadyNode = z.object({
  name: z.string(),
  pool: z.string(),
  fromNs: nanoseconds(),
  untilNs: nanoseconds().nullable().describe('null: it still is.'),
  end: z.enum(['ready', 'gone', 'stillNotReady']),
})
const spread = z.object({ nodes: count(), min: count(), p50: count(), p90: count(), p99: count(), max: count() })
const talker = z.object({
  node: z.string(),
  protocol: z.string(),
  destination: z.string().describe('Address and port, or the address alone where any port of it counts.'),
  peakPorts: count(),
  failures: count(),
})
const snat = z
  .object({
    device: z.enum(['loadBalancer', 'natGateway', 'appliance', 'none']).describe('none where no packet came to a device.'),
    publicAddresses: z.array(z.string()),
    allocatedSnatPorts: count().describe('Of a load balancer: of the node that has most. Of the others: in all.'),
    usedSnatPorts: count().describe('In use when the run ended; TCP and UDP are separate inventories, this is the larger.'),
    snatConnectionCount: z
      .object({ attempted: count(), established: count(), failed: count(), closed: count(), timedOut: count(), broken: count() })
      .describe('New flows at the device, by what became of them; of an appliance, attempted and failed only.'),
    peakPortsOfNodes: spread.describe('Most ports of a node at a time, over the nodes that used the device.'),
    topTalkers: z.array(talker).describe('At the device: refused most, then needed most; ten at most.'),
    nodeTopTalkers: z.array(talker).describe("The same of the nodes' own masquerade."),
  })
  .describe('Source ports of translated connections.')

const side = z.union([z.string(), z.number(), z.boolean(), z.null()])
const assertion = z.object({ expression: z.string(), held: z.boolean(), left: side, right: side })
const warning = z.object({ code: z.string(), message: z.string(), hint: z.string() })

const division = z
  .object({
    lookaheadNs: nanoseconds().describe('Length of a window: no event affects another process sooner.'),
    windows: count().describe('In which something happened.'),
    latenciesClamped: count(),
    shards: z.array(
      z.object({
        events: count(),
        runSeconds: z.number(),
        barrierSeconds: z.number().describe('Of that, spent waiting for the others.'),
        sentTo: z.array(count()).describe('Records handed to each shard; a replayed packet may take several.'),
      }),
    ),
    pools: z.array(
      z.object({
        pool: z.string().nullable().describe('null: gateways and endpoints.'),
        zones: z.array(z.string()).describe('As the scenario says; nothing in the model depends on them.'),
        byShard: z.array(z.object({ processes: count(), sent: count(), delivered: count(), dropped: count() })),
      }),
    ),
  })
  .describe('How the work was divided. Results of earlier versions have none.')

const performance = z
  .object({
    setupSeconds: z.number(),
    wallSeconds: z.number(),
    events: count(),
    eventsPerSecond: count(),
    packetsPerSecond: count(),
    peakRssBytes: count(),
    barrierShare: z.number(),
    division: division.optional(),
  })
  .describe('Of this machine and this run; everything but this and engine is a function of scenario and seed.')

export const resultSchema = z.object({
  schemaVersion: z.literal(1),
  kind: z.literal('run'),
  scenario: z.object({
    name: z.string(),
    hash: hex(64).describe('SHA-256 of the resolved scenario.'),
    encapsulation: z.enum(['vxlan', 'none']),
  }),
  engine: z.object({ version: z.string(), node: z.string(), workers: count().describe("0: in the caller's own thread.") }),
  seed: count(),
  simulatedNs: nanoseconds(),
  partial: z.boolean().describe("The run was interrupted before the scenario's end."),
  digest: hex(32).describe('Over everything that happened: the same for every number of workers, on every machine.'),
  checkpoints: z.array(hex(32)).describe('The digest at the end of each interval of throughput.'),
  totals,
  drops: z.object({ total: count(), byReason: reasons }),
  connections,
  latencyNs: latency.describe('Of delivered datagrams and segments of traffic entries. All but the mean to three digits.'),
  throughput: z.object({ intervalNs: nanoseconds(), packets: z.array(count()), bits: z.array(count()) }),
  overTime: z
    .object({
      intervalNs: nanoseconds(),
      latencyNs: z.object({ p50: z.array(nanoseconds()), p99: z.array(nanoseconds()) }),
      dropped: z.object(Object.fromEntries(VERDICTS.slice(FIRST_DROP).map(({ name }) => [name, z.array(count()).optional()]))),
    })
    .describe('Latency percentiles of what was delivered in each interval (0: nothing was), and drops by reason.'),
  dropSamples: z
    .array(
      z.object({
        reason: z.enum(VERDICTS.slice(FIRST_DROP).map(({ name }) => name)),
        atNs: nanoseconds(),
        at: z.string().describe('Node, appliance or endpoint.'),
        length: count().describe('Bytes of the frame.'),
        bytes: z
          .string()
          .regex(/^([0-9a-f]{2})*$/)
          .describe('The first 160 bytes at most.'),
        text: z.string().describe('The headers in one line.'),
      }),
    )
    .describe('The first frames that each reason dropped, three at most.'),
  histograms: z.object({
    latencyNs: z.object({ unit: z.literal('ns'), encoded: z.string().describe('HdrHistogram V2, compressed, base64.') }),
    connectNs: z.object({ unit: z.literal('ns'), encoded: z.string() }),
  }),
  traffic: z.array(z.object({ name: z.string(), sent: count(), delivered: count(), dropped: count(), bytesDelivered: count() })),
  resources: z.array(resource),
  events: z.array(event).describe('What happened to the cluster over time; entries of one kind and object are one, with a count.'),
  waits: z
    .object({
      node: wait.describe('Pods: for a node with room.'),
      address: wait.describe('Pods: for an address, from the node on.'),
      start: wait.describe('Pods: until they were ready, from the address on (workloads[].startup).'),
      range: wait.describe('Nodes that have registered: for a range for their pods. Meanwhile they are NotReady.'),
    })
    .nullable()
    .describe('How long pods waited, and nodes that were NotReady; null where nothing changes over time.'),
  notReadyNodes: z
    .array(notReadyNode)
    .describe('Nodes that were NotReady: 200 of those that no longer are, and all that still are at the end.'),
  snat,
  assertions: z.array(assertion),
  warnings: z.array(warning),
  performance,
})

/** JSON Schema of result.json. Later versions add fields; readers must not mind. */
export function resultJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(resultSchema, { io: 'input', target: 'draft-7' }), title: 'vxlane result' }
}
