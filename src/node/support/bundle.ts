import { basename, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createFile } from '../../util/create.ts'
import { LariatError } from '../../util/errors.ts'
import { toJson } from '../../util/json.ts'
import { VERSION } from '../../util/version.ts'
import { collect, readWritten, secretsOf } from './collect.ts'
import { type Redacted, redact } from './redact.ts'
import { tar } from './tar.ts'

/** Version of the bundle's format: its files, and the shape of its manifest. */
export const BUNDLE_VERSION = 1

export interface BundleOptions {
  /** Configuration file; it may be wrong. */
  readonly config: string
  /** The archive; a name with the time unless given. */
  readonly out?: string | undefined
  /** File of the node's log. */
  readonly log?: string | undefined
  /** Whether private addresses stay. */
  readonly withAddresses?: boolean | undefined
}

/** What is in a bundle: `manifest.json`, and the command's result. */
export interface Manifest {
  readonly version: typeof BUNDLE_VERSION
  readonly lariat: string
  readonly createdAt: string
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly redacted: Redacted }[]
  /** What could not be had, and why. */
  readonly missing: readonly { readonly name: string; readonly why: string }[]
}

/**
 * Writes an archive (tar.gz, mode 0600) of what others need to help: see `collect`. Every text goes through `redact`; when a
 * secret that is known would be left anywhere, nothing is written.
 * @throws LariatError `file.exists`, `support.secret`
 */
export async function writeBundle(
  options: BundleOptions,
  env: NodeJS.ProcessEnv = process.env,
  now: Date = new Date(),
): Promise<{ readonly file: string; readonly manifest: Manifest }> {
  const createdAt = now.toISOString()
  const name = `lariat-support-${createdAt.slice(0, 19).replaceAll(':', '-')}`
  const file = resolve(options.out ?? `${name}.tar.gz`)
  const written = await readWritten(options.config)
  const known = await secretsOf(written, env)
  const clean = (text: string) => redact(text, known, { addresses: options.withAddresses === true })
  const collected = await collect(options.config, written, options.log)
  const kept = collected.flatMap((one) => ('text' in one ? [{ name: one.name, ...clean(one.text) }] : []))
  const missing = collected.flatMap((one) =>
    'missing' in one ? [{ name: one.name, why: clean(one.missing).text }] : [],
  )
  const manifest: Manifest = {
    version: BUNDLE_VERSION,
    lariat: VERSION,
    createdAt,
    files: kept.map(({ name: one, text, redacted }) => ({ name: one, bytes: Buffer.byteLength(text), redacted })),
    missing,
  }
  const all = [{ name: 'manifest.json', text: toJson(manifest, 2) }, ...kept]
  for (const { name: one, text } of all) {
    if (!known.isIn(text)) continue
    throw new LariatError('support.secret', `${one} would have had a secret in it: nothing was written`, { file: one })
  }
  const entries = all.map(({ name: one, text }) => ({ name: `${name}/${one}`, content: Buffer.from(text) }))
  await createFile(file, gzipSync(tar(entries, Math.floor(now.getTime() / 1_000))))
  return { file, manifest }
}

/** For people: what is in it, so that they can decide whom to send it to. */
export function bundleText({ file, manifest }: { readonly file: string; readonly manifest: Manifest }): string {
  const taken = ({ secrets, urls, addresses }: Redacted) =>
    `taken out: ${secrets} secrets, ${urls} URLs, ${addresses} addresses`
  return [
    `${file}, to be looked at before it is sent (tar -xzf ${basename(file)}):`,
    ...manifest.files.map(({ name, bytes, redacted }) => `  ${name}  ${bytes} bytes, ${taken(redacted)}`),
    ...manifest.missing.map(({ name, why }) => `  ${name}  left out: ${why}`),
  ].join('\n')
}
