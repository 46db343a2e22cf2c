import { encodeG2 } from '../bls/eip2537.ts'
import { signatureFromBytes } from '../bls/keys.ts'
import type { StatementSigner } from '../signer/signer.ts'
import type { KeyValueStore, StoreSpec } from '../store/keyValue.ts'
import { Kind, type Statement } from '../types/statement.ts'
import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import { bigToBytes, bytesToBig, bytesToHex, type Hex } from '../util/hex.ts'
import type { EpochSource } from './ports.ts'
import { ownMember } from './runtime.ts'

/** A dealing to be signed. */
export interface Dealing {
  /** Epoch whose table has the key that signs. */
  readonly epoch: bigint
  /** Number of the session. */
  readonly slot: bigint
  /** 32 bytes that commit to the dealing. */
  readonly payload: Hex
  /** ms since the epoch at which the session was opened (its block's time): the floor after a start compares with it. */
  readonly triggeredAt: number
}

/** What `dealerOf` rests on. */
export interface DealerOptions {
  /** keccak256("lariat/" + name + "/key") */
  readonly service: Hex
  readonly signer: StatementSigner
  readonly epochs: EpochSource
  readonly clock: Clock
  /** Opens what remembers the highest session that was signed. */
  readonly store: () => KeyValueStore
}

/** Store of the runner's own beside those of a plug-in, whose names cannot have the sign. */
export const DEAL_STORE = '#dealt'
export const DEAL_STORE_SPEC: StoreSpec = { version: 1, maxEntries: 1, maxValueBytes: 16 }

/**
 * How far a session may lie above the highest that was signed, whatever the time; and further by one for each so many ms
 * since. Sessions take minutes. It keeps a plug-in from pushing the guard's watermark far ahead.
 */
const REACH_SESSIONS = 256n
const MS_PER_SESSION = 10_000

const KEY = Uint8Array.of(0)

/**
 * Signs dealings through the guard.
 * @returns the signature, G2 compressed, 96 bytes
 */
export function dealerOf({ service, signer, epochs, clock, store: open }: DealerOptions) {
  return async ({ epoch, slot, payload, triggeredAt }: Dealing): Promise<Uint8Array> => {
    // one that left deals under the last epoch that has it, however long that is over
    const members = epochs.byNumber(epoch)?.members ?? (await epochs.membersOf?.(epoch))
    if (members === undefined) {
      throw new LariatError('deal.unknown-epoch', `a dealing names epoch ${epoch}, which is not known here`, { epoch })
    }
    const member = ownMember(signer, { members })
    if (member === undefined) {
      throw new LariatError(
        'deal.not-a-member',
        `epoch ${epoch} has no row of this operator with a key that its signer holds, so it cannot deal under it`,
        { epoch },
      )
    }
    const now = clock.now()
    const store = open()
    const highest = readHighest(store)
    const to = highest === undefined ? slot : highest.slot + REACH_SESSIONS + sessionsSince(highest.at, now)
    const statement: Statement = { service, kind: Kind.deal, epoch, slot, attempt: 0, payload }
    const signature = await signer.sign({
      statement,
      publicKey: member.publicKey,
      triggeredAt,
      window: { from: 0n, to },
    })
    if (highest === undefined || slot > highest.slot) writeHighest(store, slot, now)
    return signature
  }
}

function sessionsSince(at: number, now: number): bigint {
  return BigInt(Math.floor(Math.max(0, now - at) / MS_PER_SESSION))
}

function readHighest(store: KeyValueStore): { slot: bigint; at: number } | undefined {
  const bytes = store.get(KEY)
  if (bytes === undefined) return undefined
  return { slot: bytesToBig(bytes.subarray(0, 8)), at: Number(bytesToBig(bytes.subarray(8))) }
}

function writeHighest(store: KeyValueStore, slot: bigint, at: number): void {
  store.put(KEY, Buffer.concat([bigToBytes(slot, 8), bigToBytes(BigInt(Math.floor(at)), 8)]))
}

/** A signature of 96 bytes as contracts take it: EIP-2537, 256 bytes. @throws LariatError `bls.invalid-signature` */
export function onChainSignature(signature: Uint8Array): Hex {
  return bytesToHex(encodeG2(signatureFromBytes(signature)))
}
