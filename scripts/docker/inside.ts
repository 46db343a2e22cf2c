// Run by scripts/check-docker.ts on the network of the testnet that is up: what flows, what each container may do, and what heals.
import assert from 'node:assert/strict'
import { checkContained, checkNodeImage } from './contained.ts'
import { docker } from './lab.ts'
import {
  addressOf,
  apiOf,
  isHealthy,
  newestBeacon,
  type Operator,
  operatorsOf,
  query,
  readLife,
  roundsOf,
  within,
} from './net.ts'

const [, , project = 'lariat', count = '4'] = process.argv
const operators = operatorsOf(project, Number(count))

/** Until prices go on, ms, and how many rounds that means. */
const PRICES_MS = 60_000
const PRICE_ROUNDS = 3
/** Until the beacon has generated its key and made rounds, ms: the phases of key generation alone take a minute. */
const BEACON_MS = 240_000
const BEACON_ROUNDS = 3
/** Until messages went both ways. */
const BRIDGE_MS = 120_000
/** Until a node that was harmed signs again. */
const HEALED_MS = 120_000

const atEach = (work: (operator: Operator, api: string) => Promise<void>) =>
  Promise.all(operators.map((operator) => work(operator, apiOf(operator))))

/** Prices, the beacon and the bridge, each at every node or from the chains; and Prometheus sees all nodes. */
async function checkFlows(): Promise<void> {
  await atEach(async ({ service }, api) => {
    const first = await within(PRICES_MS, `${service} tells of a certified round`, async () => (await roundsOf(api))[0])
    await within(PRICES_MS, `${service} has ${PRICE_ROUNDS} rounds more`, async () => {
      const [newest] = await roundsOf(api)
      return newest !== undefined && newest.slot >= first.slot + PRICE_ROUNDS ? newest : undefined
    })
  })
  await within(BRIDGE_MS, 'messages crossed the bridge, there and back', async () => {
    const bridge = (await readLife())?.bridge
    return bridge !== undefined && bridge !== null && bridge.delivered >= 2 ? bridge : undefined
  })
  const hash = await within(BEACON_MS, 'the beacon has a key', async () => (await readLife())?.randomness?.hash)
  await atEach(async ({ service }, api) => {
    const first = await within(BEACON_MS, `${service} has a round of the beacon`, () => newestBeacon(api, hash))
    await within(BEACON_MS, `${service} has ${BEACON_ROUNDS} more`, async () => {
      const newest = await newestBeacon(api, hash)
      return newest !== undefined && newest >= first + BEACON_ROUNDS ? newest : undefined
    })
  })
  await within(PRICES_MS, 'Prometheus scrapes every node', async () => {
    const up = await query('up{job="lariat"} == 1')
    return operators.every(({ service }) => up.has(service)) ? up : undefined
  })
}

/** What befalls a container, and what is done about it. */
interface Mishap {
  readonly what: string
  readonly harm: (container: string) => void
  /** Nothing, where it comes back by itself. */
  readonly mend: (container: string) => void
}

const MISHAPS: readonly Mishap[] = [
  {
    what: 'paused',
    harm: (container) => void docker('pause', container),
    mend: (container) => void docker('unpause', container),
  },
  {
    what: 'killed',
    harm: (container) => void docker('kill', container),
    mend: (container) => void docker('start', container),
  },
  {
    what: 'cut off from the network',
    harm: (container) => void docker('network', 'disconnect', `${project}_default`, container),
    mend: (container) => void docker('network', 'connect', `${project}_default`, container),
  },
]

/** The others go on without the operator, and it signs with them again afterwards. */
async function checkHeals({ what, harm, mend }: Mishap, operator: Operator): Promise<void> {
  const { service, container } = operator
  const other = operators.find(({ number }) => number !== operator.number) ?? assert.fail('there is no other operator')
  const witness = apiOf(other)
  const newest = async () => (await roundsOf(witness))[0]?.slot ?? 0
  const address = await within(PRICES_MS, `${service} tells its address`, () => addressOf(apiOf(operator)))
  harm(container)
  const harmed = await newest()
  await within(PRICES_MS, `${PRICE_ROUNDS} rounds without ${service}, which is ${what}`, async () => {
    const without = (await roundsOf(witness)).filter(({ slot, signers }) => slot > harmed && !signers.includes(address))
    return without.length >= PRICE_ROUNDS ? without : undefined
  })
  mend(container)
  const mended = await newest()
  await within(HEALED_MS, `${service} is healthy again and signs, after it was ${what}`, async () => {
    const rounds = await roundsOf(witness)
    const signs = rounds.some(({ slot, signers }) => slot > mended && signers.includes(address))
    return signs && (await isHealthy(operator)) ? true : undefined
  })
}

/** A node whose process dies, as of a lack of memory, is started again by the engine. */
async function checkRestarts(operator: Operator): Promise<void> {
  const { service, container } = operator
  const pid = Number(docker('inspect', '--format', '{{.State.Pid}}', container))
  assert.ok(pid > 1, `${container} has no process`)
  process.kill(pid, 'SIGKILL')
  await within(HEALED_MS, `${service} is started again after its process died, and is healthy`, async () => {
    const restarts = Number(docker('inspect', '--format', '{{.RestartCount}}', container))
    return restarts === 1 && (await isHealthy(operator)) ? true : undefined
  })
}

await checkFlows()
process.stdout.write(`${checkContained()} containers: not root, read-only, no capability\n`)
checkNodeImage(operators[0]?.container ?? assert.fail('there is no operator'))
for (const [i, mishap] of MISHAPS.entries()) {
  await checkHeals(mishap, operators[(i + 1) % operators.length] ?? assert.fail('there is no operator'))
}
await checkRestarts(operators[0] ?? assert.fail('there is no operator'))
// what was harmed has not stopped what rests on all of them
const before = await readLife()
await within(BRIDGE_MS, 'messages and rounds of the beacon go on', async () => {
  const now = await readLife()
  const [delivered, round] = [now?.bridge?.delivered ?? 0, now?.randomness?.round ?? 0]
  return delivered > (before?.bridge?.delivered ?? 0) && round > (before?.randomness?.round ?? 0) ? now : undefined
})
