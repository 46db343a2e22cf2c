import { readdirSync, readFileSync, statSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { KnownSecrets } from '../../signer/knownSecrets.ts'
import { describe } from '../../util/errors.ts'
import { toJson } from '../../util/json.ts'
import { VERSION } from '../../util/version.ts'
import { withEnvironment } from '../config/environment.ts'
import { nodeConfigSchema } from '../config/schema.ts'
import { runDoctor } from '../doctor/run.ts'
import { files } from '../files.ts'

/** Bytes at the end of a log that are taken. */
const MAX_LOG_BYTES = 2_000_000
/** Slots that are taken, the newest. */
const SLOTS = 200
/** ms for one answer of the node. */
const TIMEOUT_MS = 10_000
/** Bytes of a configuration, and of a file with a secret. */
const MAX_FILE_BYTES = 1_048_576
/** Names of variables whose values are secrets. */
const SECRET_VARIABLE = /pass(word|phrase)|secret|token|mnemonic|private_?key|api_?key|credential/i

/** A file for the bundle before anything is taken out of it, or why there is none. */
export type Collected =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly missing: string }

/** The configuration as it is written; its comments are left out. */
export interface Written {
  readonly value: unknown
  readonly folder: string
}

/** @returns undefined for what is no YAML */
export async function readWritten(file: string): Promise<Written | undefined> {
  try {
    const text = await readFile(file, 'utf8')
    if (text.length > MAX_FILE_BYTES) return undefined
    return { value: parse(text, { schema: 'failsafe' }), folder: dirname(resolve(file)) }
  } catch {
    return undefined
  }
}

/**
 * The secrets that the configuration and the environment lead to: passwords, keys that they open, TLS keys, the libp2p identity; credentials in URLs;
 * and values of variables of the environment that are called so.
 */
export async function secretsOf(written: Written | undefined, env: NodeJS.ProcessEnv): Promise<KnownSecrets> {
  const known = new KnownSecrets()
  for (const [name, value = ''] of Object.entries(env)) if (SECRET_VARIABLE.test(name)) known.addText(value)
  if (written === undefined) return known
  const { folder } = written
  const value = withPathsOf(env, written)
  const path = (text: unknown) => resolve(folder, String(text))
  for (const url of textsOf(value).filter((text) => URL.canParse(text))) addUrl(known, url)
  for (const section of sectionsOf(value)) {
    const password = section.passwordFile === undefined ? undefined : textOf(path(section.passwordFile))
    if (password !== undefined) known.addText(password.trim())
    if (section.keystore !== undefined && password !== undefined) {
      await known.addKeyFile({ keystore: path(section.keystore), passwordFile: path(section.passwordFile) })
    }
    if (section.key !== undefined && section.cert !== undefined) addPem(known, textOf(path(section.key)))
  }
  const p2p =
    typeof value === 'object' && value !== null && 'dataDir' in value ? files(path(value.dataDir)).p2pKey : undefined
  const identity = p2p === undefined ? undefined : bytesOf(p2p)
  if (identity !== undefined) known.addBytes(identity)
  return known
}

/** With the files that the environment names for keys; a variable that is wrong names none, and is for doctor to tell. */
function withPathsOf(env: NodeJS.ProcessEnv, { value, folder }: Written): unknown {
  try {
    return withEnvironment(value, nodeConfigSchema(folder), env).value
  } catch {
    return value
  }
}

/** What of a URL can be a credential: user, password, and parts of path and query. */
function addUrl(known: KnownSecrets, text: string): void {
  const { username, password, pathname, searchParams } = new URL(text)
  const parts = [username, password, ...pathname.split('/'), ...searchParams.values()]
  // short ones and words, such as v1 and arbitrum-one, are no credentials
  for (const part of parts) if (part.length >= 8 && !/^[a-z-]+$/.test(part)) known.addText(decodeURIComponent(part))
  for (const part of [username, password]) known.addText(decodeURIComponent(part))
}

function addPem(known: KnownSecrets, text: string | undefined): void {
  for (const line of text?.split('\n') ?? []) if (/^[A-Za-z0-9+/=]{16,}$/.test(line)) known.addText(line)
}

function textOf(file: string): string | undefined {
  return bytesOf(file)?.toString('utf8')
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return statSync(file).size > MAX_FILE_BYTES ? undefined : readFileSync(file)
  } catch {
    return undefined
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

function sectionsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return []
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(sectionsOf)]
}

/** Everything that is told, in the order of the manifest. @param log file of the node's log, if one is known */
export async function collect(
  config: string,
  written: Written | undefined,
  log: string | undefined,
): Promise<Collected[]> {
  const dataDir =
    typeof written?.value === 'object' && written.value !== null && 'dataDir' in written.value
      ? resolve(written.folder, String(written.value.dataDir))
      : undefined
  return [
    {
      name: 'versions.json',
      text: toJson({ lariat: VERSION, process: process.versions, platform: process.platform, arch: process.arch }, 2),
    },
    written === undefined
      ? { name: 'config.yaml', missing: 'the configuration cannot be read as YAML' }
      : { name: 'config.yaml', text: stringify(written.value) },
    await tried('doctor.json', async () => toJson(await runDoctor(config), 2)),
    await tried('data-folder.json', async () => toJson(dataDir === undefined ? [] : listing(dataDir), 2)),
    ...(await answers(dataDir)),
    log === undefined
      ? { name: 'log.txt', missing: 'no log was named with --log' }
      : await tried('log.txt', () => lastOf(log)),
  ]
}

async function tried(name: string, work: () => Promise<string>): Promise<Collected> {
  try {
    return { name, text: await work() }
  } catch (error) {
    return { name, missing: describe(error) }
  }
}

function listing(dataDir: string): { readonly name: string; readonly bytes: number; readonly modified: string }[] {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, stat: statSync(join(dataDir, name)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ name, stat }) => ({ name, bytes: stat.size, modified: stat.mtime.toISOString() }))
}

/** What the running node says of itself. */
async function answers(dataDir: string | undefined): Promise<Collected[]> {
  const paths = {
    'health.json': '/healthz',
    'status.json': '/v1/status',
    'slots.json': `/v1/slots?limit=${SLOTS}`,
    'metrics.txt': '/metrics',
  }
  return Promise.all(
    Object.entries(paths).map(([name, path]) =>
      tried(name, async () => {
        if (dataDir === undefined) throw new Error('the configuration names no data folder')
        const { url } = JSON.parse(readFileSync(files(dataDir).api, 'utf8')) as { url: string }
        const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
        return await response.text()
      }),
    ),
  )
}

/** The end of a file, from a whole line on. */
async function lastOf(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const from = Math.max(0, size - MAX_LOG_BYTES)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
    const text = buffer.toString('utf8', 0, bytesRead)
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await handle.close()
  }
}
