import assert from 'node:assert/strict'
import { MAX_WARNINGS, recentWarnings, type Warning } from '../../../../src/node/page/warnings.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import { Secret } from '../../../../src/util/secret.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { memoryLog } from '../../../support/memoryLog.ts'

describe('recent warnings', () => {
  it('are those of the log, with what its children add, and pass through to it', () => {
    const clock = new SimClock(5_000)
    const warnings = recentWarnings(clock)
    const told: Warning[] = []
    const end = warnings.onWarning((warning) => told.push(warning))
    const inner = memoryLog()
    const log = warnings.watch(inner).child({ service: 'prices' })
    log.info('all is well')
    log.warn('missed a slot', { slot: 7n, reason: 'agree.no-proposal', error: new LariatError('a.b', 'why') })
    end()
    log.error('gone')
    assert.deepEqual(
      inner.entries.map(({ level, fields }) => [level, fields.service]),
      [
        ['info', 'prices'],
        ['warn', 'prices'],
        ['error', 'prices'],
      ],
    )
    assert.deepEqual(told, [
      {
        ...{ at: 5, level: 'warn', message: 'missed a slot' },
        fields: { service: 'prices', slot: '7', reason: 'agree.no-proposal', error: 'why' },
      },
    ])
    assert.deepEqual(
      warnings.list().map(({ message }) => message),
      ['missed a slot', 'gone'],
    )
  })

  it('have no secret, and of a URL only the origin', () => {
    const warnings = recentWarnings(new SimClock())
    const log = warnings.watch(memoryLog())
    log.warn('asked https://me:pass@rpc.example/v2/KEY?k=KEY twice', {
      password: new Secret('KEY'),
      url: 'wss://rpc.example/v2/KEY',
      nested: { url: 'https://rpc.example/v2/KEY' },
    })
    const [{ message, fields }] = warnings.list() as [Warning]
    assert.equal(message, 'asked https://rpc.example/… twice')
    assert.equal(fields.url, 'wss://rpc.example/…')
    assert.doesNotMatch(JSON.stringify(warnings.list()), /KEY|pass@/)
  })

  it('are bounded, each and all', () => {
    const warnings = recentWarnings(new SimClock())
    const log = warnings.watch(memoryLog())
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, 'x'.repeat(1_000)]))
    for (let i = 0; i < MAX_WARNINGS + 10; i++) log.warn(`${i} ${'y'.repeat(1_000)}`, many)
    const list = warnings.list()
    assert.equal(list.length, MAX_WARNINGS)
    assert.match(list[0]?.message ?? '', /^10 y/)
    assert.ok(JSON.stringify(list).length < MAX_WARNINGS * 5_000)
  })
})
