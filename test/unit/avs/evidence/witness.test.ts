import assert from 'node:assert/strict'
import { accusedBy, isProof } from '../../../../src/avs/evidence/verify.ts'
import { type Heard, MAX_WITNESSED_SLOTS, Witness } from '../../../../src/avs/evidence/witness.ts'
import type { EpochTable } from '../../../../src/types/epoch.ts'
import { type Equivocation, equivocationOf, type Testimony } from '../../../../src/types/evidence.ts'
import { Kind, type Statement } from '../../../../src/types/statement.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { certifyAs, signAs } from '../../../support/rogueSigner.ts'
import { castOf, DOMAIN, payloadOf, SERVICE } from '../../../support/simnet.ts'

const cast = castOf(4)
/** Epoch 2 has the same operators in the opposite order. */
const turned: EpochTable = {
  ...cast.table,
  number: 2n,
  members: [...cast.table.members].reverse().map((member, index) => ({ ...member, index })),
}
const tables = (epoch: bigint) => [cast.table, turned].find(({ number }) => number === epoch)
const statement = (value: bigint, over: Partial<Statement> = {}): Statement => ({
  service: SERVICE,
  kind: Kind.certify,
  epoch: 1n,
  slot: 5n,
  attempt: 0,
  payload: payloadOf(value),
  ...over,
})
const operatorOf = (row: number) => cast.operators[row] as Address
const heardOf = async (row: number, of: Statement, over: Partial<Heard> = {}): Promise<Heard> => ({
  statement: of,
  author: of.epoch === 1n ? row : 3 - row,
  operator: operatorOf(row),
  signature: await signAs(cast, row, of),
  verified: false,
  ...over,
})

describe('the witness', () => {
  let witness: Witness
  let accused: string[]
  beforeEach(() => {
    accused = []
    witness = new Witness(DOMAIN, tables, ({ operator }) => accused.includes(operator))
  })

  function proof(found: ReturnType<Witness['compare']>): Equivocation {
    assert.ok(typeof found === 'object', `no proof but ${found}`)
    assert.ok(isProof(DOMAIN, tables, found))
    return found
  }

  it('proves two payloads of every kind, whether they were checked before or not', async () => {
    for (const kind of Object.values(Kind)) {
      for (const verified of [false, true]) {
        const slot = BigInt(kind * 2 + Number(verified))
        witness.remember(await heardOf(1, statement(1n, { kind, slot }), { verified }))
        const found = proof(witness.compare(await heardOf(1, statement(2n, { kind, slot }), { verified })))
        assert.deepEqual(accusedBy(tables, found), [operatorOf(1)])
        assert.equal(found.first.statement.payload, payloadOf(1n))
      }
    }
  })

  it('finds nothing in what an honest operator signs', async () => {
    witness.remember(await heardOf(1, statement(1n)))
    for (const other of [
      statement(1n),
      statement(2n, { kind: Kind.observe }),
      statement(2n, { slot: 6n }),
      statement(2n, { attempt: 1 }),
      statement(1n, { epoch: 2n }),
    ]) {
      assert.equal(witness.compare(await heardOf(1, other)), 'fine')
    }
    assert.equal(witness.compare(await heardOf(2, statement(2n))), 'fine')
  })

  it('proves two payloads under two epochs, in which the operator has another row', async () => {
    witness.remember(await heardOf(0, statement(1n)))
    const found = proof(witness.compare(await heardOf(0, statement(2n, { epoch: 2n }))))
    assert.deepEqual(accusedBy(tables, found), [operatorOf(0)])
    assert.deepEqual(
      [found.first, found.second].map((side) => side.form === 'signature' && [side.statement.epoch, side.author]),
      [
        [1n, 0],
        [2n, 3],
      ],
    )
  })

  it('is not taken in by false signatures, before or after', async () => {
    const forged = await heardOf(1, statement(1n), { signature: await signAs(cast, 3, statement(1n)) })
    witness.remember(await heardOf(1, statement(2n)))
    assert.equal(witness.compare(forged), 'false')
    const junk = await heardOf(1, statement(3n), { signature: new Uint8Array(96).fill(1) })
    assert.equal(witness.compare(junk), 'false')
    // remembered unchecked, a false one is forgotten when it is in the way
    const other = new Witness(DOMAIN, tables, () => false)
    other.remember(forged)
    assert.equal(other.compare(await heardOf(1, statement(2n))), 'fine')
    assert.equal(other.size.statements, 0)
  })

  it('cannot be spoilt by a false signature of the same payload', async () => {
    witness.remember(await heardOf(1, statement(1n), { signature: await signAs(cast, 3, statement(1n)) }))
    witness.remember(await heardOf(1, statement(1n)))
    proof(witness.compare(await heardOf(1, statement(2n))))
  })

  it('keeps the first payload, and does not let it be replaced', async () => {
    witness.remember(await heardOf(1, statement(1n), { verified: true }))
    witness.remember(await heardOf(1, statement(2n), { verified: true }))
    assert.equal(witness.compare(await heardOf(1, statement(1n))), 'fine')
    proof(witness.compare(await heardOf(1, statement(2n))))
  })

  it('does not check signatures of an operator that is accused already', async () => {
    witness.remember(await heardOf(1, statement(1n)))
    accused.push(operatorOf(1))
    assert.equal(witness.compare(await heardOf(1, statement(2n))), 'known')
    assert.equal(witness.compare(await heardOf(1, statement(1n))), 'fine')
  })

  it('proves a certificate against a signature, whichever came first', async () => {
    const certificate = await certifyAs(cast, [0, 1, 2], statement(1n))
    assert.deepEqual(witness.certified(certificate), [])
    const found = proof(witness.compare(await heardOf(2, statement(2n))))
    assert.deepEqual(accusedBy(tables, found), [operatorOf(2)])
    // who is not in the certificate is free to differ
    assert.equal(witness.compare(await heardOf(3, statement(2n))), 'fine')

    const other = new Witness(DOMAIN, tables, () => false)
    for (const row of [1, 2, 3]) other.remember(await heardOf(row, statement(2n)))
    other.remember(await heardOf(0, statement(1n)))
    const proofs = other.certified(certificate)
    assert.deepEqual(
      proofs.map((one) => accusedBy(tables, proof(one))),
      [[operatorOf(1)], [operatorOf(2)]],
    )
  })

  it('proves two certificates of one attempt, against those in both', async () => {
    const first = await certifyAs(cast, [0, 1, 2], statement(1n))
    assert.deepEqual(witness.certified(first), [])
    assert.deepEqual(witness.certified(first), [])
    assert.deepEqual(witness.certified(await certifyAs(cast, [0, 1, 2, 3], statement(1n))), [])
    const [found, ...more] = witness.certified(await certifyAs(cast, [1, 2, 3], statement(2n)))
    assert.equal(more.length, 0)
    assert.deepEqual(accusedBy(tables, proof(found as Equivocation)), [operatorOf(1), operatorOf(2)])
    assert.deepEqual(witness.certified(await certifyAs(cast, [1, 2, 3], statement(2n, { attempt: 1 }))), [])
  })

  it('remembers a bounded number of slots, and forgets the lowest', async () => {
    const heard = await heardOf(1, statement(1n))
    for (let slot = 0n; slot < MAX_WITNESSED_SLOTS + 50; slot++) {
      witness.remember({ ...heard, statement: statement(1n, { slot }) })
    }
    assert.deepEqual(witness.size, { slots: MAX_WITNESSED_SLOTS, statements: MAX_WITNESSED_SLOTS })
    assert.equal(witness.compare(await heardOf(1, statement(2n, { slot: 10n }))), 'fine')
  })
})

describe('a proof of equivocation', () => {
  const own = async (row: number, of: Statement): Promise<Testimony> => ({
    form: 'signature',
    statement: of,
    author: of.epoch === 1n ? row : 3 - row,
    signature: await signAs(cast, row, of),
  })
  const joint = async (rows: readonly number[], of: Statement): Promise<Testimony> => ({
    form: 'certificate',
    ...(await certifyAs(cast, rows, of)),
  })
  const isTrue = (one: Testimony, two: Testimony) => isProof(DOMAIN, tables, equivocationOf(one, two))

  it('needs two payloads of one slot', async () => {
    assert.ok(isTrue(await own(1, statement(1n)), await own(1, statement(2n))))
    for (const other of [
      statement(1n),
      statement(2n, { slot: 6n }),
      statement(2n, { attempt: 1 }),
      statement(2n, { kind: Kind.deal }),
    ]) {
      assert.equal(isTrue(await own(1, statement(1n)), await own(1, other)), false)
    }
  })

  it('needs signatures of those that it names, in epochs that are known', async () => {
    const first = await own(1, statement(1n))
    assert.equal(isTrue(first, { ...(await own(2, statement(2n))), author: 1 } as Testimony), false)
    assert.equal(isTrue(first, { ...(await own(1, statement(2n))), author: 9 } as Testimony), false)
    const unknown = statement(2n, { epoch: 3n })
    const evidence = equivocationOf(first, { ...(await own(1, unknown)), author: 1 } as Testimony)
    assert.equal(isProof(DOMAIN, tables, evidence), false)
    assert.equal(accusedBy(tables, evidence), undefined)
  })

  it('accuses nobody who is on one side only', async () => {
    const evidence = equivocationOf(await joint([0, 1], statement(1n)), await joint([2, 3], statement(2n)))
    assert.ok(isProof(DOMAIN, tables, evidence))
    assert.deepEqual(accusedBy(tables, evidence), [])
    assert.deepEqual(accusedBy(tables, equivocationOf(await own(0, statement(1n)), await own(1, statement(2n)))), [])
  })

  it('does not hold with a bitmap that says more or less than was signed', async () => {
    const first = await joint([0, 1, 2, 3], statement(1n))
    const second = await joint([0, 1, 2], statement(2n))
    assert.ok(isTrue(first, second))
    for (const absent of [new Uint8Array(), Uint8Array.of(4), Uint8Array.of(12), Uint8Array.of(8, 1)]) {
      assert.equal(isTrue(first, { ...second, absent } as Testimony), false)
    }
    const nobody = { ...second, absent: Uint8Array.of(15) } as Testimony
    assert.equal(isTrue(first, nobody), false)
  })
})
