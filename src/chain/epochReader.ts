import type { EpochTable, Member } from '../types/epoch.ts'
import { LariatError } from '../util/errors.ts'
import { type Address, hexToBytes } from '../util/hex.ts'
import { serviceManagerAbi } from './abi/serviceManager.ts'
import type { ChainReader, Finality } from './types.ts'

/** Rows of one request: 13 kB of keys, and gas far below what nodes allow a call. */
const ROWS_PER_PAGE = 100n
/** Rows of a table, at most: what the contract lets join. */
const MAX_ROWS = 10_000
/** x and y of a BLS12-381 G1 point, bytes. */
const KEY_BYTES = 96

/** What is frozen when a table is finished. Times are Unix seconds. */
export type FrozenEpoch = Omit<EpochTable, 'endsAt' | 'revoked' | 'revokedNow' | 'quorumBps'> & {
  readonly builtAtBlock: bigint
}

/**
 * Reads one finished table. Undefined when there is none of that number (any more).
 * @throws LariatError `chain.unavailable`, `chain.inconsistent` when rows and sums do not fit together
 */
export async function readEpoch(
  chain: ChainReader,
  address: Address,
  number: bigint,
  block: Finality,
): Promise<FrozenEpoch | undefined> {
  const contract = { address, abi: serviceManagerAbi, block } as const
  const info = await chain.read({ ...contract, functionName: 'epochInfo', args: [number] })
  if (info.builtAtBlock === 0n) return undefined
  const wrong = (why: string) =>
    new LariatError('chain.inconsistent', `epoch ${number} of ${address}: ${why}; reading it again`, {
      address,
      number,
    })
  if (info.operators > MAX_ROWS) throw wrong(`${info.operators} rows, more than ${MAX_ROWS}`)

  const members: Member[] = []
  while (members.length < info.operators) {
    const from = BigInt(members.length)
    const page = await chain.read({ ...contract, functionName: 'epochRows', args: [number, from, ROWS_PER_PAGE] })
    const [operators, publicKeys, weights] = page
    if (operators.length === 0) throw wrong(`rows end at ${members.length} of ${info.operators}`)
    for (const [i, operator] of operators.entries()) {
      const [key, weight] = [publicKeys[i], weights[i]]
      if (key === undefined || weight === undefined || weight === 0n) throw wrong(`row ${members.length} is not whole`)
      const publicKey = hexToBytes(key)
      if (publicKey.length !== KEY_BYTES) throw wrong(`row ${members.length} has a key of ${publicKey.length} bytes`)
      members.push({ index: members.length, operator, publicKey, weight })
    }
  }
  const sum = members.reduce((total, { weight }) => total + weight, 0n)
  if (members.length !== info.operators || sum !== info.totalWeight) {
    throw wrong(`${members.length} rows weigh ${sum}, not ${info.operators} and ${info.totalWeight}`)
  }
  return {
    number,
    activatesAt: Number(info.activatesAt),
    validUntil: Number(info.validUntil),
    totalWeight: info.totalWeight,
    builtAtBlock: info.builtAtBlock,
    members,
  }
}

/** Rows of a table whose weight was revoked. @throws LariatError `chain.unavailable` */
export async function readRevoked(
  chain: ChainReader,
  address: Address,
  number: bigint,
  block: Finality,
): Promise<Set<number>> {
  const bitmap = hexToBytes(
    await chain.read({ address, abi: serviceManagerAbi, functionName: 'revokedRows', args: [number], block }),
  )
  const rows = new Set<number>()
  for (let row = 0; row < bitmap.length * 8; row++) {
    if (((bitmap[row >> 3] ?? 0) >> (row & 7)) & 1) rows.add(row)
  }
  return rows
}
