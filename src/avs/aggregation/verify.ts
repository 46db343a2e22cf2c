import { signatureFromBytes } from '../../bls/keys.ts'
import { verifyAggregate } from '../../bls/verify.ts'
import { type Certificate, signersOf } from '../../types/certificate.ts'
import { statementDigest } from '../../types/digest.ts'
import { type EpochTable, isQuorum, weightNow } from '../../types/epoch.ts'
import { type Domain, Kind } from '../../types/statement.ts'
import { LariatError } from '../../util/errors.ts'
import { keyOf } from './tally.ts'

/**
 * Checks a certificate against its epoch's table, as the contract does: kind, bitmap, quorum of unrevoked weight, signature.
 * Returns the rows that signed.
 * @throws LariatError `certificate.invalid`
 */
export function verifyCertificate(domain: Domain, table: EpochTable, certificate: Certificate): number[] {
  const { statement } = certificate
  const fail = (why: string): never => {
    throw new LariatError('certificate.invalid', `certificate of slot ${statement.slot}: ${why}`, {
      slot: statement.slot,
      attempt: statement.attempt,
    })
  }
  if (statement.kind !== Kind.certify) fail('its statement is not of kind certify')
  if (statement.epoch !== table.number) fail(`it is of epoch ${statement.epoch}, not ${table.number}`)
  const signers = signersOf(table, certificate.absent) ?? fail('its bitmap does not fit the epoch’s table')
  if (!isQuorum(weightNow(table, signers), table.totalWeight, table.quorumBps)) fail('its signers hold no quorum')
  const keys = signers.map((row) => keyOf(table, row) ?? fail(`row ${row} has no key`))
  if (!verifyAggregate(statementDigest(domain, statement), keys, signatureFromBytes(certificate.signature))) {
    fail('its signature is false')
  }
  return signers
}
