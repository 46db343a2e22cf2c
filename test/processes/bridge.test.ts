import assert from 'node:assert/strict'
import { BridgeTrial, trialMs } from '../support/bridgeTrial.ts'
import { eventually } from '../support/eventually.ts'
import { type Check, checksOf } from '../support/nodePages.ts'

/** 500 by `npm run check:deep -- bridge`. */
const EACH_WAY = Number(process.env.LARIAT_BRIDGE_MESSAGES ?? 30)
const SEED = Number(process.env.LARIAT_SEED ?? 20_261_125)
/** Until what an outage and a kill left behind is over, ms. */
const CALM_MS = 90_000
const IS_BANNED = /^127\.0\.0\.1:\d+ is banned /

describe(`four daemons of a bridge, ${EACH_WAY} messages each way (seed ${SEED})`, function () {
  this.timeout(trialMs(EACH_WAY))
  const trial = new BridgeTrial({ eachWay: EACH_WAY, seed: SEED })
  before(() => trial.open())
  after(async function () {
    await trial.close(this.test?.parent?.tests.some(({ state }) => state === 'failed') ?? false)
  })

  it('deliver each once, while a provider lies, an operator is killed and the far chain is away', () => trial.run())

  it('tell of each who attested to it and where it was delivered', () => trial.explained())

  it('pause the far module by half of the weight, and open it again', () => trial.paused())

  it('attest to nothing and pause the modules while more is minted than is locked', () => trial.inflated())

  it('name the provider that lies, and have nothing else to complain of', async () => {
    let found: readonly (readonly Check[])[] = []
    const settled = async () => {
      found = await Promise.all(trial.net.nodes.map(({ operator }) => checksOf(operator.api)))
      return found.every((checks) => checks.every(({ ok, problem }) => ok || IS_BANNED.test(problem ?? '')))
    }
    await eventually(settled, 'nodes complain', CALM_MS).catch((error: unknown) => {
      const told = found.flat().flatMap(({ ok, name, problem }) => (ok ? [] : [`${name}: ${problem}`]))
      throw new Error(`${String(error)}: ${told.join('; ')}`)
    })
    const { away } = trial.net.providers
    for (const checks of found) {
      assert.ok(checks.some(({ problem }) => problem?.startsWith(`${away[0]?.name} is banned`)))
    }
  })
})
