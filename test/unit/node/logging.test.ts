import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { type LogFormat, type LogLevel, openLog } from '../../../src/node/logging.ts'
import { LariatError } from '../../../src/util/errors.ts'
import type { Log } from '../../../src/util/log.ts'

function capture(level: LogLevel, format: LogFormat, use: (log: Log) => void): string[] {
  const destination = new PassThrough()
  use(openLog({ level, format, destination }))
  const text: Buffer | null = destination.read()
  return (text?.toString() ?? '').split('\n').slice(0, -1)
}
const json = (use: (log: Log) => void) => capture('debug', 'json', use).map((line) => JSON.parse(line))

describe('logging', () => {
  it('writes one JSON object a line with time, level, message and fields', () => {
    const [entry, ...rest] = json((log) => log.child({ service: 'prices' }).info('round certified', { slot: 7n }))
    assert.deepEqual(rest, [])
    const { time, ...others } = entry
    assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    assert.deepEqual(others, { level: 'info', message: 'round certified', service: 'prices', slot: '7' })
  })

  it('leaves out what is less severe than its level', () => {
    const lines = capture('warn', 'json', (log) => {
      log.debug('a')
      log.info('b')
      log.warn('c')
      log.error('d')
    })
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).message),
      ['c', 'd'],
    )
  })

  it('does not let a field hide time, level or message', () => {
    const [entry] = json((log) => log.info('real', { message: 'forged', level: 'debug', time: 0 }))
    assert.deepEqual(
      [entry.message, entry.message_, entry.level, entry.level_, entry.time_],
      ['real', 'forged', 'info', 'debug', 0],
    )
  })

  it('flattens an error to its code, details and the chain of causes', () => {
    const inner = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const error = new LariatError('chain.unavailable', 'no provider answers', { asked: 3, block: 5n }, inner)
    const [entry] = json((log) => log.error('failed', { error }))
    assert.equal(entry.error.code, 'chain.unavailable')
    assert.equal(entry.error.message, 'no provider answers')
    assert.deepEqual(entry.error.details, { asked: 3, block: '5' })
    assert.equal(entry.error.stack, undefined)
    assert.equal(entry.error.causes.length, 1)
    assert.equal(entry.error.causes[0].code, 'ECONNREFUSED')
    assert.equal(entry.error.causes[0].message, 'Error: connect ECONNREFUSED')
    assert.match(entry.error.causes[0].stack[0], /^at /)
  })

  it('ends with causes that go in a circle', () => {
    const error = new Error('a')
    error.cause = error
    const [entry] = json((log) => log.error('failed', { error }))
    assert.equal(entry.error.causes.length, 5)
  })

  it('shows no key in a URL: user and password nowhere, path and query not in foreign errors', () => {
    const lines = capture('debug', 'json', (log) =>
      log.warn('see', {
        error: new Error('HTTP request failed. URL: https://rpc.example/v2/hunter2?key=hunter2 body: {}'),
        url: 'https://me:hunter2@rpc.example/a',
        own: new LariatError('x.y', 'at https://me:hunter2@rpc.example/a'),
      }),
    )
    assert.doesNotMatch(lines.join(), /hunter2/)
    assert.match(lines.join(), /https:\/\/rpc\.example\/…/)
  })

  it('asks what has toJSON, so that a secret stays one', () => {
    const secret = { value: 'hunter2', toJSON: () => '[secret]' }
    for (const format of ['json', 'pretty'] as const) {
      const lines = capture('info', format, (log) => log.info('key opened', { secret, deep: { secret: [secret] } }))
      assert.doesNotMatch(lines.join(), /hunter2/)
      assert.match(lines.join(), /\[secret\]/)
    }
  })

  it('bounds strings, lists and depth, and writes bytes as hex', () => {
    const deep: Record<string, unknown> = {}
    deep.self = deep
    const [entry] = json((log) =>
      log.info('big', { text: 'x'.repeat(10_000), list: Array(1_000).fill(1), deep, bytes: Uint8Array.of(1, 255) }),
    )
    assert.equal(entry.text.length < 4_200, true)
    assert.equal(entry.list.length, 64)
    assert.match(JSON.stringify(entry.deep), /\[deep\]/)
    assert.equal(entry.bytes, '0x01ff')
  })

  it('pretty: a line for people, without control characters', () => {
    const [line, ...rest] = capture('info', 'pretty', (log) =>
      log.warn('a\nb\u001b[2J', { slot: 7n, why: 'two words', bad: '\u001b[2J' }),
    )
    assert.deepEqual(rest, [])
    assert.match(line ?? '', /^\d\d:\d\d:\d\d\.\d{3} warn {2}a b \[2J slot=7 why="two words" bad="\\u001b\[2J"$/)
  })
})
