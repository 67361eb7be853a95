// `vxlane examples`: the scenarios and studies that come with the package, listed or printed.
import { readdirSync, readFileSync } from 'node:fs'
import type { Command } from '@commander-js/extra-typings'
import { didYouMean } from '../scenario/nearest.js'
import { Exit } from './exit.js'

const FOLDER = new URL('../../../scenarios/', import.meta.url)
const SUFFIX = '.yaml'

const textOf = (name: string): string => readFileSync(new URL(name + SUFFIX, FOLDER), 'utf8')

export function exampleNames(): string[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith(SUFFIX))
  return files.map(file => file.slice(0, -SUFFIX.length).replaceAll('\\', '/')).sort()
}

/** The first sentence of the comment that opens each file; the line before it names the schema. */
const firstLine = (text: string): string =>
  text
    .split('\n')
    .find(line => line.startsWith('# ') && !line.includes('$schema'))
    ?.slice(2) ?? ''

export function registerExamples(program: Command): void {
  program
    .command('examples')
    .summary('list the scenarios and studies that come with vxlane, or print one')
    .description('List the scenarios and studies that come with vxlane, or print one of them.')
    .argument('[name]', 'which one to print')
    .action(name => {
      const names = exampleNames()
      if (name === undefined) {
        const width = Math.max(0, ...names.map(({ length }) => length))
        for (const known of names) process.stdout.write(`${known.padEnd(width)}  ${firstLine(textOf(known))}\n`)
      } else if (names.includes(name)) {
        process.stdout.write(textOf(name))
      } else {
        process.stderr.write(`there is no example ${name}; ${didYouMean(name, names)}\n`)
        process.exitCode = Exit.usage
      }
    })
}
