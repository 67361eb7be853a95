// Reads Kubernetes objects out of texts, cut into chunks where a test wants them cut.
import { readFileSync } from 'node:fs'
import { Collector } from '../../src/kube/collect.js'
import type { Fault } from '../../src/kube/fault.js'
import { objectsOf, readObjects } from '../../src/kube/read-objects.js'

const SAMPLE = new URL('../golden/sample-cluster/', import.meta.url)

export const sampleBytes = (name: string): Buffer => readFileSync(new URL(name, SAMPLE))

/** Cuts bytes at these offsets. */
export function* cutAt(bytes: Uint8Array, offsets: readonly number[]): Generator<Uint8Array> {
  const sorted = [0, ...offsets.map(offset => offset % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (let i = 0; i + 1 < sorted.length; i++) yield bytes.subarray(sorted[i], sorted[i + 1])
}

export function objectsIn(text: string | Uint8Array, offsets: readonly number[] = []) {
  const faults: Fault[] = []
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const found = [...readObjects('in.txt', cutAt(bytes, offsets), faults)]
  return { objects: found.map(({ value }) => value), lines: found.map(({ place }) => place.line), faults }
}

export function collected(...texts: readonly (string | Uint8Array)[]) {
  const faults: Fault[] = []
  const collector = new Collector(faults, true)
  texts.forEach((text, i) => {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    for (const found of readObjects(texts.length === 1 ? 'in.txt' : `in${i + 1}.txt`, [bytes], faults)) collector.add(found)
  })
  return { facts: collector.facts, repeated: collector.repeated, faults }
}

/** The same of values that a program has already. */
export function collectedFrom(...values: readonly unknown[]) {
  const faults: Fault[] = []
  const collector = new Collector(faults, false)
  for (const value of values) for (const found of objectsOf(value, '<object>', faults)) collector.add(found)
  return { facts: collector.facts, repeated: collector.repeated, faults }
}

export const faultLines = (faults: readonly Fault[]): string[] =>
  faults.map(({ file, position, code, message }) => `${file}:${position?.line}:${position?.column}: ${code}: ${message}`)
