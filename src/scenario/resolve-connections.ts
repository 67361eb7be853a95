// `connections:` from text to numbers: times in ns, lengths in bytes.
import type { Distribution } from '../base/distribution.js'
import { amountOf, type CompleteDocument } from './complete.js'
import type { ConnectionTraffic } from './model-connections.js'

type Connections = NonNullable<CompleteDocument['traffic'][number]['connections']>
type Given = Connections['hold'] | Connections['request']

/** What an entry's `connections:` says. */
export function connectionsOf(
  given: Connections,
): Omit<ConnectionTraffic, 'kind' | 'name' | 'protocol' | 'from' | 'to' | 'port' | 'arrivals' | 'startNs' | 'stopNs'> {
  const { keepAlive } = given
  return {
    rate: amountOf(given.rate, 'frequency'),
    hold: distributionOf(given.hold ?? '0s', 'time'),
    request: distributionOf(given.request, 'size'),
    response: distributionOf(given.response, 'size'),
    close: given.close ?? 'fin',
    keepAlive: keepAlive === undefined ? null : { pool: keepAlive.pool, requests: keepAlive.requests ?? null },
    server: given.server,
    synRetries: given.synRetries,
    synLinearTimeouts: given.synLinearTimeouts,
    dataRetries: given.dataRetries,
    timeoutNs: amountOf(given.timeout ?? '5s', 'time'),
  }
}

function distributionOf(given: NonNullable<Given>, dimension: 'time' | 'size'): Distribution {
  const amount = (value: number | string): number => amountOf(value, dimension)
  if (typeof given !== 'object') return { kind: 'constant', value: amount(given) }
  switch (given.kind) {
    case 'constant':
      return { kind: 'constant', value: amount(given.value) }
    case 'uniform':
      return { kind: 'uniform', least: amount(given.least), most: amount(given.most) }
    case 'exponential':
      return { kind: 'exponential', mean: amount(given.mean), least: amount(given.least), most: amount(given.most) }
    case 'lognormal':
      return { kind: 'lognormal', median: amount(given.median), sigma: given.sigma, least: 0, most: amount(given.most) }
    case 'pareto':
      return { kind: 'pareto', scale: amount(given.scale), shape: given.shape, most: amount(given.most) }
    case 'empirical':
      return { kind: 'empirical', values: given.values.map(({ value, weight }) => ({ value: amount(value), weight })) }
  }
}
