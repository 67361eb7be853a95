// `vxlane schema`: JSON Schemas for editors, on stdout.
import { Argument, type Command } from '@commander-js/extra-typings'
import { scenarioJsonSchema } from '../scenario/schema.js'
import { notSupportedYet } from './text.js'

/** The text of schema/scenario.schema.json. */
export const scenarioSchemaText = (): string => `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`

export function registerSchema(program: Command): void {
  program
    .command('schema')
    .summary('print a JSON Schema')
    .description('Print the JSON Schema of a kind of file, for editors that complete and check.')
    .addArgument(new Argument('[kind]', 'which').choices(['scenario', 'study', 'result']).default('scenario'))
    .action(kind => {
      if (kind === 'scenario') process.stdout.write(scenarioSchemaText())
      else process.exitCode = notSupportedYet(`vxlane schema ${kind}`)
    })
}
