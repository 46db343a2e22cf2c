import { createMPTFromProof } from '@ethereumjs/mpt'
import { fromRlp, keccak256, type PublicClient, pad } from 'viem'
import { LariatError } from '../../util/errors.ts'
import { type Hex, hexToBytes } from '../../util/hex.ts'
import { Lie } from '../errors.ts'
import type { Providers } from '../providers.ts'
import type { Header } from './header.ts'

/** An account as the stateRoot of a block has it. */
export interface ProvenAccount {
  readonly nonce: bigint
  /** wei */
  readonly balance: bigint
  readonly storageHash: Hex
  readonly codeHash: Hex
}

/** The state of one block, proven piece by piece by Merkle proofs against its stateRoot (EIP-1186). */
export interface ProvenState {
  /** Undefined for an account that does not exist. @throws LariatError `chain.unavailable` when no provider proves it */
  account(address: Hex): Promise<ProvenAccount | undefined>
  /** The value of a slot, 32 bytes. @throws LariatError `chain.unavailable` */
  storage(address: Hex, slot: Hex): Promise<Hex>
  /** The values of up to `MAX_SLOTS` slots, 32 bytes each, by one proof. @throws LariatError `chain.range`, `chain.unavailable` */
  slots(address: Hex, slots: readonly Hex[]): Promise<readonly Hex[]>
  /** @throws LariatError `chain.unavailable` */
  code(address: Hex): Promise<Hex>
}

/** Root of an empty trie. */
const EMPTY_ROOT: Hex = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'
/** Hash of no code. */
const NO_CODE: Hex = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
const ZERO: Hex = `0x${'00'.repeat(32)}`
/** Nodes of one proof: a trie of 2^256 keys is 64 deep, and a real one under 20. */
const MAX_NODES = 64
/** Slots of one proof: an answer of a few hundred kB, which providers give at once. */
export const MAX_SLOTS = 128

/** @param header of an agreed block */
export function createProvenState(providers: Providers, header: Header): ProvenState {
  const accounts = new Map<Hex, Promise<ProvenAccount | undefined>>()
  const slots = new Map<string, Promise<Hex>>()
  const codes = new Map<Hex, Promise<Hex>>()
  const at = { blockHash: header.hash }

  async function fetchProof(client: PublicClient, address: Hex, keys: readonly Hex[]) {
    const request = client.request as (args: { method: string; params: readonly unknown[] }) => Promise<unknown>
    const answer = (await request({ method: 'eth_getProof', params: [address, keys, at] })) as {
      accountProof?: unknown
      storageProof?: unknown
    }
    const entries: readonly { proof?: unknown }[] = Array.isArray(answer.storageProof) ? answer.storageProof : []
    return { account: nodes(answer.accountProof), storage: keys.map((_, i) => nodes(entries[i]?.proof)) }
  }

  async function accountOf(proof: readonly Uint8Array[], address: Hex): Promise<ProvenAccount | undefined> {
    const value = await prove(header.stateRoot, keccak256(address), proof, `account ${address}`)
    if (value === undefined) return undefined
    const [nonce = '0x', balance = '0x', storageHash = '0x', codeHash = '0x'] = fromRlp(value, 'hex') as Hex[]
    return { nonce: number(nonce), balance: number(balance), storageHash, codeHash }
  }

  /** A proof of slots stands for itself: those of a provider that answers in another order do not lead to the root. */
  async function slotsOf(client: PublicClient, address: Hex, keys: readonly Hex[]): Promise<readonly Hex[]> {
    const proof = await fetchProof(client, address, keys)
    const account = await accountOf(proof.account, address)
    if (account === undefined) return keys.map(() => ZERO)
    return Promise.all(
      keys.map(async (key, i) => {
        const nodesOf = proof.storage[i] ?? []
        const value = await prove(account.storageHash, keccak256(key), nodesOf, `slot ${key} of ${address}`)
        return value === undefined ? ZERO : pad(fromRlp(value, 'hex') as Hex, { size: 32 })
      }),
    )
  }

  const what = (address: Hex) => `a proof of the state of ${address} in block ${header.number}`
  return {
    account: (address) =>
      once(accounts, address, () =>
        providers.ask(what(address), async (client) =>
          accountOf((await fetchProof(client, address, [])).account, address),
        ),
      ),
    storage: (address, slot) =>
      once(slots, `${address}:${slot}`, () =>
        providers.ask(what(address), async (client) => (await slotsOf(client, address, [slot]))[0] ?? ZERO),
      ),
    async slots(address, keys) {
      if (keys.length > MAX_SLOTS) {
        throw new LariatError('chain.range', `${keys.length} slots of ${address}: read ${MAX_SLOTS} at a time`)
      }
      const padded = keys.map((key) => pad(key, { size: 32 }))
      return padded.length === 0 ? [] : providers.ask(what(address), (client) => slotsOf(client, address, padded))
    },
    async code(address) {
      const account = await this.account(address)
      if (account === undefined || account.codeHash === NO_CODE) return '0x'
      return once(codes, address, () =>
        providers.ask(`the code of ${address}`, async (client) => {
          const request = client.request as (args: { method: string; params: readonly unknown[] }) => Promise<unknown>
          const code = await request({ method: 'eth_getCode', params: [address, at] })
          if (typeof code !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(code))
            throw new TypeError('code that is no bytes')
          if (keccak256(code as Hex) !== account.codeHash) {
            throw new Lie(
              'state',
              `its code of ${address} hashes to ${keccak256(code as Hex)}, not to ${account.codeHash}`,
            )
          }
          return code as Hex
        }),
      )
    },
  }
}

/** The value under `path`, or undefined when the proof shows that there is none. @throws Lie `state` */
async function prove(
  root: Hex,
  path: Hex,
  proof: readonly Uint8Array[],
  what: string,
): Promise<Uint8Array | undefined> {
  if (root === EMPTY_ROOT) return undefined
  try {
    const trie = await createMPTFromProof([...proof], { root: hexToBytes(root) })
    return (await trie.get(hexToBytes(path), true)) ?? undefined
  } catch {
    throw new Lie('state', `its proof of ${what} does not lead to the root ${root}`)
  }
}

function nodes(raw: unknown): readonly Uint8Array[] {
  if (!Array.isArray(raw) || raw.length > MAX_NODES) throw new TypeError('an answer that is no proof')
  return raw.map((node) => {
    if (typeof node !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(node)) throw new TypeError('a node that is no bytes')
    return hexToBytes(node as Hex)
  })
}

function number(hex: Hex): bigint {
  return hex === '0x' ? 0n : BigInt(hex)
}

/** The promise for `key`, made once; one that fails is made again at the next call. */
function once<K, V>(made: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const before = made.get(key)
  if (before !== undefined) return before
  const promise = make()
  made.set(key, promise)
  promise.catch(() => made.delete(key))
  return promise
}
