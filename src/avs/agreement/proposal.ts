import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { type EpochTable, isQuorum, weightOf } from '../../types/epoch.ts'
import { Kind, type Statement } from '../../types/statement.ts'
import type { SignedBody } from '../../types/wire/codec.ts'
import { bigToBytes, bytesToHex, type Hex } from '../../util/hex.ts'
import type { Observed, ReportAgreement } from '../api.ts'

/** Payload of an observation: keccak256 of its body. */
export function observationPayload(body: Uint8Array): Hex {
  return bytesToHex(keccak_256(body))
}

/** The statement that an observation's author signed: an operator observes once per slot, so the attempt is always 0. */
export function observationStatement(of: Pick<Statement, 'service' | 'epoch' | 'slot'>, body: Uint8Array): Statement {
  return {
    service: of.service,
    kind: Kind.observe,
    epoch: of.epoch,
    slot: of.slot,
    attempt: 0,
    payload: observationPayload(body),
  }
}

/** Payload of a proposal: keccak256 over (author u32 BE ‖ keccak256(body)) of its observations in ascending order of author. */
export function proposalPayload(observations: readonly Pick<SignedBody, 'author' | 'body'>[]): Hex {
  return bytesToHex(
    keccak_256(
      concatBytes(...observations.flatMap(({ author, body }) => [bigToBytes(BigInt(author), 4), keccak_256(body)])),
    ),
  )
}

/** True when authors ascend strictly, all are in the table, and together hold a quorum. */
export function isWellFormed(table: EpochTable, observations: readonly Pick<SignedBody, 'author'>[]): boolean {
  let last = -1
  for (const { author } of observations) {
    if (author <= last || table.members[author] === undefined) return false
    last = author
  }
  const weight = weightOf(
    table,
    observations.map(({ author }) => author),
  )
  return isQuorum(weight, table.totalWeight, table.quorumBps)
}

/** The observations as the report is computed from them; revoked authors are left out. @throws when a body does not decode */
export function observedOf<O, V>(
  agreement: ReportAgreement<O, V>,
  table: EpochTable,
  observations: readonly SignedBody[],
): Observed<O>[] {
  return observations.flatMap(({ author, body }) => {
    const member = table.members[author]
    if (member === undefined || table.revoked.has(author)) return []
    return [{ operator: member.operator, weight: member.weight, observation: agreement.observation.decode(body) }]
  })
}
