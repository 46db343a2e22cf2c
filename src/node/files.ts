import { join } from 'node:path'
import type { Address } from '../util/hex.ts'

/** What lies in a data folder. */
export interface DataFiles {
  /** The guard's record: the one file that must never be lost or copied. */
  readonly guard: string
  /** Cursors, journal, certificates. */
  readonly data: string
  /** Evidence against operators that signed two payloads for one slot. */
  readonly evidence: string
  /** What the node sends on chain, by what it is for. */
  readonly intents: string
  /** The last final block that the providers agreed on. */
  readonly finality: string
  /** Key shares of services, encrypted; a folder for each. */
  readonly shares: string
  /** libp2p key. */
  readonly p2pKey: string
  /** Where the running node's HTTP server listens. */
  readonly api: string
  /** What was seen of another instance of this operator, until an operator's command settles it. */
  readonly secondSelf: string
  /** Where a running remote signer listens, in its own data folder. */
  readonly signer: string
  /** What the commands about the operator keep, apart from the running node. */
  readonly operatorFolder: string
  /** Record of the transactions that the commands send from one account. */
  transactions(account: Address): string
  /** What is kept of the chain of that name in the section `chains`. */
  chain(name: string): ChainFiles
}

/** What a node keeps of one further chain. */
export interface ChainFiles {
  /** The last final block that the providers agreed on, and the hash of block 0. */
  readonly finality: string
  /** What the node sends on it, by what it is for. */
  readonly intents: string
}

export function files(dataDir: string): DataFiles {
  return {
    guard: join(dataDir, 'guard.sqlite'),
    data: join(dataDir, 'data.sqlite'),
    evidence: join(dataDir, 'evidence.sqlite'),
    intents: join(dataDir, 'transactions.sqlite'),
    finality: join(dataDir, 'finality.json'),
    shares: join(dataDir, 'shares'),
    p2pKey: join(dataDir, 'p2p.key'),
    api: join(dataDir, 'api.json'),
    secondSelf: join(dataDir, 'second-self.json'),
    signer: join(dataDir, 'signer.json'),
    operatorFolder: join(dataDir, 'operator'),
    transactions: (account) => join(dataDir, 'operator', `transactions-${account}.json`),
    chain: (name) => ({
      finality: join(dataDir, 'chains', name, 'finality.json'),
      intents: join(dataDir, 'chains', name, 'transactions.sqlite'),
    }),
  }
}
