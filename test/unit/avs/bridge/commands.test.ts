import assert from 'node:assert/strict'
import { traceCommand } from '../../../../src/avs/bridge/commands/trace.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { toJson } from '../../../../src/util/json.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { get, operatorOf, viewWorld } from '../../../support/bridgeView.ts'

const URL = 'http://node:9520'
const RECIPIENT: Address = `0x${'ee'.repeat(20)}`

describe('lariat bridge trace', () => {
  /** Runs the command against the routes themselves. */
  function world() {
    const all = viewWorld()
    return {
      ...all,
      async run(id: string, options: Readonly<Record<string, string | boolean>> = {}) {
        let text = ''
        const isWell = await traceCommand.run({
          args: [id],
          options: { url: `${URL}/`, ...options },
          http: {
            async getJson(url) {
              const { status, body } = await get(all.served, url.slice(URL.length))
              if (status !== 200) throw new LariatError('http.status', `it answered ${status}`, { status })
              return JSON.parse(toJson(body))
            },
          },
          clock: new SimClock(),
          signal: new AbortController().signal,
          write(more) {
            text += more
          },
          read: () => Promise.reject(new Error('nothing is read')),
        })
        return { isWell, text }
      },
    }
  }

  it('prints each step in a line with its time', async () => {
    const { source, certificates, deliveries, run } = world()
    const [message] = source.dispatch({ recipient: RECIPIENT })
    assert.ok(message)
    const { certificate } = certificates.certify(source)
    const { service, slot, epoch, payload } = certificate.statement
    certificates.add(service, slot, epoch, payload, 1_700_000_003_000, '0x02')
    deliveries.set(0, {
      ...{ state: 'delivered', transaction: `0x${'ab'.repeat(32)}`, block: 77n, time: 1_700_000_009_000, own: true },
    })
    const { isWell, text } = await run(message.id.slice(2).toUpperCase())
    assert.ok(isWell)
    assert.match(text, /^message {5}0x[0-9a-f]{64}, 1 bytes$/m)
    assert.match(text, /^dispatched {2}2023-11-14T22:13:20.000Z {2}block 1 of base, which is final, leaf 0, /m)
    assert.match(
      text,
      /^attested {4}2023-11-14T22:13:23.000Z {2}finalized checkpoint 0, epoch 1, by 3 of 4 operators$/m,
    )
    assert.match(text, new RegExp(`^ {2}absent {4}${operatorOf(1)}$`, 'm'))
    assert.match(text, /^delivered {3}2023-11-14T22:13:29.000Z {2}block 77, transaction 0x(ab){32}, by this node$/m)
    const json = JSON.parse((await run(message.id, { json: true })).text)
    assert.equal(json.arrival.block, '77')
  })

  it('prints why a message waits', async () => {
    const { source, deliveries, run } = world()
    const [message] = source.dispatch({ recipient: RECIPIENT })
    assert.ok(message)
    deliveries.set(0, {
      ...{ state: 'waiting', attempts: 3, nextAt: 1_700_000_020_000 },
      ...{ reason: 'recipient-reverts', detail: 'AmountZero()' },
    })
    const { text } = await run(message.id)
    assert.match(text, /^attested {4}not yet$/m)
    assert.match(text, /^waits {7}recipient-reverts: .*; 3 attempts failed, the next is at 2023-11-14T22:13:40.000Z$/m)
    assert.match(text, /^ {2}because {3}AmountZero\(\)$/m)
  })

  it('ends with 1 for what the node does not know, and says how far it sees', async () => {
    const { source, run } = world()
    source.dispatch({ recipient: RECIPIENT })
    const { isWell, text } = await run('12'.repeat(32))
    assert.equal(isWell, false)
    assert.match(text, /domain 1000 \(base\): 1 messages, the newest of block 1, 2023-11-14/)
    assert.equal(JSON.parse((await run('12'.repeat(32), { json: true })).text).error, 'unknown')
  })

  it('refuses what is no id, and a node of something else', async () => {
    const { run } = world()
    await assert.rejects(run('12'), { code: 'usage.bridge' })
    const http = { getJson: async () => ({}) }
    await assert.rejects(traceCommand.run({ args: ['12'.repeat(32)], options: {}, http, write() {} } as never), {
      code: 'bridge.answer',
    })
  })
})
