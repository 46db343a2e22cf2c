import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { address } from '../../avs/api.ts'
import { deploymentSchema } from '../../chain/deployment.ts'
import { LariatError } from '../../util/errors.ts'
import { writeFileAtomic } from '../../util/files.ts'
import { toJson } from '../../util/json.ts'
import type { BridgeNet } from '../bridgeNet.ts'
import type { Deployed } from '../deploy.ts'
import type { KnownOperator } from '../operators.ts'
import type { TestnetRandomness } from '../randomness.ts'

/** What everybody may know of a network whose parts do not share a process. */
export interface NetworkFile {
  readonly rpcUrl: string
  readonly deployed: Deployed
  readonly randomness: TestnetRandomness
  readonly bridge: BridgeNet
  readonly operators: readonly KnownOperator[]
}

const VERSION = 1
const NAME = 'network.json'

const big = z
  .string()
  .regex(/^\d+$/)
  .transform((text) => BigInt(text))
const { core, lsts, lrt } = deploymentSchema.shape
const fullCore = core.required()
const end = z.object({
  chainId: z.int().positive(),
  domain: z.int().positive(),
  mailbox: address(),
  hook: address(),
  ism: address(),
  route: address(),
  from: big,
})
const schema = z.object({
  version: z.literal(VERSION),
  rpcUrl: z.url(),
  deployed: z.object({
    deployment: deploymentSchema,
    priceFeeds: address(),
    token: address(),
    strategy: address(),
    rewardToken: address(),
    restaking: z.object({
      core: fullCore,
      lsts: z.array(lsts.unwrap().element.extend({ amount: big })),
      lrt: lrt.unwrap().required({ lens: true }),
    }),
  }),
  randomness: z.object({ service: address(), beacon: address(), keyGeneration: address() }),
  bridge: z.object({ service: address(), fraud: address(), stake: end, away: end, awayUrl: z.url() }),
  operators: z.array(
    z.object({
      name: z.string(),
      account: z.object({ address: address() }),
      identity: z.object({ peerId: z.string() }),
      multiaddr: z.string(),
      api: z.url(),
    }),
  ),
})

/**
 * Writes `network.json`, and nothing of it that is secret.
 * @param folder what everybody may read of the network
 */
export async function writeNetworkFile(folder: string, network: NetworkFile): Promise<void> {
  const operators = network.operators.map(({ name, account, identity, multiaddr, api }) => ({
    ...{ name, account: { address: account.address }, identity: { peerId: identity.peerId }, multiaddr, api },
  }))
  await writeFileAtomic(join(folder, NAME), `${toJson({ version: VERSION, ...network, operators }, 2)}\n`)
}

/** Reads `network.json`; undefined when there is none. @throws LariatError `testnet.network` */
export async function findNetworkFile(folder: string): Promise<NetworkFile | undefined> {
  const file = join(folder, NAME)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new LariatError('testnet.network', `${file} cannot be read: see who owns the volume`, { file }, error)
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    const mend = 'begin anew with empty volumes (docker compose down --volumes)'
    throw new LariatError('testnet.network', `${file} is not of this version: ${mend}`, { file }, error)
  }
}

/** As `findNetworkFile`. @throws LariatError `testnet.network`, also when there is none */
export async function readNetworkFile(folder: string): Promise<NetworkFile> {
  const network = await findNetworkFile(folder)
  if (network !== undefined) return network
  throw new LariatError('testnet.network', `${folder} has no ${NAME}: run lariat devnet deploy first`, { folder })
}
