// `vxlane schema`: JSON Schemas for editors and for programs that read results, on stdout.
import { Argument, type Command } from '@commander-js/extra-typings'
import { benchJsonSchema } from '../bench/saved.js'
import { resultJsonSchema } from '../run/result-schema.js'
import { scenarioJsonSchema } from '../scenario/schema.js'
import { studyJsonSchema } from '../study/schema.js'

const print = (schema: object): boolean => process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`)

export function registerSchema(program: Command): void {
  program
    .command('schema')
    .summary('print a JSON Schema')
    .description('Print the JSON Schema of a kind of file, for editors that complete and check, and for programs that read results.')
    .addArgument(new Argument('[kind]', 'which').choices(['scenario', 'study', 'result', 'bench']).default('scenario'))
    .addHelpText('before', 'Examples:\n  vxlane schema > scenario.schema.json\n  vxlane schema result > result.schema.json\n')
    .action(kind => {
      if (kind === 'scenario') print(scenarioJsonSchema())
      else if (kind === 'result') print(resultJsonSchema())
      else if (kind === 'bench') print(benchJsonSchema())
      else print(studyJsonSchema())
    })
}
