import type * as z from 'zod'

/** What a schema says about one key, for messages and for the reference page. */
export interface KeyFacts {
  readonly description: string | undefined
  readonly example: unknown
  /** Keys of an object, undefined for anything else. */
  readonly keys: readonly string[] | undefined
}

/** Layers between a schema and its core: optional, default, transform and so on. More would be a mistake. */
const MAX_LAYERS = 12

interface Layer {
  readonly type: string
  readonly defaultValue?: unknown
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly shape?: Record<string, z.ZodType>
  readonly element?: z.ZodType
  readonly valueType?: z.ZodType
}

/** What `schema` says about the key at `path`; undefined where it says nothing. */
export function factsAt(schema: z.ZodType, path: readonly PropertyKey[]): KeyFacts | undefined {
  let current: z.ZodType | undefined = schema
  for (const segment of path) {
    const { core }: { core: Layer } = unwrap(current)
    current = core.type === 'array' ? core.element : (core.valueType ?? core.shape?.[String(segment)])
    if (current === undefined) return undefined
  }
  const { core, meta } = unwrap(current)
  return {
    description: meta.find((m) => m.description !== undefined)?.description,
    example: meta.find((m) => m.examples !== undefined)?.examples?.[0],
    keys: core.shape === undefined ? undefined : Object.keys(core.shape),
  }
}

/** What the layers of a schema say of it, and what stands for it when it is left out, in the units of the parsed value. */
export function layersOf(schema: z.ZodType): {
  readonly description: string | undefined
  readonly example: unknown
  readonly fallback: unknown
} {
  const { meta, fallback } = unwrap(schema)
  return {
    description: meta.find((m) => m.description !== undefined)?.description,
    example: meta.find((m) => m.examples !== undefined)?.examples?.[0],
    fallback,
  }
}

/** Schemas of an object's keys, under all layers; undefined for anything else. */
export function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  return unwrap(schema).core.shape
}

interface Meta {
  readonly description?: string | undefined
  readonly examples?: readonly unknown[] | undefined
}

/** The core under the layers, and what each layer's `meta` says, outermost first. */
function unwrap(schema: z.ZodType): { core: Layer; meta: Meta[]; fallback: unknown } {
  const meta: Meta[] = []
  let fallback: unknown
  let current = schema
  for (let depth = 0; ; depth++) {
    const said = current.meta()
    if (said !== undefined)
      meta.push({ description: said.description, examples: said.examples as unknown[] | undefined })
    const def = current.def as unknown as Layer
    if (def.type === 'default') fallback ??= def.defaultValue
    const next = def.innerType ?? def.in
    if (next === undefined || depth === MAX_LAYERS) return { core: def, meta, fallback }
    current = next
  }
}
