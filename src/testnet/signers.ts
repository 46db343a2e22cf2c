import { existsSync } from 'node:fs'
import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { files } from '../node/files.ts'
import { makeGuard } from '../node/guard/open.ts'
import { createCertificates } from '../node/signer/certificates.ts'
import type { TlsFiles } from '../signer/remote/tls.ts'
import { type Clock, sleep } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import { writeFileAtomic } from '../util/files.ts'
import type { Address } from '../util/hex.ts'
import type { Deployed } from './deploy.ts'
import type { TestnetOperator } from './operators.ts'

/** From the start of a signer's process until it listens, ms; takes under a second. */
const LISTEN_MS = 20_000
const LOOK_MS = 50

/** A remote signer of one operator, which has taken its BLS key. */
export interface TestnetSigner {
  readonly operator: TestnetOperator
  readonly name: string
  readonly configFile: string
  readonly logFile: string
  /** Section `signer` of the node's configuration. */
  readonly node: { readonly url: string; readonly tls: TlsFiles }
  /** Writes its configuration: which contracts it signs for from its next start on. */
  configure(contracts: readonly Address[]): Promise<void>
  /** Resolves when it listens, after a start. @throws LariatError `testnet.signer` */
  listening(clock: Clock, signal: AbortSignal): Promise<void>
}

/**
 * Takes the BLS keystore of an operator that has signed nothing away from its node, into the folder of a signer, with
 * certificates for both sides and a record. It signs for the price service until it is configured for more.
 */
export async function createSigner(
  operator: TestnetOperator,
  { deployment: { chainId, genesisHash }, priceFeeds }: Pick<Deployed, 'deployment' | 'priceFeeds'>,
  port: number,
): Promise<TestnetSigner> {
  const name = `${operator.name}-signer`
  const home = join(operator.folder, 'signer')
  const at = (file: string) => join(home, file)
  const keys = (file: string) => join(operator.folder, 'keys', file)
  await mkdir(home, { recursive: true, mode: 0o700 })
  await createCertificates(at('tls'), ['127.0.0.1'], Date.now())
  await rename(keys('bls.json'), at('bls.json'))
  await copyFile(keys('password.txt'), at('password.txt'))
  const { guard, signer } = files(at('data'))
  makeGuard(guard)
  const configFile = at('signer.yaml')
  const configure = async (contracts: readonly Address[]) => {
    const config = {
      dataDir: './data',
      listen: { host: '127.0.0.1', port },
      tls: { ca: './tls/node.crt', cert: './tls/signer.crt', key: './tls/signer.key' },
      operator: { address: operator.account.address },
      chain: { id: chainId, genesisHash },
      contracts,
      keys: { bls: { keystore: './bls.json', passwordFile: './password.txt' } },
      log: { level: 'info', format: 'json' },
    }
    await writeFileAtomic(configFile, stringify(config), 0o600)
    // of an earlier run: it would be taken for that of the next
    await rm(signer, { force: true })
  }
  await configure([priceFeeds])
  return {
    operator,
    name,
    configFile,
    logFile: at('signer.log'),
    node: {
      url: `https://127.0.0.1:${port}`,
      tls: { ca: at('tls/signer.crt'), cert: at('tls/node.crt'), key: at('tls/node.key') },
    },
    configure,
    async listening(clock, signal) {
      const deadline = clock.now() + LISTEN_MS
      while (!existsSync(signer)) {
        if (clock.now() > deadline) {
          throw new LariatError('testnet.signer', `${name} does not listen after ${LISTEN_MS / 1_000} s: see its log`)
        }
        await sleep(clock, LOOK_MS, signal)
      }
    },
  }
}
