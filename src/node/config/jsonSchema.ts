import * as z from 'zod'
import type { AnyService } from '../../avs/api.ts'
import { DURATION_PATTERN, formatDuration } from '../../util/duration.ts'
import { signerConfigSchema } from '../signer/config.ts'
import { layersOf } from './introspect.ts'
import type { Plugins } from './load.ts'
import { nodeConfigSchema } from './schema.ts'

/** A JSON Schema (draft 2020-12), as far as configurations have it. */
export interface JsonSchema {
  readonly $schema?: string
  readonly $comment?: string
  readonly title?: string
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly if?: JsonSchema
  readonly then?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
}

const COMMENT =
  'Generated from the code by npm run docs. What an editor cannot see (files, checksums of addresses, what contradicts what) lariat doctor tells.'

/**
 * A zod schema as JSON Schema of what is written in the file: with descriptions, examples and defaults, also those of values
 * that the schema turns into something else.
 */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const { description, example, fallback } = layersOf(zodSchema as unknown as z.ZodType)
      if (description !== undefined) jsonSchema.description ??= description
      if (example !== undefined) jsonSchema.examples ??= [example as string]
      // durations are milliseconds once they are read
      if (typeof fallback === 'number' && jsonSchema.pattern === DURATION_PATTERN.source) {
        jsonSchema.default ??= formatDuration(fallback)
      }
    },
  }) as JsonSchema
}

/** JSON Schema of a node's configuration file, with the sections of all `plugins`. */
export async function nodeJsonSchema(plugins: Plugins): Promise<JsonSchema> {
  const { $schema = '', properties = {}, ...rest } = toJsonSchema(nodeConfigSchema('/'))
  const definitions = await Promise.all(Object.entries(plugins).map(([, load]) => load()))
  return {
    $schema,
    $comment: COMMENT,
    title: 'Configuration of a lariat node',
    ...rest,
    properties: {
      ...properties,
      services: { ...properties.services, items: serviceSchema(properties.services?.items, definitions) },
    },
  }
}

/** Which keys a section has depends on `use`. */
function serviceSchema(
  entry: JsonSchema = {},
  definitions: readonly Pick<AnyService, 'name' | 'configSchema'>[],
): JsonSchema {
  const { use = {}, contract = {} } = entry.properties ?? {}
  return {
    ...entry,
    properties: { use: { ...use, enum: definitions.map(({ name }) => name) }, contract },
    allOf: definitions.map(({ name, configSchema }) => {
      const { $schema: _, properties, ...section } = toJsonSchema(configSchema)
      return {
        if: { properties: { use: { const: name } }, required: ['use'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { ...section, properties: { use: { const: name }, ...properties } },
      }
    }),
  }
}

/** JSON Schema of a remote signer's configuration file. */
export function signerJsonSchema(): JsonSchema {
  const { $schema = '', ...rest } = toJsonSchema(signerConfigSchema('/'))
  return { $schema, $comment: COMMENT, title: 'Configuration of a lariat signer', ...rest }
}
