// The five ways in which AKS gives addresses to nodes and pods. One word for each, which everybody asks: the control plane decides by it
// what is handed out and what is refused, the data plane what is routed and what is masqueraded.

export const ADDRESSING_MODES = ['overlay', 'nodeSubnet', 'podSubnetDynamic', 'podSubnetStatic', 'kubenet'] as const

export type AddressingMode = (typeof ADDRESSING_MODES)[number]

/** Pods have addresses of the VNet itself: no pod CIDR, no blocks, no tunnel. */
export const isFlat = (mode: AddressingMode): boolean => mode !== 'overlay' && mode !== 'kubenet'

/** Pods have addresses of a subnet of their own. */
export const hasPodSubnet = (mode: AddressingMode): boolean => mode === 'podSubnetDynamic' || mode === 'podSubnetStatic'
