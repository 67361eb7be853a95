// Shape of `namespaces` and `networkPolicies`. A policy stands here as `kubectl get networkpolicy -o yaml` prints it and is judged as the API
// server judges it (pkg/apis/networking/validation/validation.go), so that what runs here could be applied there.
import { z } from 'zod'
import { name, refuse } from './fields.js'
import { type Block, isLabelKey, isLabelValue, isPortName, isStrictlyWithin, parseBlock } from './policy-rules.js'

const LABEL_HINT = 'use letters, digits, "-", "_" and ".", with a letter or digit at both ends, at most 63 of them'

const labelKey = () =>
  z.string().superRefine((key, ctx) => {
    if (!isLabelKey(key))
      refuse(ctx, 'InvalidLabel', `"${key}" is not the key of a label`, `${LABEL_HINT}; a DNS name and "/" may stand before`)
  })

const labelValue = () =>
  z.string().superRefine((value, ctx) => {
    if (!isLabelValue(value)) refuse(ctx, 'InvalidLabel', `"${value}" is not the value of a label`, LABEL_HINT)
  })

/** A key without a value (`team:`) is a label with an empty value, not a missing one. */
const labels = () => z.record(labelKey(), labelValue().nullable())

const requirement = z
  .strictObject({
    key: labelKey(),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
    values: z.array(labelValue()).optional(),
  })
  .superRefine(({ operator, values = [] }, ctx) => {
    const isSet = operator === 'In' || operator === 'NotIn'
    if (isSet && values.length === 0) refuse(ctx, 'InvalidSelector', `${operator} needs values`, 'add values, or use Exists')
    if (!isSet && values.length > 0) refuse(ctx, 'InvalidSelector', `${operator} takes no values`, 'take values out, or use In')
  })

const selector = z.strictObject({
  matchLabels: labels().optional().describe('Every one of these labels.'),
  matchExpressions: z.array(requirement).optional().describe('Every one of these holds. NotIn also holds where the key is missing.'),
})

const block = () =>
  z.string().superRefine((text, ctx) => {
    if (parseBlock(text) === null) refuse(ctx, 'BadCidr', `"${text}" is not an address range`, 'write address/length, as in 10.0.0.0/8')
  })

const ipBlock = z
  .strictObject({ cidr: block(), except: z.array(block()).optional().describe('Parts of cidr that are left out.') })
  .superRefine(({ cidr, except = [] }, ctx) => {
    const whole = parseBlock(cidr)
    if (whole) for (const text of except) checkExcept(ctx, text, parseBlock(text), cidr, whole)
  })

function checkExcept(ctx: Parameters<typeof refuse>[0], text: string, part: Block | null, cidr: string, whole: Block): void {
  if (part && !isStrictlyWithin(part, whole))
    refuse(ctx, 'InvalidIpBlock', `${text} is excepted but is no smaller part of ${cidr}`, 'take it out, or widen cidr')
}

const peer = z
  .strictObject({
    podSelector: selector.optional().describe("Pods of the policy's own namespace, or with namespaceSelector of those namespaces."),
    namespaceSelector: selector.optional().describe('All pods of these namespaces, or with podSelector some of them.'),
    ipBlock: ipBlock.optional(),
  })
  .superRefine(({ podSelector, namespaceSelector, ipBlock: range }, ctx) => {
    if (range && (podSelector || namespaceSelector)) refuse(ctx, 'InvalidPeer', 'ipBlock stands beside a selector', 'make two peers of it')
    if (!range && !podSelector && !namespaceSelector)
      refuse(ctx, 'InvalidPeer', 'this peer says nobody', 'write podSelector, namespaceSelector or ipBlock; {} inside selects all')
  })

const policyPort = z
  .strictObject({
    protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional().describe('TCP by default.'),
    port: z.union([z.number(), z.string()]).optional().describe('Number, or name of a container port of the receiving pod; absent: all.'),
    endPort: z.int().optional().describe('Last port of a range that begins at `port`.'),
  })
  .superRefine(({ port, endPort }, ctx) => checkPort(ctx, port, endPort))

function checkPort(ctx: Parameters<typeof refuse>[0], port: number | string | undefined, endPort: number | undefined): void {
  const isPort = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65535
  if (typeof port === 'number' && !isPort(port)) refuse(ctx, 'InvalidPort', `${port} is not a port`, 'write 1 to 65535')
  if (typeof port === 'string' && !isPortName(port))
    refuse(
      ctx,
      'InvalidPort',
      `"${port}" is not the name of a port`,
      'at most 15 of a-z, 0-9 and "-", a letter among them; numbers without quotes',
    )
  if (endPort === undefined) return
  if (typeof port !== 'number') refuse(ctx, 'InvalidPort', 'endPort needs a port by number', 'add the first port of the range')
  else if (endPort < port || !isPort(endPort))
    refuse(ctx, 'InvalidPort', `${endPort} cannot end a range from ${port}`, `write ${port} to 65535`)
}

// A bare "-" in YAML is null, which the API server reads as an empty object: an empty rule allows everything.
const ports = z.array(policyPort.nullable()).optional().describe('Absent or empty: all ports of all protocols.')
const ingress = z.strictObject({ from: z.array(peer).optional().describe('Absent or empty: everybody.'), ports }).nullable()
const egress = z.strictObject({ to: z.array(peer).optional().describe('Absent or empty: everybody.'), ports }).nullable()

export const networkPolicy = z.strictObject({
  apiVersion: z.literal('networking.k8s.io/v1').optional(),
  kind: z.literal('NetworkPolicy').optional(),
  metadata: z.looseObject({
    name: name(),
    namespace: name().default('default'),
  }),
  spec: z
    .strictObject({
      podSelector: selector.default({}).describe('Pods of this namespace that the policy isolates; {} is all of them.'),
      policyTypes: z
        .array(z.enum(['Ingress', 'Egress']))
        .max(2)
        .optional()
        .describe('Directions that are isolated. By default Ingress, and Egress if there are egress rules.'),
      ingress: z.array(ingress).optional(),
      egress: z.array(egress).optional(),
    })
    .prefault({}),
  status: z.unknown().optional(),
})

export const namespace = z.strictObject({
  name: name(),
  labels: labels().default({}).describe('kubernetes.io/metadata.name is always there, as in Kubernetes.'),
})
