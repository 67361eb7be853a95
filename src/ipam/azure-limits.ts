// Numbers of Azure that are limits or rules, each with the page it stands on. Admission, the plan and the tables of resources all read
// them here, so that nobody has a number of his own. Pages are named by their title or file in the Microsoft documentation.

export const AZURE = {
  // ---- cluster (concepts-network-azure-cni-overlay; "AKS quotas", container-service-limits) ----
  nodesPerCluster: 5_000,
  nodesPerPool: 1_000,
  poolsPerCluster: 100,
  /** "Best practices for large workloads" says 200,000; "Plan pod networking" says 250,000. The lower one, and only as a warning. */
  podsPerCluster: 200_000,
  podsPerNode: 250,
  /** Least maxPods, and what a pool must be able to hold in all: 10 needs three nodes ("IP address planning"). */
  leastMaxPods: 10,
  leastPoolPods: 30,
  // ---- defaults of maxPods ("IP address planning"; for pod subnets "Plan pod networking" says 110, "Dynamic IP allocation" 250) ----
  defaultMaxPods: { overlay: 250, nodeSubnet: 30, podSubnetDynamic: 250, podSubnetStatic: 250, kubenet: 110 },
  /** Surge of an upgrade where none is set: what `az aks show` prints. Some pages say 1 ("Upgrade AKS node pools rolling"). */
  defaultMaxSurge: '10%',
  // ---- VNet ("Azure networking limits"; "Virtual network FAQ") ----
  reservedPerSubnet: 5,
  smallestSubnetPrefix: 29,
  largestSubnetPrefix: 8,
  subnetsPerVnet: 3_000,
  peeringsPerVnet: 500,
  addressesPerVnet: 65_536,
  addressesPerPeeredVnets: 128_000,
  // ---- overlay and kubenet: the block of a node ("Azure CNI Overlay": /24, cannot be changed) ----
  blockPrefix: 24,
  blockSize: 256,
  // ---- kubenet ("Configure kubenet": 400, the routes of a table) ----
  kubenetNodes: 400,
  // ---- pod subnet, dynamic ("Azure CNI pod subnet"; azure-container-networking, docs/feature/ipammath) ----
  /** Addresses that a node asks for at a time. */
  podBatch: 16,
  /** Share of a batch that is to be free: below 8 a node asks for more, at 24 and above it gives back. */
  podBuffer: 0.5,
  // ---- pod subnet, static ("Azure CNI static block allocation"): blocks of /28, one address of each node's reserved ----
  podBlockPrefix: 28,
  podBlockSize: 16,
  reservedPerStaticNode: 1,
  /** Largest pod subnet of static blocks. */
  largestStaticPrefix: 12,
  // ---- Services ("IP address planning"): the range must be smaller than this ----
  serviceCidrPrefix: 12,
} as const
