import { readFile } from 'node:fs/promises'
import { getAddress, isAddress } from 'viem'
import * as z from 'zod'
import { LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'

/** Version of the deployment file's format. */
export const DEPLOYMENT_VERSION = 2
/** Services, strategies and LSTs a file may name; a chain has a few of each. */
const MAX_ENTRIES = 256

const address = z
  .string()
  .refine((text) => isAddress(text), 'expected a 20-byte address with a correct checksum')
  .transform((text): Address => getAddress(text))

const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 0x and 64 hexadecimal digits')
  .transform((text): Hex => text.toLowerCase() as Hex)

/** A token's symbol as wallets show it. */
const symbol = z.string().regex(/^[A-Za-z0-9._-]{1,16}$/, 'expected a symbol such as stETH')

/** Which read interface a liquid staking token has; the order is that of `LstRates.Kind` in contracts/lst. */
export const LST_KINDS = ['steth', 'wsteth', 'reth', 'cbeth'] as const
export type LstKind = (typeof LST_KINDS)[number]

/** Schema of a deployment file: where everything is on one chain. */
export const deploymentSchema = z.strictObject({
  version: z.literal(DEPLOYMENT_VERSION),
  name: z.string().min(1).max(64),
  chainId: z.int().positive(),
  /** Hash of block 0: tells two chains of one id apart. */
  genesisHash: hash,
  /** Block from which on events of these contracts can exist. */
  startBlock: z.int().nonnegative(),
  core: z.strictObject({
    delegationManager: address,
    strategyManager: address,
    allocationManager: address,
    permissionController: address.optional(),
    rewardsCoordinator: address.optional(),
    keyRegistrar: address.optional(),
  }),
  strategies: z
    .array(z.strictObject({ token: address, strategy: address, symbol: symbol.optional() }))
    .max(MAX_ENTRIES),
  /** Liquid staking tokens: where ETH becomes one, the strategy that takes it, and the feed of its market price in ETH. */
  lsts: z
    .array(
      z.strictObject({
        symbol,
        kind: z.enum(LST_KINDS),
        token: address,
        pool: address,
        strategy: address,
        marketFeed: address.optional(),
      }),
    )
    .max(MAX_ENTRIES)
    .optional(),
  /** The liquid restaking token: hub, share token, AggregatorV3 of its rate, lens, and the feed of its market price in ETH. */
  lrt: z
    .strictObject({
      vault: address,
      token: address,
      rateFeed: address,
      lens: address.optional(),
      marketFeed: address.optional(),
    })
    .optional(),
  /** ServiceManager of each service, by the service's name. */
  services: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected a service name such as prices'), address)
    .refine((services) => Object.keys(services).length <= MAX_ENTRIES, `at most ${MAX_ENTRIES} services`),
})

export type Deployment = z.infer<typeof deploymentSchema>
/** A liquid staking token of a deployment. */
export type LstEntry = NonNullable<Deployment['lsts']>[number]

/** Addresses of the restaking core. */
export type CoreAddresses = Deployment['core']

/**
 * Reads and checks a deployment file.
 * @throws LariatError `deployment.unreadable`, `deployment.invalid`, `deployment.version`; the message names the file, the path in it and the mend
 */
export async function loadDeployment(file: string): Promise<Deployment> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new LariatError(
      'deployment.unreadable',
      `cannot read the deployment file ${file}: set chain.deployment to a file of config/deployments, or to the one that the testnet wrote`,
      { file },
      error,
    )
  }
  return parseDeployment(text, file)
}

/** As `loadDeployment`, from the text of `file`. */
export function parseDeployment(text: string, file: string): Deployment {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new LariatError('deployment.invalid', `${file} is not JSON: restore it or write it anew`, { file }, error)
  }
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined
  if (version === 1) {
    throw new LariatError(
      'deployment.version',
      `${file} is of version 1, before LSTs and the LRT: set version to ${DEPLOYMENT_VERSION} (the new parts may be left out), or take the file that came with this release`,
      { file, version },
    )
  }
  const parsed = deploymentSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue === undefined || issue.path.length === 0 ? '(top)' : issue.path.map(String).join('.')
  const problems = parsed.error.issues.length
  throw new LariatError(
    'deployment.invalid',
    `${file}: ${path}: ${issue?.message ?? 'invalid'}; mend this entry${problems > 1 ? ` and ${problems - 1} more` : ''}`,
    { file, path, problems },
  )
}
