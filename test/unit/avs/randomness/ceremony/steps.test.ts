import assert from 'node:assert/strict'
import { type Address, type Session, SimClock } from 'lariat/avs'
import {
  type BoardSession,
  countingOf,
  dealersOf,
  type Posted,
} from '../../../../../src/avs/randomness/ceremony/board.ts'
import { placeOf, Turns } from '../../../../../src/avs/randomness/ceremony/order.ts'
import { stepOf } from '../../../../../src/avs/randomness/ceremony/steps.ts'

const operator = (i: number): Address => `0x${(i + 1).toString(16).padStart(2, '0').repeat(20)}`
const members = (...shares: number[]) =>
  shares.map((count, i) => ({
    operator: operator(i),
    encryptionKey: new Uint8Array(96).fill(i),
    weight: BigInt(count),
    shares: count,
  }))

/** A session of four that was opened in block 100: dealing to 110, complaints to 120, folding to 130. */
function session(options: { dealt?: number[]; convicted?: number[]; previous?: number[] } = {}): BoardSession {
  const { dealt = [], convicted = [], previous } = options
  const facts = {
    members: members(1, 1, 1, 1),
    threshold: 3,
    previous:
      previous === undefined
        ? undefined
        : { sharing: 1n, members: members(...previous), threshold: 3, polynomial: new Uint8Array(3 * 192) },
  } as unknown as Session
  const posted = (i: number) => ({ dealer: operator(i), dealing: {}, restHash: '0x' }) as unknown as Posted
  return {
    facts,
    openedAt: { block: 100n, timestamp: 0n },
    ...{ dealEnd: 110n, complaintEnd: 120n, finishEnd: 130n, state: 'open' },
    dealt: new Map(dealt.map((i) => [operator(i), posted(i)])),
    convicted: new Map(convicted.map((i) => [operator(i).toLowerCase(), 1])),
    sums: new Map(),
  }
}

const step = (on: BoardSession | undefined, final: bigint, latest = final + 2n, own = 0) =>
  stepOf({ operator: operator(own), session: on, final, latest })?.kind

describe('steps of a session', () => {
  it('are dealing, examining and folding, each when what it rests on is final', () => {
    const fresh = session()
    assert.equal(step(fresh, 100n), 'deal')
    assert.equal(step(fresh, 107n), 'deal')
    // a transaction of now would be in the block after the last for dealing
    assert.equal(step(fresh, 108n), undefined)
    assert.equal(step(fresh, 109n), undefined)
    const dealt = session({ dealt: [0, 1, 2, 3] })
    assert.equal(step(dealt, 109n, 112n), undefined)
    assert.equal(step(dealt, 110n), 'examine')
    assert.equal(step(dealt, 117n), 'examine')
    assert.equal(step(dealt, 119n), undefined)
    assert.equal(step(dealt, 120n), 'fold')
    assert.equal(step(dealt, 127n), 'fold')
    assert.equal(step(dealt, 128n), 'fail')
  })

  it('are none without a session, or of one that is over', () => {
    assert.equal(step(undefined, 105n), undefined)
    assert.equal(step({ ...session(), state: 'finished' }, 105n), undefined)
    assert.equal(step({ ...session(), state: 'failed' }, 125n), undefined)
  })

  it('ask nobody to deal who has dealt, who owes nothing, or who was convicted', () => {
    assert.equal(step(session({ dealt: [0] }), 105n), undefined)
    assert.equal(step(session({ dealt: [0] }), 105n, 107n, 1), 'deal')
    assert.equal(step(session(), 105n, 107n, 7), undefined)
    assert.equal(step(session({ convicted: [0] }), 105n), undefined)
    // of a resharing the members of the old sharing with shares in it
    assert.equal(step(session({ previous: [0, 2, 2] }), 105n, 107n, 0), undefined)
    assert.equal(step(session({ previous: [0, 2, 2] }), 105n, 107n, 2), 'deal')
    assert.equal(step(session({ previous: [0, 2, 2] }), 105n, 107n, 3), undefined)
  })

  it('end a session that too few dealt in', () => {
    assert.equal(step(session({ dealt: [0, 1] }), 120n), 'fail')
    assert.equal(step(session({ dealt: [0, 1, 2] }), 120n), 'fold')
    assert.equal(step(session({ dealt: [0, 1, 2], convicted: [1] }), 120n), 'fail')
  })
})

describe('dealings that count', () => {
  const names = (on: BoardSession) => countingOf(on)?.map(({ dealer }) => dealer)

  it('are all of a new key, in the order of the members', () => {
    assert.deepEqual(names(session({ dealt: [3, 1, 0, 2] })), [0, 1, 2, 3].map(operator))
    assert.deepEqual(names(session({ dealt: [3, 1, 0, 2], convicted: [1] })), [0, 2, 3].map(operator))
    assert.equal(names(session({ dealt: [0, 1] })), undefined)
  })

  it('are those with the first old shares of a resharing', () => {
    assert.deepEqual(names(session({ dealt: [0, 1, 2], previous: [2, 2, 1] })), [0, 1].map(operator))
    assert.deepEqual(names(session({ dealt: [1, 2], previous: [2, 2, 1] })), [1, 2].map(operator))
    assert.equal(names(session({ dealt: [0, 2], previous: [1, 2, 1] })), undefined)
    assert.deepEqual(
      dealersOf(session({ previous: [0, 2, 1] }).facts).map((member) => member.operator),
      [1, 2].map(operator),
    )
  })
})

describe('the order for a thing to be done', () => {
  const operators = [0, 1, 2, 3, 4].map(operator)

  it('is the same for all, gives each one place, and changes with the thing', () => {
    const places = (seed: string) => operators.map((own) => placeOf(seed, operators, own))
    assert.deepEqual(places('a').toSorted(), [0, 1, 2, 3, 4])
    assert.deepEqual(
      places('a'),
      operators.map((own) => placeOf('a', operators.toReversed(), own)),
    )
    assert.ok(['b', 'c', 'd', 'e'].some((seed) => String(places(seed)) !== String(places('a'))))
    assert.equal(placeOf('a', operators, operator(9)), 5)
  })

  it('gives each its turn after the ones before it, from when it was first wanted, and keeps nobody waiting', async () => {
    const clock = new SimClock(1_000)
    const turns = operators.map((own) => new Turns(clock, own, 100))
    const whose = () => turns.flatMap((each, i) => (each.isOurs('a', operators) ? [i] : []))
    const place = (i: number) => placeOf('a', operators, operator(i))
    const order = operators.map((_, i) => i).sort((a, b) => place(a) - place(b))
    for (let ranks = 1; ranks <= 5; ranks++) {
      assert.deepEqual(whose(), order.slice(0, ranks).sort())
      await clock.advance(100)
    }
    assert.equal(turns[0]?.isOurs('b', operators), placeOf('b', operators, operator(0)) === 0)
  })
})
