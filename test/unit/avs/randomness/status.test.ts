import assert from 'node:assert/strict'
import type { Session } from 'lariat/avs'
import { differences } from '../../../../scripts/lib/jsonShape.ts'
import type { BoardSession } from '../../../../src/avs/randomness/ceremony/board.ts'
import { viewOf } from '../../../../src/avs/randomness/ceremony/steps.ts'
import { randomnessStatus } from '../../../../src/avs/randomness/status.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { toJson } from '../../../../src/util/json.ts'

const operator = (i: number): Address => `0x${`0${i + 1}`.repeat(20)}`

/** A node that has round 98 of those up to `due`. */
function world({ due = 100n, shares = 2, missed = 0, here = 0, session = false, isKnown = true } = {}) {
  const members = [0, 1, 2, 3].map((i) => ({ operator: operator(i), shares: i === 0 ? shares : 2 }))
  const chain = {
    group: { chainHash: `0x${'c4'.repeat(32)}`, schedule: { genesis: 1_000n, period: 3 } },
    latest: { round: 98n },
    current: () => due,
    timeOf: (round: bigint) => (1_000 + 3 * Number(round)) * 1_000,
  }
  const facts = { session: 7n, members, threshold: 3, previous: { members } } as unknown as Session
  const board = {
    ...{ facts, dealEnd: 110n, complaintEnd: 120n, finishEnd: 130n, state: 'open' },
    dealt: new Map([['0x01', {}]]),
  } as unknown as BoardSession
  const state = {
    engine: {
      chain: isKnown ? chain : undefined,
      missing: here,
      participation: { conduct: () => ({ seen: 40, operators: [{ operator: operator(0), rounds: 40, missed }] }) },
    },
    ceremony: { session: () => (session ? viewOf(board, 105n) : undefined) },
    sharings: { at: () => (isKnown ? { sharing: 2n, threshold: 5, members } : undefined) },
  }
  const clock = { now: () => (1_000 + 3 * 98 + 4) * 1_000 }
  return randomnessStatus.read({ state, operator: operator(0), clock } as never)
}
const linesOf = (told: ReturnType<typeof world>) =>
  told.lines.map(({ about, text, state }) => `${state} ${about}: ${text}`)

describe('status of the beacon', () => {
  it('tells its chain, its newest round and of what age that is, and whether this node makes rounds', () => {
    assert.deepEqual(linesOf(world()), [
      `ok chain hash: ${'c4'.repeat(32)}`,
      'ok newest round: 98, 4 seconds old, one every 3 seconds',
      'ok member: yes: 2 of the 8 shares of sharing 2, of which 5 make a round',
      'ok missed rounds: 0 of the last 40 by this operator; none is missing here',
    ])
  })

  it('tells what is behind, missed or missing, and who is no member', () => {
    const late = linesOf(world({ due: 101n, shares: 0, missed: 3, here: 1 }))
    assert.equal(late[1], 'fail newest round: 98, 4 seconds old, one every 3 seconds; 3 ROUNDS BEHIND, 101 is due')
    assert.match(late[2] ?? '', /^ok member: no: it has no share of sharing 2/)
    assert.equal(late[3], 'warn missed rounds: 3 of the last 40 by this operator; 1 is missing here')
    assert.deepEqual(linesOf(world({ isKnown: false })), ['ok beacon: its key has not been generated yet'])
  })

  it('tells of key generation and resharing while they run', () => {
    const [line] = linesOf(world({ session: true })).slice(-1)
    assert.equal(line, 'ok resharing: session 7: dealing until block 110; 1 of 4 dealings are there')
  })

  it('names the phase of a session by its blocks', () => {
    const session = {
      ...{ facts: { session: 1n, members: [] }, dealEnd: 110n, complaintEnd: 120n, finishEnd: 130n },
      dealt: new Map(),
    } as unknown as BoardSession
    const phases = [109n, 110n, 119n, 120n, 130n].map((latest) => viewOf(session, latest).phase)
    assert.deepEqual(phases, ['dealing', 'complaints', 'complaints', 'adding up', 'over'])
    assert.equal(viewOf(session, 1n).kind, 'key generation')
  })

  it('tells the same to programs, in the shape that it declares', () => {
    for (const told of [world(), world({ session: true }), world({ isKnown: false }), world({ shares: 0 })]) {
      assert.deepEqual(differences(JSON.parse(toJson(told.facts)), randomnessStatus.json), [])
    }
    const { missed, member } = world({ missed: 3 }).facts as { missed: object; member: boolean }
    assert.deepEqual([missed, member], [{ rounds: 40, own: 3, here: 0 }, true])
  })
})
