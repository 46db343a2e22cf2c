import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { files } from '../../src/node/files.ts'
import { createCertificates } from '../../src/node/signer/certificates.ts'
import type { TestnetOperator } from '../../src/testnet/operators.ts'
import type { Address, Hex } from '../../src/util/hex.ts'

export interface SignerFolderOptions {
  readonly folder: string
  readonly operator: TestnetOperator
  readonly chain: { readonly id: number; readonly genesisHash: Hex }
  readonly contracts: readonly Address[]
}

/** The folder of a remote signer that has an operator's BLS key. */
export interface SignerFolder {
  readonly config: string
  readonly dataDir: string
  /** Its record, which nobody has made yet. */
  readonly guard: string
  /** Section `signer.tls` of its node. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string }
}

/** Writes configuration, certificates and keystore of a signer that takes a free port of this machine. */
export async function signerFolder(options: SignerFolderOptions): Promise<SignerFolder> {
  const { folder, operator, chain, contracts } = options
  const at = (name: string) => join(folder, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await createCertificates(at('tls'), ['127.0.0.1'], Date.now())
  for (const name of ['bls.json', 'password.txt']) await copyFile(join(operator.folder, 'keys', name), at(name))
  const config = at('signer.yaml')
  const yaml = {
    dataDir: './data',
    listen: { port: 0 },
    tls: { ca: './tls/node.crt', cert: './tls/signer.crt', key: './tls/signer.key' },
    operator: { address: operator.account.address },
    chain,
    contracts,
    keys: { bls: { keystore: './bls.json', passwordFile: './password.txt' } },
  }
  await writeFile(config, stringify(yaml), { mode: 0o600 })
  const dataDir = at('data')
  return {
    config,
    dataDir,
    guard: files(dataDir).guard,
    tls: { ca: at('tls/signer.crt'), cert: at('tls/node.crt'), key: at('tls/node.key') },
  }
}
