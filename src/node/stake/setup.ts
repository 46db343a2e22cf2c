import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isAddress } from 'viem'
import { parse } from 'yaml'
import * as z from 'zod'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'

/** Providers that a staker may name. */
const MAX_RPC = 16

const address = z
  .string()
  .refine((text) => isAddress(text), 'expected a 20-byte address with a correct checksum')
  .transform((text) => text as Address)

const url = z
  .string()
  .max(2_048)
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'expected an http:// or https:// URL',
  )

const fileSchema = z.strictObject({
  deployment: z.string().min(1).optional(),
  rpc: z.array(url).max(MAX_RPC).optional(),
  keystore: z.string().min(1).optional(),
  passwordFile: z.string().min(1).optional(),
  account: address.optional(),
  dataDir: z.string().min(1).optional(),
})

/** Where a staker's things are: options of the command line, each of which stands before the same key of the file `config`. */
export interface StakeOptions {
  readonly config?: string | undefined
  readonly deployment?: string | undefined
  readonly rpc?: readonly string[] | undefined
  readonly keystore?: string | undefined
  readonly passwordFile?: string | undefined
  readonly account?: string | undefined
  readonly dataDir?: string | undefined
}

export interface StakeSetup {
  /** Deployment file. */
  readonly deployment: string
  readonly rpc: readonly string[]
  readonly key: { readonly keystore: string; readonly passwordFile: string | undefined } | undefined
  /** Whose stake it is, where no key is given. */
  readonly account: Address | undefined
  /** Where the record of transactions is kept. */
  readonly dataDir: string
}

/**
 * Puts options and configuration file together; paths in the file are relative to it.
 * @throws LariatError `config.unreadable`, `config.invalid`, `usage.stake` which names the option that is missing
 */
export async function loadStakeSetup(options: StakeOptions): Promise<StakeSetup> {
  const file = options.config === undefined ? {} : await readConfig(options.config)
  const base = options.config === undefined ? '.' : dirname(resolve(options.config))
  const path = (given: string | undefined, written: string | undefined) =>
    given === undefined ? written && resolve(base, written) : resolve(given)

  const deployment = path(options.deployment, file.deployment)
  if (deployment === undefined) throw missing('--deployment FILE, the deployment file of the chain')
  const rpc = options.rpc ?? file.rpc ?? []
  if (rpc.length === 0) throw missing('--rpc URL, where the chain can be reached')
  for (const each of rpc) {
    const checked = url.safeParse(each)
    if (!checked.success) throw new LariatError('usage.stake', `--rpc ${each}: ${checked.error.issues[0]?.message}`)
  }
  const keystore = path(options.keystore, file.keystore)
  const passwordFile = path(options.passwordFile, file.passwordFile)
  const given = options.account ?? file.account
  if (given !== undefined && !isAddress(given)) {
    throw new LariatError('usage.stake', `--account ${given}: expected a 20-byte address with a correct checksum`)
  }
  if (keystore === undefined && given === undefined) {
    throw missing(
      '--keystore FILE and --password-file FILE, the key of the account; or --account ADDRESS to look or to print calldata',
    )
  }
  const folder =
    path(options.dataDir, file.dataDir) ?? resolve(keystore === undefined ? '.' : dirname(keystore), 'stake')
  return {
    deployment,
    rpc,
    key: keystore === undefined ? undefined : { keystore, passwordFile },
    account: given,
    dataDir: folder,
  }
}

const missing = (what: string) => new LariatError('usage.stake', `give ${what}; or name it in a file with --config`)

async function readConfig(file: string): Promise<z.output<typeof fileSchema>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new LariatError(
      'config.unreadable',
      `${file}: cannot be read; give a file that exists with --config`,
      { file },
      error,
    )
  }
  let json: unknown
  try {
    json = parse(text)
  } catch (error) {
    throw new LariatError('config.invalid', `${file}: is not YAML; correct the syntax`, { file }, error)
  }
  const parsed = fileSchema.safeParse(json ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const at = issue?.path.join('.') || 'the file'
  throw new LariatError(
    'config.invalid',
    `${file}: ${at}: ${issue?.message ?? 'invalid'}; docs/staking.md lists the keys`,
    {
      file,
    },
  )
}
