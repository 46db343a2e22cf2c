import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { createFile } from '../../util/create.ts'
import { LariatError } from '../../util/errors.ts'
import type { Prompt } from '../../util/prompt.ts'
import { nodeJsonSchema } from '../config/jsonSchema.ts'
import { parseConfig } from '../config/load.ts'
import { PLUGINS } from '../plugins.ts'
import { answer, type InitOptions } from './answers.ts'
import { renderConfig } from './render.ts'

/** What was written, for the command's result. */
export interface Initialized {
  /** Absolute path. */
  readonly file: string
  /** Files that it names and that are not there yet. */
  readonly missing: readonly string[]
}

/**
 * Writes the configuration of a node, with a comment for every key, and never replaces one. It asks for no secret: keys and
 * passwords are named by their files.
 * @throws LariatError `file.exists`, `init.answer`, `deployment.…`, `config.invalid` for answers that no configuration takes
 */
export async function initialize(options: InitOptions, prompt: Prompt): Promise<Initialized> {
  const file = resolve(options.out)
  if (existsSync(file)) {
    throw new LariatError('file.exists', `${file} exists and is not replaced: name another file with --out`, { file })
  }
  const schema = await nodeJsonSchema(PLUGINS)
  const values = await answer(options, schema, prompt)
  const text = renderConfig(schema, values, heading(file))
  const { keys } = await parseConfig(file, text, PLUGINS)
  await createFile(file, text)
  const named = [keys.bls, keys.ecdsa].flatMap((one) => (one === undefined ? [] : [one.keystore, one.passwordFile]))
  const missing = [...named, keys.shares?.passwordFile].filter((one) => one !== undefined && !existsSync(one))
  return { file, missing: missing as string[] }
}

function heading(file: string): readonly string[] {
  const schema = shippedSchema()
  return [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${relative(dirname(file), schema)}`]),
    '# A lariat node. Every key there is stands here; one that is not used has a # right before it, and shows its default or',
    '# an example. Relative paths are relative to this file. Secrets are never in it, only the names of files that hold them.',
    '# lariat doctor --config FILE says what is missing.',
  ]
}

/** The JSON Schema that comes with lariat: beside the bundle's folder, or the sources'. */
function shippedSchema(): string | undefined {
  const up = ['..', '../..', '../../..', '../../../..'].map((steps) =>
    join(import.meta.dirname, steps, 'config', 'node.schema.json'),
  )
  return up.find((candidate) => existsSync(candidate))
}

/** For people: what to do next. */
export function initializedText({ file, missing }: Initialized): string {
  return [
    `${file} is written`,
    ...missing.map((one) => `  not there yet: ${one}`),
    ...(missing.length === 0 ? [] : ['lariat keys create makes keys and their passwords (docs/keys.md)']),
    `next: lariat doctor --config ${file}`,
  ].join('\n')
}
