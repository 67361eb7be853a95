// The frame of every page: one file, nothing loaded from anywhere (the browser is told to refuse it), data embedded once as JSON.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { embedded, text } from './html.js'
import { inlined, pageScript } from './script.js'
import { STYLE } from './style.js'

export interface Section {
  readonly id: string
  readonly title: string
  /** HTML. */
  readonly body: string
}

export interface Page {
  readonly title: string
  /** HTML in place of the title on the page itself, where names of two things stand in it. */
  readonly heading?: string
  /** HTML under the title. */
  readonly lead: string
  readonly sections: readonly Section[]
  /** What the page's script draws from. */
  readonly data: unknown
  /** Whether there are series to zoom into. */
  readonly hasSeries: boolean
}

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

export function page({ title, heading = text(title), lead, sections, data, hasSeries }: Page): string {
  const links = sections.map(({ id, title: name }) => `<li><a href="#${id}">${text(name)}</a></li>`).join('')
  const bodies = sections.map(({ id, title: name, body }) => `<section id="${id}"><h2>${text(name)}</h2>${body}</section>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${text(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}${hasSeries ? uplotStyle() : ''}</style>
</head>
<body>
<main>
<h1 dir="auto">${heading}</h1>
${lead}
<nav aria-label="Sections"><ul>${links}</ul></nav>
${bodies.join('\n')}
</main>
<script type="application/json" id="data">${embedded(data)}</script>
${hasSeries ? `<script>${inlined(uplotScript())}</script>` : ''}
<script type="module">${pageScript(new URL('./client.js', import.meta.url))}</script>
</body>
</html>
`
}

const require = createRequire(import.meta.url)
export const uplotScript = (): string => readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8')
export const uplotStyle = (): string => readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8')
