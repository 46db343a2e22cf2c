import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type * as z from 'zod'
import { LariatError } from '../../util/errors.ts'
import { nearest } from '../../util/near.ts'
import { signerConfigSchema } from '../signer/config.ts'
import { shapeOf } from './introspect.ts'
import { nodeConfigSchema } from './schema.ts'

/** Keys whose value is the path of a file with a secret, or of what belongs to one. */
const FILES = ['keystore', 'passwordFile', 'key', 'cert', 'ca']
/** Sections in which they are looked for. */
const SECTIONS = ['keys', 'signer', 'tls']
/** How variables begin that are about keys: one of them that no key has is a mistake, not another program's. */
const OURS = /^LARIAT_(KEY|SIGNER|TLS)|^LARIAT_\w*(PASSWORD|KEYSTORE|SECRET|MNEMONIC)/

/** Where a path was taken from, for messages: `LARIAT_KEYS_BLS_PASSWORD_FILE`, or a credential of systemd. */
export type Origins = ReadonlyMap<string, string>

/** The keys of a configuration that the environment can set, dotted; those in lists have no name. */
export function fileKeys(schema: z.ZodType): readonly string[] {
  const below = (at: z.ZodType, path: readonly string[]): string[] =>
    Object.entries(shapeOf(at) ?? {}).flatMap(([key, child]) =>
      shapeOf(child) !== undefined
        ? below(child, [...path, key])
        : FILES.includes(key)
          ? [[...path, key].join('.')]
          : [],
    )
  return SECTIONS.flatMap((section) => {
    const found = shapeOf(schema)?.[section]
    return found === undefined ? [] : below(found, [section])
  })
}

/** `LARIAT_KEYS_BLS_PASSWORD_FILE` for `keys.bls.passwordFile`. */
export function variableOf(key: string): string {
  return `LARIAT_${key
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll('.', '_')
    .toUpperCase()}`
}

/**
 * The value of a configuration file with the paths that the environment names: of `LARIAT_…` variables, and of files in
 * systemd's `$CREDENTIALS_DIRECTORY` that are called as the key. A variable stands before a credential, and both before the
 * file. Only names of files are taken, never secrets.
 * @throws LariatError `config.environment` for a variable that no configuration has
 */
export function withEnvironment(
  value: unknown,
  schema: z.ZodType,
  env: NodeJS.ProcessEnv,
): { readonly value: unknown; readonly origins: Origins } {
  checkNames(env)
  const origins = new Map<string, string>()
  let result = value
  for (const key of fileKeys(schema)) {
    const variable = variableOf(key)
    const given = env[variable]
    const credential = env.CREDENTIALS_DIRECTORY === undefined ? undefined : join(env.CREDENTIALS_DIRECTORY, key)
    if (given !== undefined && given !== '') {
      origins.set(key, variable)
      result = withValue(result, key.split('.'), resolve(given))
    } else if (credential !== undefined && existsSync(credential)) {
      origins.set(key, `the credential ${key}`)
      result = withValue(result, key.split('.'), credential)
    }
  }
  return { value: result, origins }
}

function checkNames(env: NodeJS.ProcessEnv): void {
  const names = Object.keys(env).filter((name) => OURS.test(name))
  if (names.length === 0) return
  const known = [...fileKeys(nodeConfigSchema('/')), ...fileKeys(signerConfigSchema('/'))].map(variableOf)
  for (const name of names) {
    if (known.includes(name)) continue
    const [near] = nearest(name, known, 1)
    const mend = near === undefined ? `there are ${[...new Set(known)].join(', ')}` : `did you mean ${near}?`
    throw new LariatError(
      'config.environment',
      `the variable ${name} of the environment names no key of a configuration; only files are named there, never secrets: ${mend}`,
      { name },
    )
  }
}

/** A copy with `path` set. What is there already and no section is left to the schema to refuse. */
function withValue(value: unknown, [first = '', ...rest]: readonly string[], file: string): unknown {
  if (typeof value !== 'object' && value !== undefined && value !== null) return value
  if (Array.isArray(value)) return value
  const section = (value ?? {}) as Readonly<Record<string, unknown>>
  return { ...section, [first]: rest.length === 0 ? file : withValue(section[first], rest, file) }
}

/** The environment without what is about keys, for processes with configurations of their own. */
export function withoutKeyVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !OURS.test(name) && name !== 'CREDENTIALS_DIRECTORY'),
  )
}
