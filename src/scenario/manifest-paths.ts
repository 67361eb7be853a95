// From a path of the scenario to the path of the same value in the Kubernetes object it came from, so that a mistake is shown at its line.
type Path = readonly (string | number)[]

/** Keys of our parts and where they stand in the object; what is not listed is the object as a whole. */
const WORKLOAD: Readonly<Record<string, Path>> = {
  name: ['metadata', 'name'],
  namespace: ['metadata', 'namespace'],
  replicas: ['spec', 'replicas'],
  labels: ['spec', 'template', 'metadata', 'labels'],
  ports: ['spec', 'template', 'spec', 'containers', 0, 'ports'],
  hostNetwork: ['spec', 'template', 'spec', 'hostNetwork'],
}
const SERVICE: Readonly<Record<string, Path>> = {
  name: ['metadata', 'name'],
  namespace: ['metadata', 'namespace'],
  clusterIp: ['spec', 'clusterIP'],
  loadBalancerIp: ['spec', 'loadBalancerIP'],
  sessionAffinityTimeout: ['spec', 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds'],
}
const NAMESPACE: Readonly<Record<string, Path>> = { name: ['metadata', 'name'], labels: ['metadata', 'labels'] }
const NODE: Readonly<Record<string, Path>> = {
  name: ['metadata', 'name'],
  address: ['status', 'addresses'],
  podCidr: ['spec', 'podCIDR'],
}

export function objectPath(path: Path): Path {
  const [list, , key, ...rest] = path
  switch (list) {
    case 'workloads':
      return renamed(WORKLOAD, key, rest) ?? ['metadata', 'name']
    case 'services':
      return renamed(SERVICE, key, rest) ?? (key === undefined ? ['metadata', 'name'] : ['spec', key, ...rest])
    case 'namespaces':
      return renamed(NAMESPACE, key, rest) ?? ['metadata', 'name']
    case 'networkPolicies':
      return key === undefined ? ['metadata', 'name'] : [key, ...rest]
    default:
      return renamed(NODE, path[5], path.slice(6)) ?? ['metadata', 'name']
  }
}

const renamed = (keys: Readonly<Record<string, Path>>, key: string | number | undefined, rest: Path): Path | null =>
  typeof key === 'string' && Object.hasOwn(keys, key) ? [...keys[key], ...rest] : null
