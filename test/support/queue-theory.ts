// Exact figures of a single link with Poisson arrivals: Pollaczek-Khinchine for the mean wait, and the loss of a link that holds K packets,
// from the chain embedded at departures (Takács; Gross and Harris, Fundamentals of Queueing Theory, 5.1.7). Services are discrete here,
// because packets are whole bytes.

/** Probability by service time, ns. */
export type Services = readonly { readonly ns: number; readonly share: number }[]

const moment = (services: Services, power: number): number => services.reduce((sum, { ns, share }) => sum + share * ns ** power, 0)

export const meanOf = (services: Services): number => moment(services, 1)

/** Mean wait in ns at load `rho`. */
export const meanWait = (services: Services, rho: number): number => ((rho / meanOf(services)) * moment(services, 2)) / (2 * (1 - rho))

/** Share of packets that find `capacity` packets in the link, the one being sent included. */
export function lossOf(services: Services, rho: number, capacity: number): number {
  const rate = rho / meanOf(services)
  const arrivals = arrivalsDuringService(services, rate, capacity)
  // Left behind by a departing packet, unnormalised: each state's weight follows from those below it.
  const left = [1]
  for (let k = 0; k < capacity - 1; k++) {
    let next = left[k] - arrivals[k] * left[0]
    for (let i = 1; i <= k; i++) next -= left[i] * arrivals[k - i + 1]
    left.push(next / arrivals[0])
  }
  const empty = 1 / left.reduce((sum, weight) => sum + weight, 0)
  return 1 - 1 / (empty + rho)
}

/** Probability of j arrivals during one service, j < count. */
function arrivalsDuringService(services: Services, rate: number, count: number): number[] {
  const arrivals = new Array<number>(count).fill(0)
  for (const { ns, share } of services) {
    let poisson = share * Math.exp(-rate * ns)
    for (let j = 0; j < count; j++) {
      arrivals[j] += poisson
      poisson *= (rate * ns) / (j + 1)
    }
  }
  return arrivals
}
