// What runs in the reader's browser: time series that can be zoomed into, the map of nodes, and lists to choose from. Draws from the data
// in the page and asks for nothing else. Without scripts the page still has every chart as a drawing and every number in a table.
import { document, matchMedia } from './browser.js'
import { type CellMetric, type Flagged, nodeMap } from './node-map.js'
import { type MomentData, type SeriesData, TimePlots } from './time-plot.js'

interface PageData {
  readonly series?: readonly SeriesData[]
  readonly moments?: readonly MomentData[]
  readonly map?: { readonly names: readonly string[]; readonly metrics: readonly CellMetric[]; readonly flagged?: Flagged }
}

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData

/** A select with `data-picks="x"` shows one of the figures with `data-pick-of="x"`: that of its number. On paper all are there. */
function followPicks(): void {
  for (const host of document.querySelectorAll('[data-picks]')) {
    const choice = host.querySelector('select')
    const figures = [...document.querySelectorAll(`[data-pick-of="${host.dataset.picks}"]`)]
    const show = (): void => {
      figures.forEach((figure, i) => {
        figure.classList.toggle('unpicked', i !== choice?.selectedIndex)
      })
    }
    choice?.addEventListener('change', show)
    host.hidden = false
    show()
  }
}

function drawPlots(): TimePlots {
  const plots = new TimePlots(data.moments ?? [])
  for (const series of data.series ?? []) {
    const host = document.querySelector(`[data-series="${series.id}"]`)
    if (host) plots.add(series, host)
  }
  return plots
}

followPicks()
let plots = drawPlots()
const host = document.querySelector('.map')
const map = host && data.map ? nodeMap(host, data.map.names, { flagged: data.map.flagged }) : null
map?.show(data.map?.metrics ?? [])
// Colours are read when drawing: another scheme means drawing anew.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  plots.stop()
  plots = drawPlots()
  map?.show(data.map?.metrics ?? [])
})
