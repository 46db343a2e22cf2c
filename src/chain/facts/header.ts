import { keccak256, toRlp } from 'viem'
import type { Hex } from '../../util/hex.ts'
import { Lie } from '../errors.ts'
import type { BlockHead } from '../types.ts'

/** A block's header whose fields hash to its hash: as true as the hash is. */
export interface Header extends BlockHead {
  readonly parentHash: Hex
  readonly stateRoot: Hex
  readonly receiptsRoot: Hex
  /** Of all logs of the block, 256 bytes. */
  readonly logsBloom: Hex
  /** What a call in this block sees besides its state. */
  readonly environment: {
    readonly coinbase: Hex
    readonly gasLimit: bigint
    readonly prevRandao: Hex
    /** wei per gas; undefined before London. */
    readonly baseFee: bigint | undefined
    readonly excessBlobGas: bigint | undefined
  }
}

/** In the order of the header's RLP; yellow paper 4.3.4, then EIP-1559, 4895, 4844 (two), 4788, 7685. */
const BYTES = ['sha3Uncles', 'transactionsRoot', 'extraData', 'mixHash', 'nonce'] as const
const OPTIONAL = [
  ['baseFeePerGas', 'integer'],
  ['withdrawalsRoot', 'bytes'],
  ['blobGasUsed', 'integer'],
  ['excessBlobGas', 'integer'],
  ['parentBeaconBlockRoot', 'bytes'],
  ['requestsHash', 'bytes'],
] as const

/** Most bytes of a header's field: extraData has 32 by consensus, the bloom 256. */
const MAX_FIELD_CHARACTERS = 2 + 2 * 256

/**
 * The header of a block as `eth_getBlockBy…` answers it, checked against its own hash.
 * @throws Lie `header` when it does not hash to what it says; TypeError when it is no header
 */
export function readHeader(raw: unknown): Header {
  const block = raw as Readonly<Record<string, unknown>>
  const bytes = (name: string): Hex => {
    const value = block[name]
    if (typeof value !== 'string' || value.length > MAX_FIELD_CHARACTERS || !/^0x([0-9a-f]{2})*$/i.test(value)) {
      throw new TypeError(`a block whose ${name} is no bytes`)
    }
    return value.toLowerCase() as Hex
  }
  const integer = (name: string): bigint => {
    const value = block[name]
    if (typeof value !== 'string' || value.length > 66 || !/^0x[0-9a-f]+$/i.test(value)) {
      throw new TypeError(`a block whose ${name} is no number`)
    }
    return BigInt(value)
  }
  for (const name of BYTES) bytes(name)
  const fields: Hex[] = [
    ...['parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'logsBloom'].map(bytes),
    ...['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp'].map((name) => rlpInteger(integer(name))),
    ...['extraData', 'mixHash', 'nonce'].map(bytes),
  ]
  for (const [name, kind] of OPTIONAL) {
    if (block[name] === undefined || block[name] === null) break
    fields.push(kind === 'integer' ? rlpInteger(integer(name)) : bytes(name))
  }
  const hash = bytes('hash')
  const actual = keccak256(toRlp(fields))
  if (actual !== hash) {
    throw new Lie(
      'header',
      `block ${integer('number')} does not hash to ${hash} but to ${actual} (a hard fork that this lariat does not know would look the same)`,
    )
  }
  return {
    number: integer('number'),
    hash,
    timestamp: integer('timestamp'),
    parentHash: bytes('parentHash'),
    stateRoot: bytes('stateRoot'),
    receiptsRoot: bytes('receiptsRoot'),
    logsBloom: bytes('logsBloom'),
    environment: {
      coinbase: bytes('miner'),
      gasLimit: integer('gasLimit'),
      prevRandao: bytes('mixHash'),
      baseFee: optional('baseFeePerGas'),
      excessBlobGas: optional('excessBlobGas'),
    },
  }

  function optional(name: string): bigint | undefined {
    return block[name] === undefined || block[name] === null ? undefined : integer(name)
  }
}

/** An integer as RLP has it: big-endian without leading zeros, nothing for zero. */
export function rlpInteger(value: bigint): Hex {
  if (value === 0n) return '0x'
  const digits = value.toString(16)
  return `0x${digits.length % 2 === 0 ? '' : '0'}${digits}`
}
