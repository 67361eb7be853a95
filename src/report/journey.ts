// A packet's way as a picture: step after step, with the headers that it wears there. The steps are those of `vxlane trace`.
import { duration } from '../base/units.js'
import { headerLine } from '../lab/headers.js'
import type { TraceResult } from '../lab/trace-step.js'
import { text } from './html.js'

export function journeyHtml({ from, to, protocol, port, steps, delivered, sentence }: TraceResult): string {
  const target = port === null ? to : `${to}:${port}`
  const items = steps.map(
    ({ step, at, timeNs, text: words, headers }) =>
      `<li class="${step === 'drop' ? 'drop' : ''}"><time>${text(duration(timeNs))}</time><b>${text(step)}</b>` +
      `<div>${headersHtml(headers)}<span class="soft">${text(at)}</span> ${text(words)}</div></li>`,
  )
  const end = delivered ? 'It arrived.' : `It did not arrive: ${sentence}`
  return (
    `<p>One ${text(protocol)} packet from <b>${text(from)}</b> to <b>${text(target)}</b>, through the same data plane as the run. ${text(end)}</p>` +
    `<ol class="way">${items.join('')}</ol>`
  )
}

function headersHtml(headers: TraceResult['steps'][number]['headers']): string {
  if (headers === null) return ''
  const boxes =
    headers.inner === null
      ? [['inner', headerLine(headers)]]
      : [
          ['outer', headerLine(headers)],
          ['tunnel', `VXLAN, VNI ${headers.vni}`],
          ['inner', headerLine(headers.inner)],
        ]
  return `<div class="headers">${boxes.map(([kind, words]) => `<span class="${kind}">${text(words)}</span>`).join('')}</div>`
}
