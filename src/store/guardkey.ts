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

/** By the parts of a stream key in turn: the strings are the same objects every time, whose hashes are known. */
interface Branch extends Map<string | number, Branch | CheckedStream> {}

/** A `checkStream` that remembers, so that the same stream gives the same object. */
export function streamChecker(): (key: StreamKey) => CheckedStream {
  const root: Branch = new Map()
  let known = 0
  return (key) => {
    const parts = [key.chainId, key.genesisHash, key.serviceManager, key.operator, key.service, key.kind]
    let found: Branch | CheckedStream | undefined = root
    for (const part of parts) found = found instanceof Map ? found.get(part) : undefined
    if (found !== undefined && !(found instanceof Map)) return found
    const checked = checkStream(key)
    if (++known > MAX_STREAMS) {
      known = 0
      root.clear()
    }
    let branch = root
    for (const part of parts.slice(0, -1)) {
      const next = branch.get(part)
      const child: Branch = next instanceof Map ? next : new Map()
      branch.set(part, child)
      branch = child
    }
    branch.set(key.kind, checked)
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
