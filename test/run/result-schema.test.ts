// result.json is what its schema says, no more and no less.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { run } from '../../src/index.js'
import { toJson } from '../../src/run/json.js'
import { resultJsonSchema, resultSchema } from '../../src/run/result-schema.js'

test('the file in schema/ is current; renew it with `vxlane schema result > schema/result.schema.json`', () => {
  const text = readFileSync(new URL('../../schema/result.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(resultJsonSchema())))
})

test.each(['mtu-mistake', 'egress-masquerade'])('the result of %s has every field of the schema and no other', async name => {
  const result = await run(new URL(`../../scenarios/${name}.yaml`, import.meta.url).pathname, { workers: 1 })
  const written = JSON.parse(toJson(result))
  // Parsing leaves out what the schema does not know, and refuses what lacks a field or has another type.
  expect(resultSchema.parse(written)).toEqual(written)
})
