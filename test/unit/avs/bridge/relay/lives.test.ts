import assert from 'node:assert/strict'
import { EPOCHS_SERVICE, epochPayload, Level } from '../../../../../src/avs/bridge/statements.ts'
import { memoryDataStore } from '../../../../../src/store/memory.ts'
import { seededRandom } from '../../../../../src/util/random.ts'
import { HOOK } from '../../../../support/bridge.ts'
import { BAD, RECIPIENT, reason, stopRelayers, world } from '../../../../support/relayWorld.ts'

const FIRST = Number(process.env.LARIAT_SEED ?? 1)
const LIVES = 12
const SECONDS = 120
/** Longest pause of a message, and some for the rest, seconds. */
const QUIET_S = 900

describe(`random lives of relayers (seeds ${FIRST} to ${FIRST + LIVES - 1})`, function () {
  this.timeout(120_000)
  afterEach(stopRelayers)

  for (let seed = FIRST; seed < FIRST + LIVES; seed++) {
    it(`deliver all in the end, each once (seed ${seed})`, async () => {
      const random = seededRandom(seed)
      const chance = (part: number) => random() < part
      const level = chance(0.5) ? Level.fast : Level.finalized
      const all = world({ level, operators: 3 })
      const { clock, there, certificates, handed, pass } = all
      const sources = [all.source, all.other]
      const config = { ordered: chance(0.3) }
      const lives = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
        data: memoryDataStore(),
        journal: new Map<string, unknown>(),
        node: undefined as Awaited<ReturnType<typeof all.start>> | undefined,
      }))
      let epoch = 1n
      const sent: { domain: number; index: number }[] = []

      function message() {
        const body = `0x${Math.floor(random() * 2 ** 32)
          .toString(16)
          .padStart(8, '0')}` as const
        return { recipient: chance(0.2) ? BAD : RECIPIENT, body, ...(chance(0.2) ? { destination: 3_000 } : {}) }
      }
      function certify() {
        const source = sources[Math.floor(random() * 2)] ?? all.source
        const ahead = source.ahead()
        const isAhead = level === Level.fast && ahead !== undefined && ahead.count > 0 && chance(0.5)
        if (isAhead)
          certificates.certify({ domain: source.domain, hook: HOOK, ...ahead }, epoch, ahead.count - 1, level)
        else if (source.count > 0) certificates.certify(source, epoch, source.count - 1, level)
      }
      function nextEpoch() {
        const now = BigInt(Math.floor(clock.now() / 1_000))
        const next = { number: ++epoch, activatesAt: now, validUntil: now + 1_000_000n, rows: new Uint8Array(104) }
        handed.set(epoch, next)
        certificates.add(EPOCHS_SERVICE, epoch, epoch - 1n, epochPayload(next))
      }

      for (let second = 0; second < SECONDS; second++) {
        for (const [i, life] of lives.entries()) {
          if (life.node === undefined && chance(0.3)) life.node = await all.start(i, { config, ...life })
          else if (life.node !== undefined && chance(0.03)) {
            await life.node.relayer.stop()
            life.node = undefined
          }
        }
        for (const source of sources) {
          if (chance(0.1))
            sent.push(...source.dispatch(message()).map(({ index }) => ({ domain: source.domain, index })))
          if (chance(0.1)) source.dispatchAhead(message(), message())
        }
        if (chance(0.2)) certify()
        if (chance(0.02)) nextEpoch()
        if (chance(0.05)) there.down = !there.down
        if (chance(0.05)) there.paused = !there.paused
        if (chance(0.05)) there.gasPrice = chance(0.3) ? 10n ** 12n : 10n ** 9n
        if (chance(0.1)) there.reverting.set(BAD, 'AmountZero')
        if (chance(0.1)) there.reverting.clear()
        await pass(1)
      }

      Object.assign(there, { down: false, paused: false, gasPrice: 10n ** 9n })
      there.reverting.clear()
      for (const source of sources) {
        source.dispatchAhead()
        if (source.count > 0) certificates.certify(source, epoch, source.count - 1, level)
      }
      for (const [i, life] of lives.entries()) life.node ??= await all.start(i, { config, ...life })
      const isSettled = () =>
        lives.every(({ node }) =>
          sources.every(({ domain, count, messageAt }) =>
            Array.from({ length: count }, (_, index) => index)
              .filter((index) => messageAt(index)?.encoded.slice(2 + 82, 2 + 90) === '000007d0')
              .every((index) => node !== undefined && reason(node.relayer, index, domain) === 'delivered'),
          ),
        )
      for (let second = 0; second < QUIET_S && !isSettled(); second++) await pass(1)
      const left = lives.flatMap(({ node }, i) =>
        sent
          .map(({ domain, index }) => ({ i, domain, index, why: node && reason(node.relayer, index, domain) }))
          .filter(({ why }) => why !== 'delivered' && why !== undefined),
      )
      assert.deepEqual(left, [])
      assert.ok(isSettled(), 'what is final and for the destination is not delivered')
      const deliveries = there.deliveries.map(({ id }) => id)
      assert.equal(new Set(deliveries).size, deliveries.length)
      assert.equal(there.chain.sent.filter(({ functionName }) => functionName === 'process').length, deliveries.length)
      assert.ok(deliveries.length > 0)
    })
  }
})
