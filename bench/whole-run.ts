// Packets a second of wall time for a whole run: pod to pod, UDP, across nodes through VXLAN, every check on. Set-up is timed and printed
// apart; the figure is packets delivered over the seconds the shards took. One line and a digest for each case.
//   node dist/bench/whole-run.js [flows=10000,100000] [workers=1,2] [runs=5] [packets=40000000] [arrivals=constant]
import { runWhole } from './harness.js'

const options = new Map(process.argv.slice(2).map(argument => argument.split('=') as [string, string]))
const arrivals = options.get('arrivals') === 'poisson' ? 'poisson' : 'constant'
const list = (name: string, otherwise: string): number[] => (options.get(name) ?? otherwise).split(',').map(Number)

for (const flows of list('flows', '10000,100000')) {
  for (const workers of list('workers', '1,2')) {
    const [runs] = list('runs', '5')
    const [packets] = list('packets', '40000000')
    const results = []
    for (let i = 0; i < runs; i++) results.push(await runWhole({ flows, workers, packets, arrivals }))
    results.sort((a, b) => a.packetsPerSecond - b.packetsPerSecond)
    const median = results[runs >> 1]
    const rates = results.map(result => (result.packetsPerSecond / 1e6).toFixed(2)).join(' ')
    console.log(
      `whole-run arrivals=${arrivals} flows=${flows} workers=${workers} packets=${median.packets} median=${(median.packetsPerSecond / 1e6).toFixed(2)}M/s [${rates}] ` +
        `setup=${median.setupSeconds.toFixed(2)}s barrier=${(median.barrierShare * 100).toFixed(1)}% digest=${median.digest}`,
    )
  }
}
