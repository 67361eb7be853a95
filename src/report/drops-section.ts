// What was dropped: by reason, and for each reason the nodes that lost most and the first frames, their headers and their bytes.
import { count, duration, share } from '../base/units.js'
import { VERDICTS } from '../datapath/verdict.js'
import type { Series } from '../observe/series.js'
import type { RunResult } from '../run/result.js'
import { bars } from './bars.js'
import { text } from './html.js'
import { worstFor } from './run-data.js'

export function dropsSection({ drops: { total, byReason }, dropSamples }: RunResult, series: Series | null): string {
  if (total === 0) return ''
  const found = VERDICTS.flatMap(({ name, sentence }) => {
    const dropped = byReason[name]
    return dropped === undefined ? [] : [{ name, sentence, dropped }]
  }).sort((a, b) => b.dropped - a.dropped)
  const chart = bars(
    found.map(({ name, dropped }) => ({ name, value: dropped, words: `${count(dropped)}, ${share(dropped, total)}` })),
    `Drops by reason: ${found.map(({ name, dropped }) => `${name} ${dropped}`).join(', ')}`,
  )
  const details = found.map(({ name, sentence, dropped }) => {
    const worst = worstFor(series, name, 5)
    const where =
      worst.length === 0 ? '' : `<p>Most of them at ${worst.map(([node, lost]) => `<b>${text(node)}</b> (${count(lost)})`).join(', ')}.</p>`
    const frames = dropSamples.filter(({ reason }) => reason === name)
    const samples = frames.map(
      ({ atNs, at, length, text: line, bytes: hex }) =>
        `<pre>${text(`${duration(atNs)}  ${at}  ${count(length)} bytes\n${line}\n\n${dump(hex)}`)}</pre>`,
    )
    const first =
      samples.length === 0 ? '' : `<p class="soft">The first ${samples.length === 1 ? 'one' : samples.length}:</p>${samples.join('')}`
    return `<details class="reason"><summary><b>${text(name)}</b> ${count(dropped)}</summary><p>${text(sentence)}</p>${where}${first}</details>`
  })
  return `<figure><figcaption>Drops by reason <span>${count(total)} packets</span></figcaption>${chart}</figure>${details.join('')}`
}

/** Sixteen bytes a line, as hexdump and Wireshark show them. */
function dump(hex: string): string {
  const lines: string[] = []
  for (let at = 0; at < hex.length; at += 32) {
    const part = hex.slice(at, at + 32).match(/../g) ?? []
    lines.push(`${(at / 2).toString(16).padStart(4, '0')}  ${part.slice(0, 8).join(' ')}  ${part.slice(8).join(' ')}`)
  }
  return lines.join('\n')
}
