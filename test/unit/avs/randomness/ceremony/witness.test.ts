import assert from 'node:assert/strict'
import type { Address, Session } from 'lariat/avs'
import type { BoardSession, Posted } from '../../../../../src/avs/randomness/ceremony/board.ts'
import { Witness } from '../../../../../src/avs/randomness/ceremony/witness.ts'
import { memoryLog } from '../../../../support/memoryLog.ts'

const operator = (i: number): Address => `0x${(i + 1).toString(16).padStart(2, '0').repeat(20)}`

function session(number: bigint, dealt: readonly number[]): BoardSession {
  const members = [0, 1, 2, 3].map((i) => ({ operator: operator(i), shares: 1 }))
  return {
    facts: { session: number, members } as unknown as Session,
    openedAt: { block: 100n, timestamp: 7n },
    ...{ dealEnd: 110n, complaintEnd: 120n, finishEnd: 130n, state: 'open' },
    dealt: new Map(dealt.map((i) => [operator(i), {} as Posted])),
    convicted: new Map(),
    sums: new Map(),
  }
}

describe('who is named in the log for what happened in a session', () => {
  it('is each who was convicted, and those of whom no dealing came, once', () => {
    const log = memoryLog()
    const witness = new Witness(log, operator(0))
    let read = 0
    const told = () => {
      const fresh = log.entries.slice(read)
      read = log.entries.length
      return fresh.map(({ level, fields }) => [level, fields.operator ?? fields.absent, fields.why])
    }
    const on = session(1n, [0, 1])
    witness.see(on, 109n)
    assert.deepEqual(told(), [])
    on.convicted.set(operator(1), 4)
    witness.see(on, 110n)
    witness.see(on, 111n)
    assert.deepEqual(told(), [
      ['warn', operator(1), 'dealt twice'],
      ['warn', [operator(2), operator(3)], undefined],
    ])
    on.convicted.set(operator(0), 1)
    witness.see(on, 112n)
    assert.deepEqual(told(), [['error', operator(0), 'dealt a wrong share']])
    witness.see(session(2n, [0, 1, 2]), 210n)
    assert.deepEqual(told(), [['warn', [operator(3)], undefined]])
  })
})
