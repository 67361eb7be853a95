// The scenario file as a whole. Defaults that are plain values stand here; those that depend on other values are in `complete.ts`.
// The JSON Schema that editors use is generated from this one description, so the two cannot differ.
import { z } from 'zod'
import { time } from './fields.js'
import { cluster, vnet } from './schema-cluster.js'
import { fabric } from './schema-fabric.js'
import { namespace, networkPolicy } from './schema-policies.js'
import { service } from './schema-services.js'
import { timelineEvent } from './schema-timeline.js'
import { capture, endpoint, traffic, workload } from './schema-traffic.js'

export const scenarioSchema = z.strictObject({
  $schema: z.string().optional(),
  apiVersion: z.literal('vxlane/v1').describe('Version of this format.'),
  name: z.string().min(1).default('unnamed'),
  description: z.string().default('').describe('What the reader should look for.'),
  seed: z.int().min(0).default(1).describe('Seed of every random draw.'),
  duration: time({ min: 1 }).default('10s').describe('Virtual time that is simulated.'),
  vnet: vnet.prefault({}).describe('The virtual network.'),
  cluster: cluster.prefault({}).describe('The networking part of `az aks show -o json`.'),
  fabric: fabric.prefault({}).describe('What Azure does not publish.'),
  workloads: z.array(workload).default([]),
  services: z.array(service).default([]).describe('Kubernetes Services. kube-system/kube-dns exists by itself, at dnsServiceIp.'),
  namespaces: z.array(namespace).default([]).describe('Labels of namespaces. One that is named nowhere but in a workload exists too.'),
  networkPolicies: z.array(networkPolicy).default([]).describe('As `kubectl get networkpolicies -A -o yaml` prints them.'),
  manifests: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Files of Kubernetes objects, or folders of them, relative to this file: what is in them counts as if it stood here. Deployment, StatefulSet, DaemonSet, Job, Pod, Service, NetworkPolicy, Namespace, Node, List.',
    ),
  endpoints: z.array(endpoint).default([]).describe('What lives outside the cluster.'),
  traffic: z.array(traffic).default([]),
  timeline: z.array(timelineEvent).default([]).describe('What happens at stated moments: scaling, upgrades, losses.'),
  capture: z.array(capture).default([]),
  assert: z.array(z.string()).default([]).describe('What this scenario claims; a false one ends the run with exit code 3.'),
})

/** A checked document: the file's own text forms, plain defaults filled in. */
export type ScenarioDocument = z.output<typeof scenarioSchema>

/** Keys that Azure's own outputs spell in two ways. The loader takes any letter case; an editor must be told. */
const SPELLINGS: Readonly<Record<string, string>> = {
  dnsServiceIp: 'dnsServiceIP',
  vnetSubnetId: 'vnetSubnetID',
  podSubnetId: 'podSubnetID',
  podIpAllocationMode: 'podIPAllocationMode',
  managedOutboundIPs: 'managedOutboundIps',
  managedOutboundIpProfile: 'managedOutboundIPProfile',
  effectiveOutboundIPs: 'effectiveOutboundIps',
  outboundIPs: 'outboundIps',
  outboundIPPrefixes: 'outboundIpPrefixes',
  osSku: 'osSKU',
}

/** The same JSON Schema with both spellings of such keys. */
function withSpellings(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map(withSpellings)
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withSpellings(value)]))
  if (typeof copy.properties !== 'object' || copy.properties === null) return copy
  const properties = Object.entries(copy.properties).flatMap(([key, value]) =>
    Object.hasOwn(SPELLINGS, key)
      ? [
          [key, value],
          [SPELLINGS[key], value],
        ]
      : [[key, value]],
  )
  return { ...copy, properties: Object.fromEntries(properties) }
}

/** JSON Schema of scenario files, for editors. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const generated = z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' })
  return { ...(withSpellings(generated) as object), title: 'vxlane scenario' }
}
