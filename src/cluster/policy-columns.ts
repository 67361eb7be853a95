// Compiled policies in the image: the lengths of their columns, the columns, the parameters.
import type { ImageColumns } from '../image/image.js'
import type { Params } from '../image/params.js'
import type { Scenario } from '../scenario/model.js'
import type { CompiledPolicies } from './policy-compile.js'

export const policyLengths = (compiled: CompiledPolicies | null) => ({
  policyEpochNs: compiled?.epochNs.length ?? 0,
  policyPodIdentity: compiled?.podIdentity.length ?? 0,
  policyPrograms: compiled?.programs.length ?? 0,
  policyFirst: compiled?.first.length ?? 0,
  policyPort: compiled?.port.length ?? 0,
  policyRow: compiled?.row.length ?? 0,
  policyBits: compiled?.bits.length ?? 0,
  policyFib: compiled?.fib.length ?? 0,
})

export function fillPolicies(columns: ImageColumns, compiled: CompiledPolicies): void {
  columns.policyEpochNs.set(compiled.epochNs)
  columns.policyPodIdentity.set(compiled.podIdentity)
  columns.policyPrograms.set(compiled.programs)
  columns.policyFirst.set(compiled.first)
  columns.policyPort.set(compiled.port)
  columns.policyRow.set(compiled.row)
  columns.policyBits.set(compiled.bits)
  columns.policyFib.set(compiled.fib)
}

type PolicyParams = Pick<Params, 'policies' | 'policyIdentities' | 'policyWidth' | 'policyRecheck'>

export const policyParams = ({ cluster }: Scenario, compiled: CompiledPolicies | null): PolicyParams => ({
  policies: compiled !== null,
  policyIdentities: compiled?.identities ?? 0,
  policyWidth: compiled?.width ?? 0,
  policyRecheck: cluster.networkProfile.networkPolicy === 'cilium' && (compiled?.epochNs.length ?? 0) > 1,
})
