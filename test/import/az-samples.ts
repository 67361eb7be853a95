// The shapes in which Azure prints a cluster, made after outputs of several years: the CLI's with nulls and its own capitals, ARM's with
// `properties`. Names and ids are ours.
const SUB = '/subscriptions/00000000-0000-4000-a000-000000000000/resourceGroups'
export const subnetId = (name: string): string => `${SUB}/rg-net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/${name}`
const ipId = (name: string): string => `${SUB}/MC_rg_demo_westeurope/providers/Microsoft.Network/publicIPAddresses/${name}`

const noise = {
  aadProfile: null,
  addonProfiles: { azurepolicy: { config: null, enabled: true } },
  currentKubernetesVersion: '1.33.6',
  fqdn: 'demo-dns-1234.hcp.westeurope.azmk8s.io',
  identity: { type: 'SystemAssigned' },
  nodeResourceGroup: 'MC_rg_demo_westeurope',
}

/** An overlay cluster as `az aks show -o json` prints it. */
export const CLI_OVERLAY = {
  ...noise,
  agentPoolProfiles: [
    {
      availabilityZones: ['1', '2'],
      count: 3,
      enableAutoScaling: true,
      enableNodePublicIp: false,
      maxCount: 9,
      maxPods: 250,
      minCount: 1,
      mode: 'System',
      name: 'nodepool1',
      networkProfile: null,
      nodeLabels: null,
      osDiskSizeGb: 128,
      osSku: 'Ubuntu',
      osType: 'Linux',
      podIpAllocationMode: null,
      podSubnetId: null,
      type: 'VirtualMachineScaleSets',
      upgradeSettings: { drainTimeoutInMinutes: null, maxSurge: '33%', maxUnavailable: '0', undrainableNodeBehavior: null },
      vmSize: 'Standard_D4s_v5',
      vnetSubnetId: subnetId('nodes'),
    },
  ],
  autoScalerProfile: null,
  location: 'westeurope',
  name: 'demo',
  networkProfile: {
    dnsServiceIp: '10.0.0.10',
    ipFamilies: ['IPv4'],
    loadBalancerProfile: {
      allocatedOutboundPorts: null,
      backendPoolType: 'nodeIPConfiguration',
      effectiveOutboundIPs: [{ id: ipId('a'), resourceGroup: 'MC_rg_demo_westeurope' }],
      enableMultipleStandardLoadBalancers: null,
      idleTimeoutInMinutes: null,
      managedOutboundIPs: { count: 1, countIpv6: null },
      outboundIPs: null,
      outboundIpPrefixes: null,
    },
    loadBalancerSku: 'standard',
    natGatewayProfile: null,
    networkDataplane: 'azure',
    networkMode: null,
    networkPlugin: 'azure',
    networkPluginMode: 'overlay',
    networkPolicy: 'none',
    outboundType: 'loadBalancer',
    podCidr: '10.244.0.0/16',
    podCidrs: ['10.244.0.0/16'],
    serviceCidr: '10.0.0.0/16',
    serviceCidrs: ['10.0.0.0/16'],
    staticEgressGatewayProfile: null,
  },
}

/** The same cluster as ARM gives it: under properties, without nulls, other capitals. */
export const ARM_OVERLAY = {
  id: `${SUB}/rg/providers/Microsoft.ContainerService/managedClusters/demo`,
  location: 'westeurope',
  name: 'demo',
  type: 'Microsoft.ContainerService/ManagedClusters',
  properties: {
    provisioningState: 'Succeeded',
    agentPoolProfiles: [
      {
        name: 'nodepool1',
        count: 3,
        vmSize: 'Standard_D4s_v5',
        osDiskSizeGB: 128,
        vnetSubnetID: subnetId('nodes'),
        maxPods: 250,
        type: 'VirtualMachineScaleSets',
        availabilityZones: ['1', '2'],
        maxCount: 9,
        minCount: 1,
        enableAutoScaling: true,
        mode: 'System',
        osType: 'Linux',
        osSKU: 'Ubuntu',
        upgradeSettings: { maxSurge: '33%', maxUnavailable: '0' },
      },
    ],
    networkProfile: {
      networkPlugin: 'azure',
      networkPluginMode: 'overlay',
      networkDataplane: 'azure',
      loadBalancerSku: 'standard',
      loadBalancerProfile: {
        managedOutboundIPs: { count: 1 },
        effectiveOutboundIPs: [{ id: ipId('a'), resourceGroup: 'MC_rg_demo_westeurope' }],
        backendPoolType: 'nodeIPConfiguration',
      },
      podCidr: '10.244.0.0/16',
      serviceCidr: '10.0.0.0/16',
      dnsServiceIP: '10.0.0.10',
      outboundType: 'loadBalancer',
      podCidrs: ['10.244.0.0/16'],
      serviceCidrs: ['10.0.0.0/16'],
      ipFamilies: ['IPv4'],
    },
  },
}

/** An old kubenet cluster: no mode, no pod range, a Docker bridge. */
export const OLD_KUBENET = {
  ...noise,
  agentPoolProfiles: [{ count: 2, maxPods: 110, name: 'np', osType: 'Linux', vmSize: 'Standard_DS2_v2', vnetSubnetId: null }],
  name: 'old',
  networkProfile: {
    dnsServiceIP: '10.0.0.10',
    dockerBridgeCidr: '172.17.0.1/16',
    loadBalancerProfile: {
      allocatedOutboundPorts: null,
      effectiveOutboundIps: [{ id: ipId('b') }],
      managedOutboundIps: { count: 1 },
      outboundIps: null,
    },
    loadBalancerSku: 'Standard',
    networkMode: null,
    networkPlugin: 'kubenet',
    networkPolicy: null,
    outboundType: 'loadBalancer',
    podCidr: null,
    serviceCidr: '10.0.0.0/16',
  },
}

const member = (id: string) => ({ id, privateIpAddress: null, resourceGroup: 'rg' })
const machine = (pool: string, i: number, config: string): string =>
  `${SUB}/MC_rg_demo_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-${pool}-31718369-vmss/virtualMachines/${i}/networkInterfaces/nic/ipConfigurations/${config}`

/** `az network vnet subnet list -o json`: the subnet of the nodes with three other tenants, and one nobody uses. */
export const SUBNETS = [
  {
    addressPrefix: '10.224.0.0/20',
    defaultOutboundAccess: false,
    delegations: [],
    id: subnetId('nodes'),
    ipConfigurations: [
      member(machine('nodepool1', 0, 'ipconfig1')),
      member(machine('nodepool1', 1, 'ipconfig1')),
      member(machine('nodepool1', 2, 'ipconfig1')),
      member(`${SUB}/rg/providers/Microsoft.Network/networkInterfaces/vm1/ipConfigurations/ipconfig1`),
      member(`${SUB}/rg/providers/Microsoft.Network/networkInterfaces/endpoint.nic/ipConfigurations/privateEndpointIpConfig`),
      member(`${SUB}/MC_rg_demo_westeurope/providers/Microsoft.Network/loadBalancers/kubernetes-internal/frontendIPConfigurations/abc`),
    ],
    name: 'nodes',
    networkSecurityGroup: null,
    privateEndpointNetworkPolicies: 'Disabled',
    resourceGroup: 'rg-net',
    routeTable: null,
  },
  { addressPrefix: null, addressPrefixes: ['10.225.0.0/16'], id: subnetId('pods'), name: 'pods', ipConfigurations: null },
]

/** The same as ARM gives it. */
export const ARM_SUBNETS = {
  value: SUBNETS.map(({ id, name, ...properties }) => ({ id, name, properties, etag: 'W/"1"' })),
}
