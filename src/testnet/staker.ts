import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PublicClient } from 'viem'
import { parseEther } from 'viem'
import { stringify } from 'yaml'
import { createEcdsaKeystore, generateEcdsaSecret } from '../signer/ecdsa.ts'
import { createPasswordFile } from '../signer/keystore/password.ts'
import { writeFileAtomic } from '../util/files.ts'
import type { Address } from '../util/hex.ts'

/** wei */
const MONEY = parseEther('1000')

/** Somebody with ether who may want to stake it. */
export interface Staker {
  readonly address: Address
  /** For `lariat stake … --config`. */
  readonly configFile: string
}

/** Makes the key and the configuration of a staker, and gives it ether. */
export async function createStaker(options: {
  readonly folder: string
  readonly client: PublicClient
  readonly rpcUrl: string
  readonly deploymentFile: string
}): Promise<Staker> {
  const { client, rpcUrl, deploymentFile } = options
  const folder = join(options.folder, 'staker')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const password = await createPasswordFile(join(folder, 'password.txt'))
  const address = await createEcdsaKeystore({
    file: join(folder, 'key.json'),
    password,
    secret: generateEcdsaSecret(),
    strength: 'devnet',
  })
  const configFile = join(folder, 'stake.yaml')
  const config = {
    deployment: deploymentFile,
    rpc: [rpcUrl],
    keystore: './key.json',
    passwordFile: './password.txt',
    dataDir: './data',
  }
  await writeFileAtomic(configFile, stringify(config), 0o600)
  await client.request({ method: 'anvil_setBalance', params: [address, `0x${MONEY.toString(16)}`] } as never)
  return { address, configFile }
}
