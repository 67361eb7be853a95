// Names that Kubernetes takes: labels of DNS, lower case letters, digits and hyphens.
import { sha256 } from '../scenario/canonical.js'

/** So that with what is put around it, and a Job's index behind it as in a pod's host name, it stays below 63 characters. */
const MOST = 32

/** A name of a study as a part of names in Kubernetes. */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MOST)
    .replace(/^-+|-+$/g, '')
  return slug === '' ? 'study' : slug
}

/** Eight digits that change with the content: what is immutable in Kubernetes gets a new name when it is another. */
export const digestOf = (content: string): string => sha256(content).slice(0, 8)

/** In arguments of a container `$(NAME)` stands for a variable; what a person wrote is taken as it is. */
export const literal = (text: string): string => text.replaceAll('$(', '$$$$(')

/** For a word of a command line that is shown. */
export const quoted = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
