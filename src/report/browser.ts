// The few words of the browser that the pages' scripts speak. Its whole library of types would be everybody's, and hides mistakes on the
// other side. Declarations alone: nothing of this is there at run time.

export interface Box {
  className: string
  id: string
  textContent: string | null
  title: string
  hidden: boolean
  disabled: boolean
  tabIndex: number
  readonly clientWidth: number
  readonly classList: { add(name: string): void; toggle(name: string, on: boolean): void }
  readonly style: { height: string; width: string }
  readonly dataset: Readonly<Record<string, string | undefined>>
  append(...children: (Box | string)[]): void
  replaceChildren(...children: Box[]): void
  remove(): void
  setAttribute(name: string, value: string): void
  addEventListener(type: string, act: (event: Motion) => void): void
  querySelector(selector: 'canvas'): Canvas | null
  querySelector(selector: 'select'): Choice | null
  querySelector(selector: string): Box | null
  querySelectorAll(selector: string): Iterable<Box>
}

export interface Motion {
  readonly offsetX: number
  readonly offsetY: number
  readonly key: string
  preventDefault(): void
}

export interface Choice extends Box {
  value: string
  selectedIndex: number
}

export interface Pen {
  fillStyle: string
  strokeStyle: string
  globalAlpha: number
  lineWidth: number
  font: string
  textAlign: string
  save(): void
  restore(): void
  scale(x: number, y: number): void
  setLineDash(lengths: readonly number[]): void
  beginPath(): void
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  stroke(): void
  fillRect(x: number, y: number, width: number, height: number): void
  strokeRect(x: number, y: number, width: number, height: number): void
  fillText(words: string, x: number, y: number): void
}

export interface Canvas extends Box {
  width: number
  height: number
  getContext(kind: '2d'): Pen | null
}

export declare const document: {
  title: string
  readonly documentElement: Box
  getElementById(id: string): Box | null
  querySelector(selector: string): Box | null
  querySelectorAll(selector: string): Iterable<Box>
  createElement(name: string): Box
}
export declare const devicePixelRatio: number
export declare function getComputedStyle(of: Box): { getPropertyValue(name: string): string }
export declare function matchMedia(query: string): { addEventListener(type: 'change', act: () => void): void }
export declare class ResizeObserver {
  constructor(act: () => void)
  observe(box: Box): void
  disconnect(): void
}

/** What is used of uPlot, which the page carries as a script of its own. */
export interface Chart {
  readonly ctx: Pen
  readonly bbox: { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
  readonly scales: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>
  readonly cursor: { readonly idx?: number | null; readonly left?: number }
  readonly data: readonly (readonly (number | null)[])[]
  valToPos(value: number, scale: string, canvasPixels?: boolean): number
  setSize(size: { width: number; height: number }): void
  setScale(scale: string, limits: { min: number; max: number }): void
  setCursor(place: { left: number; top: number }): void
  setData(data: readonly (readonly (number | null)[])[]): void
  destroy(): void
}
export declare const uPlot: new (options: object, data: readonly unknown[], target: Box) => Chart
