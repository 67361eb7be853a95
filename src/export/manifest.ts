// Objects of Kubernetes as YAML, with what a person should know at the places where it matters.
import { Document, isMap, isScalar, type Pair } from 'yaml'

export interface Manifest {
  readonly object: object
  /** Before the object. */
  readonly comment?: readonly string[]
  /** Before a key, by its path in the object, steps parted by "/". */
  readonly notes?: Readonly<Record<string, string>>
}

/** A stream of documents, as kubectl takes it. */
export const manifestText = (manifests: readonly Manifest[]): string => manifests.map(documentText).join('---\n')

function documentText({ object, comment = [], notes = {} }: Manifest): string {
  const document = new Document(object, { aliasDuplicateObjects: false })
  for (const [path, note] of Object.entries(notes)) {
    const key = pairAt(document, path.split('/'))?.key
    if (isScalar(key)) key.commentBefore = ` ${note}`
  }
  if (comment.length > 0) document.commentBefore = comment.map(line => ` ${line}`).join('\n')
  // Never folded: arguments and files stay as they are, and a difference of two manifests is easy to read.
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function pairAt(document: Document, steps: readonly string[]): Pair | undefined {
  const parent = document.getIn(
    steps.slice(0, -1).map(step => (/^\d+$/.test(step) ? Number(step) : step)),
    true,
  )
  return isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === steps.at(-1)) : undefined
}
