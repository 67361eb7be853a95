// Shape of `services`: the fields of a Kubernetes Service that decide where its packets go, by their own names. Addresses and node ports
// that are left out are allocated as the API server does it.
import { z } from 'zod'
import { address, name, port, refuse, time } from './fields.js'

/** A port number, or the name of a container port. */
const targetPort = z.union([z.int().min(1).max(65535), z.string().min(1)])

const servicePort = z.strictObject({
  name: z.string().min(1).optional().describe('Needed where there are several ports.'),
  port: port().describe('The port that clients see.'),
  targetPort: targetPort.optional().describe('Port of the pods, by number or by the name of a container port; `port` if absent.'),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
  nodePort: port().optional().describe('Port on every node (NodePort, LoadBalancer); allocated from 30000-32767 if absent.'),
})

const serviceEndpoint = z.strictObject({
  address: address(),
  port: port().optional().describe("The Service's targetPort, or port, if absent."),
  ready: z.boolean().default(true),
})

export const service = z.strictObject({
  namespace: name().default('default'),
  name: name(),
  type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('ClusterIP'),
  clusterIp: z
    .string()
    .superRefine((text, ctx) => {
      if (text !== 'None' && !address().safeParse(text).success)
        refuse(ctx, 'BadAddress', `"${text}" is not an IPv4 address`, 'write an address inside serviceCidr, or None for a headless Service')
    })
    .optional()
    .describe('An address inside serviceCidr, or None (headless: its DNS name leads to the pods themselves); allocated if absent.'),
  selector: z.record(z.string(), z.string()).optional().describe('Labels of the pods behind it; absent: `endpoints` says who.'),
  ports: z.array(servicePort).default([]),
  sessionAffinity: z.enum(['None', 'ClientIP']).default('None'),
  sessionAffinityTimeout: time({ min: 1e9, max: 86_400e9 }).default('3h').describe('How long ClientIP remembers a client.'),
  externalTrafficPolicy: z
    .enum(['Cluster', 'Local'])
    .default('Cluster')
    .describe('Cluster: any endpoint, with the source translated to the node. Local: endpoints of the node it came to, the source kept.'),
  internalTrafficPolicy: z.enum(['Cluster', 'Local']).default('Cluster').describe("Local: only endpoints of the client's own node."),
  publishNotReadyAddresses: z.boolean().default(false),
  loadBalancerIp: address().optional().describe('Frontend address of a LoadBalancer; allocated from 192.0.2.0/24 if absent.'),
  endpoints: z.array(serviceEndpoint).default([]).describe('Who is behind a Service without a selector.'),
})
