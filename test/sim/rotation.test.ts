import assert from 'node:assert/strict'
import type { KeyRing, RingKey } from '../../src/signer/keyRing.ts'
import { blsPublicKey, blsSecretFromSeed } from '../../src/signer/secrets.ts'
import type { EpochTable } from '../../src/types/epoch.ts'
import { INTERVAL, square } from '../support/services.ts'
import type { Cast } from '../support/simnet.ts'
import { GENESIS, type SimRun, simRun } from '../support/simrun.ts'

const SEED = 11
const COUNT = 4
/** First slot of the second epoch, in which operator 0 has another key. */
const CHANGE = 8n

const oldKey = keyOf(blsSecretFromSeed(new Uint8Array(32).fill(1))) // as the cast gives operator 0
const newKey = keyOf(blsSecretFromSeed(new Uint8Array(32).fill(101)))

function keyOf(secret: RingKey['secret']): RingKey {
  return { keystore: '', secret, publicKey: blsPublicKey(secret) }
}

function tables({ table }: Cast): readonly EpochTable[] {
  const members = table.members.map((row) => (row.index === 0 ? { ...row, publicKey: newKey.publicKey } : row))
  return [table, { ...table, number: 2n, activatesAt: GENESIS + Number(CHANGE) * INTERVAL, members }]
}

describe(`a BLS key that is rotated, simulated (seed ${SEED})`, () => {
  let run: SimRun
  afterEach(() => run.stop())

  async function signersBySlot(ring: KeyRing, midway = () => {}): Promise<Map<bigint, number>> {
    const definition = square({ observe: (_, slot) => slot ** 2n })
    const secretOf = (index: number) => (index === 0 ? ring : undefined)
    run = await simRun({ count: COUNT, seed: SEED, definition, secretOf, tables })
    await run.pass(4)
    midway()
    await run.pass(12)
    const records = run.records(1).filter(({ outcome }) => outcome === 'certified')
    const counts = new Map(records.map(({ slot, signers }) => [slot, signers.length]))
    assert.ok([...counts.keys()].some((slot) => slot < CHANGE))
    assert.ok([...counts.keys()].filter((slot) => slot >= CHANGE).length >= 4)
    return counts
  }

  it('signs every slot: with the old key until its epoch ends, with the new one from then on', async () => {
    // the new one comes in the middle of the first epoch, without a restart
    let keys = [oldKey]
    const ring: KeyRing = { keys: () => keys, reload: async () => 0 }
    const counts = await signersBySlot(ring, () => {
      keys = [oldKey, newKey]
    })
    for (const [slot, signers] of counts) assert.equal(signers, COUNT, `slot ${slot}`)
  })

  it('is missed from the second epoch on without the new key, and until then without the old one', async () => {
    const only = (key: RingKey): KeyRing => ({ keys: () => [key], reload: async () => 0 })
    for (const [slot, signers] of await signersBySlot(only(oldKey))) {
      assert.equal(signers, slot < CHANGE ? COUNT : COUNT - 1, `slot ${slot}`)
    }
    await run.stop()
    for (const [slot, signers] of await signersBySlot(only(newKey))) {
      assert.equal(signers, slot < CHANGE ? COUNT - 1 : COUNT, `slot ${slot}`)
    }
  })
})
