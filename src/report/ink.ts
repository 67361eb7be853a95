// Colours of the page's style, for what is drawn on a canvas. Part of the pages' scripts.
import { document, getComputedStyle } from './browser.js'

/** The present value of a variable of the style: another in the dark. */
export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** An axis as uPlot takes it. */
export const axisInk = (): object => ({
  stroke: colour('--soft'),
  grid: { stroke: colour('--rule'), width: 1 },
  ticks: { stroke: colour('--rule'), width: 1 },
})
