// Which node pool a node belongs to: AKS labels it; the name of its scale set says it too.
import type { KubeNode } from './cluster-facts.js'

const VMSS_NAME = /^aks-([a-z0-9]+)-\d+-vmss[0-9a-z]{6}$/

export const poolOfNode = ({ labels, name }: Pick<KubeNode, 'labels' | 'name'>): string | null =>
  labels['kubernetes.azure.com/agentpool'] ?? labels.agentpool ?? VMSS_NAME.exec(name)?.[1] ?? null
