import assert from 'node:assert/strict'
import type { SentMessage, WorldChain } from '../support/bridgeChain.ts'
import { type BridgeDaemons, bridgeDaemons } from '../support/bridgeDaemons.ts'
import { eventually } from '../support/eventually.ts'

/** Messages each way; 500 by `npm run check:deep -- bridge`. */
const EACH_WAY = Number(process.env.LARIAT_BRIDGE_MESSAGES ?? 20)
const SEED = Number(process.env.LARIAT_SEED ?? 20_261_125)
/** Until the last message is there, ms, beside what each takes. */
const DELIVERY_MS = 120_000
const EACH_MS = 1_000

describe(`four daemons of a bridge, ${EACH_WAY} messages each way (seed ${SEED})`, function () {
  this.timeout(180_000 + 2 * (DELIVERY_MS + 2 * EACH_WAY * EACH_MS))
  let net: BridgeDaemons
  before(async () => {
    net = await bridgeDaemons({ seed: SEED })
  })
  after(async function () {
    await net?.close(this.test?.parent?.tests.some(({ state }) => state === 'failed') ?? false)
  })

  it('delivers each message once', async () => {
    const { stake, away } = net.world
    const [there, back] = await Promise.all([stake, away].map((chain) => chain.dispatch({ count: EACH_WAY })))
    await Promise.all([allHandled(away, there ?? []), allHandled(stake, back ?? [])])
    assert.deepEqual(net.problems, [])
  })

  async function allHandled(at: WorldChain, sent: readonly SentMessage[]): Promise<void> {
    assert.equal(sent.length, EACH_WAY)
    await eventually(
      async () => (await at.handledAll()) >= sent.length,
      'messages are missing',
      DELIVERY_MS + EACH_WAY * EACH_MS,
    )
    for (const message of sent) assert.equal(await at.handled(message), 1, message.id)
    assert.equal(await at.handledAll(), sent.length)
  }
})
