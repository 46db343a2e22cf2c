import assert from 'node:assert/strict'
import { statusOf } from '../../../src/avs/status.ts'
import { silentLog } from '../../../src/util/log.ts'
import { memoryLog } from '../../support/memoryLog.ts'

describe('the status of a service', () => {
  it('is what its plug-in tells, within limits', () => {
    assert.equal(statusOf(undefined, {}, silentLog), null)
    const line = { about: 'a'.repeat(99), text: 't'.repeat(9_999), state: 'ok' } as const
    const read = ({ count }: { count: number }) => ({ lines: new Array(count).fill(line), facts: { count } })
    const told = statusOf({ json: '{ count }', read }, { count: 1_000 }, silentLog)
    assert.deepEqual(told?.facts, { count: 1_000 })
    assert.equal(told?.lines.length, 400)
    assert.deepEqual([told?.lines[0]?.about.length, told?.lines[0]?.text.length], [24, 1_000])
  })

  it('is that it cannot be told when the plug-in throws', () => {
    const log = memoryLog()
    const read = () => {
      throw new Error('no such tree')
    }
    const told = statusOf({ json: '{ a }', read }, {}, log)
    assert.equal(told?.facts, null)
    assert.deepEqual(
      told?.lines.map(({ state }) => state),
      ['fail'],
    )
    assert.match(told?.lines[0]?.text ?? '', /could not tell its status: .*no such tree/)
  })
})
