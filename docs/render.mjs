// Fills the documents with what the program really prints: `npm run docs`. Each ```console block has commands, "$ …", which are run
// in order in a folder of the document's own; what they print takes the place of what stood there. So no number in a document is
// written by hand, and `test/docs.test.ts` fails when one is no longer true. What depends on the machine (the "engine" line) is cut out.
//
//   <!-- as FILE -->      the next fenced block is written to that file first
//   <!-- long -->         the next console block takes long: run only with --long
//   <!-- about: NAME -->  the next paragraph is the opening comment of scenarios/NAME.yaml
//   <!-- found: NAME -->  the next line is a sentence about results/NAME (see findings.mjs)
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { FINDINGS } from './findings.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAIN = join(ROOT, 'dist/src/cli/main.js')
