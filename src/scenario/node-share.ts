// "3" or "33%" of a pool's nodes, as `az aks nodepool` writes surge and unavailability. A percentage is of the pool's size at that moment
// and rounded up (page "Upgrade AKS node pools rolling").

export type NodeShare = { readonly kind: 'nodes'; readonly nodes: number } | { readonly kind: 'percent'; readonly percent: number }

/** Reads 5, "5" or "33%"; null for anything else. */
export function parseNodeShare(given: string | number): NodeShare | null {
  const match = /^(\d{1,9})(%?)$/.exec(String(given).trim())
  if (match === null) return null
  const value = Number(match[1])
  if (match[2] === '') return { kind: 'nodes', nodes: value }
  return value <= 100 ? { kind: 'percent', percent: value } : null
}

/** Nodes that the share is of a pool of `count`. */
export const nodesOf = (share: NodeShare, count: number): number =>
  share.kind === 'nodes' ? share.nodes : Math.ceil((count * share.percent) / 100)
