import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import { checkBytes, checkInteger } from './limits.ts'
import type { GuardKey } from './store.ts'

/** The part of a guard key that a watermark belongs to. */
export type StreamKey = Omit<GuardKey, 'slot' | 'attempt'>

/** A stream key as bytes, so that the letter case of an address makes no second record. */
export interface CheckedStream {
  readonly chainId: number
  readonly genesisHash: Uint8Array
  readonly serviceManager: Uint8Array
  readonly operator: Uint8Array
  readonly service: Uint8Array
  readonly kind: number
}

/** Streams whose bytes are remembered; a node has four for each service. */
const MAX_STREAMS = 1_024

/** A `checkStream` that remembers, so that the same stream gives the same object. */
export function streamChecker(): (key: StreamKey) => CheckedStream {
  const known = new Map<string, CheckedStream>()
  return (key) => {
    const id = `${key.chainId}/${key.genesisHash}/${key.serviceManager}/${key.operator}/${key.service}/${key.kind}`
    const before = known.get(id)
    if (before !== undefined) return before
    const checked = checkStream(key)
    if (known.size >= MAX_STREAMS) known.clear()
    known.set(id, checked)
    return checked
  }
}

/** @throws LariatError `store.out-of-range` */
export function checkStream(key: StreamKey): CheckedStream {
  return {
    chainId: small('chain id', key.chainId, Number.MAX_SAFE_INTEGER),
    genesisHash: checkBytes('genesis hash', key.genesisHash, 32),
    serviceManager: checkBytes('ServiceManager', key.serviceManager, 20),
    operator: checkBytes('operator', key.operator, 20),
    service: checkBytes('service', key.service, 32),
    kind: small('kind', key.kind, 0xff),
  }
}

/** What shall be recorded, as bytes. */
export interface CheckedEntry {
  readonly stream: CheckedStream
  readonly slot: bigint
  readonly attempt: number
  readonly epoch: bigint
  readonly payload: Uint8Array
  readonly digest: Uint8Array
}

/** @throws LariatError `store.out-of-range` unless everything can be recorded as it is */
export function checkEntry(
  key: GuardKey,
  epoch: bigint,
  payload: Hex,
  digest: Hex,
  stream: CheckedStream = checkStream(key),
): CheckedEntry {
  return {
    stream,
    slot: checkInteger('slot', key.slot),
    attempt: small('attempt', key.attempt, 0xffff),
    epoch: checkInteger('epoch', epoch),
    payload: checkBytes('payload', payload, 32),
    digest: checkBytes('digest', digest, 32),
  }
}

function small(name: string, value: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new LariatError('store.out-of-range', `${name} ${value} is not a whole number in [0, ${max}]`, {
      name,
      value,
    })
  }
  return value
}
