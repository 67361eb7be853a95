// A mistake in what kubectl printed or a person wrote as a manifest: which file, which line, which object, what is wrong, what to do.
import type { Position } from '../base/yaml-position.js'

export interface Fault {
  readonly file: string
  readonly position: Position | null
  readonly code: string
  /** Begins with the object, as in "Pod shop/web-0: spec.nodeName: …". */
  readonly message: string
  readonly hint: string
}

export type Path = readonly (string | number)[]

/** "spec.containers[0].ports": a path as people write it. */
export const pathText = (path: Path): string =>
  path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`), '')
