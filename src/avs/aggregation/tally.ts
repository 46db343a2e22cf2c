import { findInvalid } from '../../bls/blame.ts'
import {
  type PublicKey,
  publicKeyFromBytes,
  type Signature,
  signatureFromBytes,
  signatureToBytes,
} from '../../bls/keys.ts'
import { aggregateSignatures, verifySameMessage } from '../../bls/verify.ts'
import { absentBitmap, type Certificate } from '../../types/certificate.ts'
import { statementDigest } from '../../types/digest.ts'
import { type EpochTable, isQuorum, type Member, weightNow } from '../../types/epoch.ts'
import type { Domain, Statement } from '../../types/statement.ts'

/** Most batch checks that one hunt for false shares may cost: enough for 8 of 200. */
const MAX_BLAME_CHECKS = 128

interface Share {
  readonly row: number
  signature: Signature | Uint8Array
  /** Peer that is its author and handed it over; undefined for our own and for gossiped (already verified) ones. */
  readonly peer: string | undefined
  verified: boolean
}

/** A false share and the authenticated peer that handed it over. */
export interface FalseShare {
  readonly row: number
  readonly peer: string | undefined
}

const keyTables = new WeakMap<readonly Member[], Map<number, PublicKey>>()

/** Public key of a row, decoded once per table. Keys come only from the epoch table, never from the wire. */
export function keyOf(table: EpochTable, row: number): PublicKey | undefined {
  const member = table.members[row]
  if (member === undefined) return undefined
  let keys = keyTables.get(table.members)
  if (keys === undefined) {
    keys = new Map()
    keyTables.set(table.members, keys)
  }
  let key = keys.get(row)
  if (key === undefined) {
    key = publicKeyFromBytes(member.publicKey)
    keys.set(row, key)
  }
  return key
}

/** The partials of one (slot, attempt, payload), counted by weight. */
export class Tally {
  readonly statement: Statement
  readonly #domain: Domain
  #shares = new Map<number, Share>()
  #table: () => EpochTable

  /** @param table gives the epoch's table as it is now: revocations count at once */
  constructor(statement: Statement, domain: Domain, table: () => EpochTable) {
    this.statement = statement
    this.#domain = domain
    this.#table = table
  }

  get table(): EpochTable {
    return this.#table()
  }

  has(row: number): boolean {
    return this.#shares.has(row)
  }

  get rows(): number[] {
    return [...this.#shares.keys()]
  }

  /**
   * Adds a share unless its author has one already. An unverified one is only counted optimistically.
   * @param signature bytes only for what our own signer made: they are decoded when a sum is wanted, and most nodes want none
   */
  add(row: number, signature: Signature | Uint8Array, origin: { verified: boolean; peer?: string | undefined }): void {
    if (!this.#shares.has(row)) this.#shares.set(row, { row, signature, peer: origin.peer, verified: origin.verified })
  }

  hasQuorum(): boolean {
    const table = this.table
    return isQuorum(weightNow(table, this.#shares.keys()), table.totalWeight, table.quorumBps)
  }

  /** Whether everyone whose weight counts is in. */
  isComplete(): boolean {
    const { members, revokedNow } = this.table
    return members.every(({ index }) => this.#shares.has(index) || revokedNow.has(index))
  }

  /** The sum of all shares whose weight counts, unchecked: `verify` is the one check of it. */
  sum(): Certificate {
    const table = this.table
    const shares = [...this.#shares.values()].filter(({ row }) => !table.revokedNow.has(row))
    return {
      statement: this.statement,
      absent: absentBitmap(table, new Set(shares.map(({ row }) => row))),
      signature: signatureToBytes(aggregateSignatures(shares.map(decoded))),
    }
  }

  /** Finds false shares by randomised batches, takes them out, and marks what is left as verified when that is proven. */
  removeFalse(): FalseShare[] {
    const suspects = [...this.#shares.values()].filter((share) => !share.verified)
    const { invalid, exhausted } = findInvalid(suspects, (some) => this.#check(some), MAX_BLAME_CHECKS)
    const found = new Set(invalid.map((i) => suspects[i]))
    for (const share of suspects) {
      // a hunt that ran out of checks leaves shares of unknown truth: none of them may stay
      if (exhausted || found.has(share)) this.#shares.delete(share.row)
      else share.verified = true
    }
    return suspects.filter((share) => found.has(share)).map(({ row, peer }) => ({ row, peer }))
  }

  #check(shares: readonly Share[]): boolean {
    const signed: { publicKey: PublicKey; signature: Signature }[] = []
    for (const share of shares) {
      const publicKey = keyOf(this.table, share.row)
      if (publicKey === undefined) return false
      signed.push({ publicKey, signature: decoded(share) })
    }
    return verifySameMessage(statementDigest(this.#domain, this.statement), signed)
  }
}

function decoded(share: Share): Signature {
  if (share.signature instanceof Uint8Array) share.signature = signatureFromBytes(share.signature)
  return share.signature
}
