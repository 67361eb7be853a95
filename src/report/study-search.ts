// How a study's limits were found: for each combination and seed the values that were looked at, in their order, and whether they held.
import { count } from '../base/units.js'
import type { CombinationResult, LookedAt, StudySummary } from '../study/summary.js'
import { table, text } from './html.js'

const OUTCOMES: Readonly<Record<NonNullable<CombinationResult['search']>['outcome'], string>> = {
  limit: 'a limit',
  allHold: 'every value holds',
  noneHolds: 'no value holds',
  failed: 'a point failed',
}

export function searchLog({ find, combinations, seeds }: StudySummary): string {
  if (find === null) return ''
  const rows = combinations.flatMap(({ labels, search }) => {
    if (search === undefined) return []
    const told = search.limits.map((limit, seed) => [
      ...[labels.join(', '), ...(seeds > 1 ? [String(seed + 1)] : []), limit === null ? 'none' : String(limit), OUTCOMES[search.outcome]],
      search.looked?.[seed] === undefined ? 'not kept' : count(search.looked[seed].length),
      path(search.looked?.[seed] ?? []),
    ])
    return told
  })
  if (rows.length === 0) return ''
  const head = [
    'combination',
    ...(seeds > 1 ? ['seed'] : []),
    find.want === 'largest' ? 'largest that holds' : 'smallest that holds',
    'outcome',
    'looked at',
    'in this order',
  ]
  const odd = combinations.filter(({ search }) => search?.monotone === false)
  const warning =
    odd.length === 0
      ? '<p>All that was looked at agrees with there being one limit in each.</p>'
      : `<p class="bad">Not one limit: ${odd.map(({ labels, search }) => `<b>${text(labels.join(', '))}</b> (${text(search!.exceptions.join(', '))})`).join('; ')}.</p>`
  return `<p>Both ends first, then halving, then a look to both sides. + holds, − does not.</p>${warning}<div class="scroll tall">${table([head, ...rows], { words: [head.length - 3, head.length - 1] })}</div>`
}

const path = (looked: readonly LookedAt[]): string =>
  looked.map(({ value, holds }) => `${value} ${holds === null ? 'failed' : holds ? '+' : '−'}`).join(', ')
