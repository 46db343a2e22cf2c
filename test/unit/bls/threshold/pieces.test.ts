import assert from 'node:assert/strict'
import { makeDealing, SEED_BYTES } from '../../../../src/bls/secret/dealing.ts'
import { encryptionPublicKey } from '../../../../src/bls/secret/encryption.ts'
import { scalarBytes } from '../../../../src/bls/secret/scalars.ts'
import { checkDealing } from '../../../../src/bls/threshold/check.ts'
import { generatorG1 } from '../../../../src/bls/threshold/generators.ts'
import { findBadPartials } from '../../../../src/bls/threshold/partials.ts'
import { compressG1 } from '../../../../src/bls/threshold/points.ts'
import { openPolynomial } from '../../../../src/bls/threshold/polynomial.ts'
import { foldPolynomials } from '../../../../src/bls/threshold/qualified.ts'
import { describeSession } from '../../../../src/bls/threshold/session.ts'
import { startThreshold } from '../../../../src/bls/threshold/start.ts'
import type { Dealing, Session } from '../../../../src/bls/threshold/types.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { watchLoop } from '../../../support/loopProbe.ts'

/** The largest session: 32 members, 64 shares, threshold 43. */
const MEMBERS = 32
const THRESHOLD = 43
/** Each of the works below takes 100 ms and more: fewer turns than these mean that it does not let others run. */
const TURNS = 3

const operatorOf = (i: number): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`

// How long a turn takes is for `bench threshold`; here only that there are turns, which no busy machine changes.
describe('the largest session lets the event loop turn', function () {
  this.timeout(120_000)
  let session: Session
  let dealing: Dealing
  let polynomial: Uint8Array

  before(async () => {
    await startThreshold()
    const members = Array.from({ length: MEMBERS }, (_, i) => ({
      operator: operatorOf(i),
      encryptionKey: encryptionPublicKey(scalarBytes(BigInt(i + 2))),
      weight: 1n,
      shares: 2,
    }))
    session = describeSession({
      chainId: 1,
      keyGeneration: operatorOf(999),
      ...{ session: 1n, epoch: 1n, attempt: 0, members, threshold: THRESHOLD },
    })
  })

  it('while a dealing is made', async () => {
    const { result, turns } = await watchLoop(() =>
      makeDealing(session, operatorOf(0), new Uint8Array(SEED_BYTES).fill(7)),
    )
    dealing = result
    assert.ok(turns >= TURNS, `${turns}`)
  })

  it('while dealings are added up', async () => {
    // whose they are is not looked at here, so that one serves for all
    const dealt = session.members.map(({ operator }) => ({ dealer: operator, dealing }))
    const { result, turns } = await watchLoop(() => foldPolynomials(session, dealt))
    polynomial = result
    assert.ok(turns >= TURNS, `${turns}`)
    const fault = await checkDealing(session, { dealer: operatorOf(1), dealing })
    assert.deepEqual(fault, { kind: 'ephemeral-proof' }, 'it is looked at there')
  })

  it('while false partials are looked for', async () => {
    const signature = compressG1(generatorG1())
    const partials = Array.from({ length: 64 }, (_, index) => ({ index, signature }))
    const { result, turns } = await watchLoop(() => findBadPartials(openPolynomial(polynomial), 1n, partials, 8))
    assert.equal(result.exhausted, true)
    assert.ok(turns >= TURNS, `${turns}`)
  })
})
