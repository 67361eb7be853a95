import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { scenarioJsonSchema } from '../../src/scenario/schema.js'

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly default?: unknown
  readonly description?: string
  readonly not?: object
  readonly additionalProperties?: unknown
  readonly items?: JsonSchema
}

const schema = scenarioJsonSchema() as JsonSchema

test('the file in schema/ is current; renew it with `vxlane schema scenario > schema/scenario.schema.json`', () => {
  const text = readFileSync(new URL('../../schema/scenario.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(schema)))
})

test('it carries defaults and descriptions', () => {
  expect(schema.properties?.fabric.properties?.latency).toMatchObject({ type: 'string', default: '50us' })
  expect(schema.properties?.fabric.properties?.vxlan.properties?.ttl).toMatchObject({ default: 64, description: expect.any(String) })
  expect(schema.properties?.cluster.properties?.agentPoolProfiles.items?.properties?.enableAutoScaling).toMatchObject({ default: false })
})

test('objects are closed, and what is not built yet is marked', () => {
  expect(schema.additionalProperties).toBe(false)
  expect(schema.properties?.fabric.additionalProperties).toBe(false)
  const profile = schema.properties?.cluster.properties?.networkProfile
  expect(profile?.properties?.networkMode).toMatchObject({ not: {}, description: 'Not supported yet: networkMode.' })
})
