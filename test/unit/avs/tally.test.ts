import assert from 'node:assert/strict'
import { Tally } from '../../../src/avs/aggregation/tally.ts'
import { verifyCertificate } from '../../../src/avs/aggregation/verify.ts'
import { signatureFromBytes } from '../../../src/bls/keys.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { memoryGuardStore } from '../../../src/store/memory.ts'
import { signersOf } from '../../../src/types/certificate.ts'
import type { EpochTable } from '../../../src/types/epoch.ts'
import { Kind, type Statement } from '../../../src/types/statement.ts'
import type { Address } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import type { Secret } from '../../../src/util/secret.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { castOf, DOMAIN, payloadOf, SERVICE } from '../../support/simnet.ts'

const COUNT = 7
const cast = castOf(COUNT)
const statement: Statement = {
  service: SERVICE,
  kind: Kind.certify,
  epoch: 1n,
  slot: 5n,
  attempt: 0,
  payload: payloadOf(25n),
}

async function share(row: number, of: Statement = statement) {
  const signer = createLocalSigner({
    secret: cast.secrets[row] as Secret<Uint8Array>,
    domain: DOMAIN,
    operator: cast.operators[row] as Address,
    store: memoryGuardStore(),
    clock: new SimClock(),
    log: silentLog,
    metrics: createMetrics(),
    startedAt: 0,
  })
  return signer.sign({ statement: of, triggeredAt: 1e13, window: { from: 0n, to: 10n } })
}

describe('tally', () => {
  let good: Uint8Array[]
  let wrong: Uint8Array[]
  before(async () => {
    good = await Promise.all(cast.operators.map((_, row) => share(row)))
    wrong = await Promise.all(cast.operators.map((_, row) => share(row, { ...statement, payload: payloadOf(26n) })))
  })
  const tally = (table: EpochTable = cast.table) => new Tally(statement, DOMAIN, () => table)
  const add = (to: Tally, row: number, bytes = good[row] as Uint8Array, verified = false) =>
    to.add(row, signatureFromBytes(bytes), { verified, peer: `peer-${row}` })

  it('has a quorum strictly above two thirds of the weight', () => {
    const one = tally()
    for (const row of [0, 1, 2, 3]) add(one, row)
    assert.equal(one.hasQuorum(), false) // 4 of 7 is 57 %
    add(one, 4)
    assert.equal(one.hasQuorum(), true)
    const thirds = tally({ ...cast.table, members: cast.table.members.slice(0, 6), totalWeight: 6n * 32_000_000_000n })
    for (const row of [0, 1, 2, 3]) add(thirds, row)
    assert.equal(thirds.hasQuorum(), false) // exactly 2/3
  })

  it('sums to a certificate that verifies and names who is absent', () => {
    const one = tally()
    for (const row of [0, 2, 3, 5, 6]) add(one, row)
    const certificate = one.sum()
    assert.deepEqual(verifyCertificate(DOMAIN, cast.table, certificate), [0, 2, 3, 5, 6])
    assert.deepEqual(signersOf(cast.table, certificate.absent), [0, 2, 3, 5, 6])
  })

  it('counts one share a row, the first', () => {
    const one = tally()
    add(one, 0)
    add(one, 0, wrong[0])
    for (const row of [1, 2, 3, 4]) add(one, row)
    assert.deepEqual(verifyCertificate(DOMAIN, cast.table, one.sum()), [0, 1, 2, 3, 4])
  })

  it('finds false shares, names their senders, and keeps the rest', () => {
    const one = tally()
    for (const row of [0, 1, 2, 3, 4, 5, 6]) add(one, row, row === 1 || row === 6 ? wrong[row] : good[row])
    assert.throws(() => verifyCertificate(DOMAIN, cast.table, one.sum()), { code: 'certificate.invalid' })
    assert.deepEqual(one.removeFalse(), [
      { row: 1, peer: 'peer-1' },
      { row: 6, peer: 'peer-6' },
    ])
    assert.deepEqual(verifyCertificate(DOMAIN, cast.table, one.sum()), [0, 2, 3, 4, 5])
    assert.deepEqual(one.removeFalse(), [])
  })

  it('does not count revoked weight, and leaves it out of the sum', () => {
    const table = { ...cast.table, revokedNow: new Set([0]) }
    const one = tally(table)
    for (const row of [0, 1, 2, 3, 4]) add(one, row)
    assert.equal(one.hasQuorum(), false)
    add(one, 5)
    assert.deepEqual(verifyCertificate(DOMAIN, table, one.sum()), [1, 2, 3, 4, 5])
  })
})

describe('verification of a certificate', () => {
  const build = async (rows: readonly number[]) => {
    const one = new Tally(statement, DOMAIN, () => cast.table)
    for (const row of rows) one.add(row, signatureFromBytes(await share(row)), { verified: true })
    return one.sum()
  }
  const refuses =
    (change: object, table: EpochTable = cast.table) =>
    async () => {
      const certificate = await build([0, 1, 2, 3, 4])
      assert.throws(() => verifyCertificate(DOMAIN, table, { ...certificate, ...change }), LariatErrorCodes)
    }
  const LariatErrorCodes = (error: { code?: string }) =>
    error.code === 'certificate.invalid' || error.code === 'bls.invalid-signature'

  it('refuses another message', refuses({ statement: { ...statement, payload: payloadOf(1n) } }))
  it('refuses another kind', refuses({ statement: { ...statement, kind: Kind.observe } }))
  it('refuses another epoch', refuses({ statement: { ...statement, epoch: 2n } }))
  it('refuses another slot', refuses({ statement: { ...statement, slot: 6n } }))
  it('refuses an absentee claimed present', refuses({ absent: Uint8Array.of(0b0100_0000) }))
  it('refuses bits beyond the table', refuses({ absent: Uint8Array.of(0b1110_0000) }))
  it('refuses a bitmap with trailing zero bytes', refuses({ absent: Uint8Array.of(0b0110_0000, 0) }))
  it('refuses the point at infinity', refuses({ signature: Uint8Array.of(0xc0, ...new Uint8Array(95)) }))
  it('refuses another ServiceManager', async () => {
    const domain = { ...DOMAIN, serviceManager: cast.operators[0] as Address }
    const certificate = await build([0, 1, 2, 3, 4])
    assert.throws(() => verifyCertificate(domain, cast.table, certificate), { code: 'certificate.invalid' })
  })
  it('refuses revoked weight', refuses({}, { ...cast.table, revokedNow: new Set([2]) }))
  it('refuses too little weight', async () => {
    const certificate = await build([0, 1, 2, 3])
    assert.throws(() => verifyCertificate(DOMAIN, cast.table, certificate), { code: 'certificate.invalid' })
  })
})
