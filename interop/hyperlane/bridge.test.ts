import type { Artifacts } from '../../src/testnet/artifacts.ts'
import { BridgeTrial, trialMs } from '../../test/support/bridgeTrial.ts'
import { loadHyperlane, queueHyperlane } from './contracts.ts'
import { deliverableByStorage } from './storage.ts'

/** 500 by `npm run check:deep -- bridge-daemons`. */
const EACH_WAY = Number(process.env.LARIAT_BRIDGE_MESSAGES ?? 25)
const SEED = Number(process.env.LARIAT_SEED ?? 20_261_126)

describe(`four daemons between two of Hyperlane’s own mailboxes, ${EACH_WAY} messages each way (seed ${SEED})`, function () {
  this.timeout(trialMs(EACH_WAY))
  let trial: BridgeTrial
  let hyperlane: Artifacts
  before(async () => {
    hyperlane = await loadHyperlane()
    trial = new BridgeTrial({ eachWay: EACH_WAY, seed: SEED, queueMailbox: queueHyperlane(hyperlane) })
    await trial.open()
  })
  after(async function () {
    await trial?.close(this.test?.parent?.tests.some(({ state }) => state === 'failed') ?? false)
  })

  it('deliver each once, while a provider lies, an operator is killed and the far chain is away', () => trial.run())

  it('tell of each who attested to it and where it was delivered', () => trial.explained())

  it('sign checkpoints for unmodified relayers, which Hyperlane’s own multisig modules take', () =>
    deliverableByStorage(trial.net, hyperlane))

  it('pause the far module by half of the weight, and open it again', () => trial.paused())

  it('attest to nothing and pause the modules while more is minted than is locked', () => trial.inflated())

  it('name the provider that lies, and have nothing else to complain of', () => trial.calm())
})
