// Rounds of the randomness beacon, all operators in one process over loopback TCP with a share each: from a round's boundary to
// its verified signature at the first operator, and at all. Arguments: --operators 4,16,32 --rounds N --period SECONDS.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { RoundPartial } from '../src/avs/shares.ts'
import { combine, openGroupKey, verifyRound } from '../src/bls/threshold/group.ts'
import { hashRound } from '../src/bls/threshold/hash.ts'
import { scalar } from '../src/bls/threshold/scalars.ts'
import { library, startThreshold } from '../src/bls/threshold/start.ts'
import { systemClock } from '../src/util/clock.ts'
import { metricValue } from '../test/unit/signer/fixtures.ts'
import { type BeaconNet, startBeaconNet } from './lib/beaconNet.ts'
import { print, quantile, round } from './lib/print.ts'

const { values } = parseArgs({
  options: {
    operators: { type: 'string', default: '4,16,32' },
    rounds: { type: 'string', default: '120' },
    period: { type: 'string', default: '3' },
  },
})
const ROUNDS = Number(values.rounds)
const PERIOD = Number(values.period)
/** The first rounds warm up the compiler, and open streams. */
const WARM_UP = 10
/** ms to wait for a round at all operators. */
const LATE_MS = 20_000
/** Times that each operation of the floor is done. */
const REPEATS = 20
/** ms from the boundary to the first operator's round, by number of operators; p99 for the last operator's too. */
const TARGETS: Readonly<Record<number, { readonly p50: number; readonly p99: number }>> = {
  4: { p50: 40, p99: 100 },
  16: { p50: 100, p99: 250 },
  32: { p50: 200, p99: 500 },
}
/** "23 nodes average 850 ms", of drand's own network over the Internet: https://docs.drand.love/ (League of Entropy). */
const DRAND_MS = 850

/** ms from the boundary of round `number` to when each operator had it. */
async function timesOf({ chains }: BeaconNet, number: bigint): Promise<number[]> {
  return Promise.all(
    chains.map(async (chain) => {
      const boundary = chain.timeOf(number)
      await chain.wait(number, AbortSignal.timeout(Math.ceil(boundary - systemClock.now()) + LATE_MS))
      return systemClock.now() - boundary
    }),
  )
}

/** ms of one operation, by the median. */
function cost(operation: () => unknown): number {
  const times = Array.from({ length: REPEATS }, () => {
    const start = performance.now()
    operation()
    return performance.now() - start
  })
  return quantile(times, 0.5)
}

/** What the arithmetic alone takes, with the same shares, measured between rounds. */
async function floorOf({ vaults, chains, sharing, group }: BeaconNet) {
  const past = (chains[0]?.current() ?? 0n) - 1n
  const partials: RoundPartial[] = []
  for (const vault of vaults) partials.push(...(await vault.sign(sharing.sharing, past)))
  const key = openGroupKey(group.publicKey)
  const signature = combine(partials, sharing.threshold)
  if (!verifyRound(key, past, signature)) throw new Error('the partials do not make the round')
  return {
    // the one multiplication that cannot be done ahead
    sign: cost(() => library().mul(hashRound(past), scalar(BigInt(Date.now()) ** 6n))),
    combine: cost(() => combine(partials, sharing.threshold)),
    verify: cost(() => verifyRound(key, past, signature)),
  }
}

/** Rounds that operators combined themselves, all operators together; the others were told them first. */
async function combinedBy({ nodes }: BeaconNet): Promise<number> {
  const name = 'lariat_randomness_round_seconds_count{by="own"}'
  const counts = await Promise.all(nodes.map(({ metrics }) => metricValue(metrics, name)))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function measure(operators: number): Promise<void> {
  const threshold = Math.floor((2 * operators) / 3) + 1
  const net = await startBeaconNet(operators, threshold, PERIOD)
  const [first, last]: [number[], number[]] = [[], []]
  let cpu = process.cpuUsage()
  for (let number = 1; number <= WARM_UP + ROUNDS; number++) {
    if (number === WARM_UP + 1) cpu = process.cpuUsage()
    const times = await timesOf(net, BigInt(number))
    if (number <= WARM_UP) continue
    first.push(Math.min(...times))
    last.push(Math.max(...times))
  }
  const { user, system } = process.cpuUsage(cpu)
  const floor = await floorOf(net)
  const combined = await combinedBy(net)
  await net.stop()

  const base = { bench: 'beacon', operators, threshold, rounds: ROUNDS, unit: 'ms' }
  // one process: nobody can combine before t have signed, and all have their round when each has verified it
  const floors = {
    first: threshold * floor.sign + floor.combine + floor.verify,
    all: threshold * floor.sign + floor.combine + operators * floor.verify,
  }
  const targets = TARGETS[operators]
  for (const [to, times] of [
    ['first', first],
    ['all', last],
  ] as const) {
    for (const [name, q] of [
      ['p50', 0.5],
      ['p99', 0.99],
      ['max', 1],
    ] as const) {
      const value = round(quantile(times, q))
      const target = name === 'max' || (name === 'p50' && to === 'all') ? undefined : targets?.[name]
      const judged = target === undefined ? {} : { target, met: value <= target ? 'yes' : 'no' }
      const drand = name === 'p50' && to === 'all' ? { timesFasterThanDrand: round(DRAND_MS / value, 1) } : {}
      print({
        ...base,
        ...{ to, quantile: name, value, ...judged, ...drand },
        ...{ floor: round(floors[to]), ratio: round(value / floors[to]) },
      })
    }
  }
  for (const [operation, value] of Object.entries(floor)) print({ ...base, operation, value: round(value) })
  print({ ...base, unit: 'operators', what: 'combine a round themselves', value: round(combined / (WARM_UP + ROUNDS)) })
  print({ ...base, what: 'cpu of a round, all operators', value: round((user + system) / 1_000 / ROUNDS) })
  print({ ...base, unit: 'processes', what: 'load average of the last minute', value: round(loadavg()[0] ?? 0) })
}

await startThreshold()
for (const operators of (values.operators ?? '').split(',').map(Number)) await measure(operators)
