// Trigger → verified certificate: four operators in one process over loopback TCP, no chain, durable guard on.
// npm run bench -- certificate [rounds] [identical | report]
import { setTimeout as delay } from 'node:timers/promises'
import type { AnyService } from '../src/avs/api.ts'
import { publicKeyFromBytes, signatureFromBytes, signatureToBytes } from '../src/bls/keys.ts'
import { aggregateSignatures, type SignedDigest, verifyAggregate, verifyDistinct } from '../src/bls/verify.ts'
import { createMetrics } from '../src/metrics/registry.ts'
import { createLocalSigner } from '../src/signer/local.ts'
import { memoryGuardStore } from '../src/store/memory.ts'
import { statementDigest } from '../src/types/digest.ts'
import { Kind, type Statement } from '../src/types/statement.ts'
import { systemClock } from '../src/util/clock.ts'
import { silentLog } from '../src/util/log.ts'
import { eventually } from '../test/support/eventually.ts'
import { median, square } from '../test/support/services.ts'
import { castOf, DOMAIN, payloadOf, SERVICE } from '../test/support/simnet.ts'
import { startTcpNet } from '../test/support/tcpnet.ts'
import { print, quantile, round } from './lib/print.ts'

const OPERATORS = 4
const ROUNDS = Number(process.argv[2] ?? 500)
const ONLY = process.argv[3]
/** The first rounds open streams and warm up the compiler. */
const WARM_UP = 20

const cast = castOf(OPERATORS)

/** Where in the time from one round to the next the floor is measured: after a usual round, and well before the next. */
const FLOOR_AT = 0.65

/**
 * @param interval seconds between rounds, each of which ends well before the next
 * @param crypto what one certificate needs at least; timed between the rounds, so that both meet the same machine: a core
 *   that is woken for every round is slower than one that never rests
 */
async function run(
  agreement: string,
  definition: AnyService,
  interval: number,
  crypto: (slot: bigint) => Promise<void>,
) {
  const net = await startTcpNet(cast, definition, interval)
  const { nodes, genesis } = net
  // slots begin after the guards' floor, 2 s from now; the wait looks at one row a node, so as not to disturb what it waits for
  const last = BigInt(Math.ceil((Date.now() / 1000 + 2.5 - genesis) / interval)) + BigInt(ROUNDS + WARM_UP)
  const floors: number[] = []
  let ended = false
  const measureFloor = async () => {
    for (let slot = 1n; !ended; slot++) {
      const passed = (Date.now() / 1000 - genesis) / interval
      await delay((Math.floor(passed) + 1 + FLOOR_AT - passed) * interval * 1000)
      const from = performance.now()
      await crypto(slot)
      floors.push(performance.now() - from)
    }
  }
  const measured = measureFloor()
  await eventually(
    () => nodes.every(({ data }) => (data.journal.list({ service: SERVICE, limit: 1 })[0]?.slot ?? 0n) >= last),
    'the rounds did not come',
    ((ROUNDS + WARM_UP) * interval + 60) * 1000,
  )
  ended = true
  await measured
  const records = nodes.map(({ data }) => data.journal.list({ service: SERVICE, limit: 100_000 }))

  const first = new Map<bigint, number>()
  const missed = new Set<bigint>()
  for (const list of records) {
    for (const { slot, certificateMs } of list) {
      if (certificateMs === null) missed.add(slot)
      else first.set(slot, Math.min(first.get(slot) ?? Number.POSITIVE_INFINITY, certificateMs))
    }
  }
  const slots = [...first.keys()].sort((a, b) => Number(a - b)).slice(WARM_UP)
  const latencies = slots.map((slot) => first.get(slot) ?? Number.NaN)
  const floor = quantile(floors.slice(WARM_UP), 0.5)
  const base = { bench: 'certificate', agreement, operators: OPERATORS, unit: 'ms', rounds: latencies.length }
  const p50 = quantile(latencies, 0.5)
  print({ ...base, quantile: 'p50', value: round(p50), floor: round(floor), ratio: round(p50 / floor) })
  print({ ...base, quantile: 'p99', value: round(quantile(latencies, 0.99)) })
  const lost = [...missed].filter((slot) => !first.has(slot)).length
  print({ ...base, quantile: 'missed', value: lost, unit: 'rounds' })

  await net.stop()
}

/** The crypto alone that one certificate under the identical agreement needs, one after another: 4 signatures, decoded, summed, verified. */
async function identicalCrypto() {
  const signers = await floorSigners()
  return async (slot: bigint) => {
    const statement = statementOf(Kind.certify, slot)
    const signatures = await Promise.all(signers.map((sign) => sign(statement)))
    certify(statement, signatures)
  }
}

/** The same for the report agreement: 4 signed observations, a batch check of 3 by the leader, its signed proposal, batch checks of proposal and the 3 others' observations by 3 followers, and a certificate. */
async function reportCrypto() {
  const signers = await floorSigners()
  return async (slot: bigint) => {
    const observed: SignedDigest[] = []
    for (const [row, sign] of signers.entries()) {
      const statement = { ...statementOf(Kind.observe, slot), payload: payloadOf(slot + BigInt(row)) }
      observed.push(signed(row, statement, await sign(statement)))
    }
    const check = (some: SignedDigest[]) => {
      if (!verifyDistinct(some)) throw new Error('a valid batch did not verify')
    }
    check(observed.slice(1))
    const proposal = statementOf(Kind.propose, slot)
    const proposed = signed(0, proposal, await (signers[0] as Sign)(proposal))
    for (let follower = 1; follower < OPERATORS; follower++) {
      check([proposed, ...observed.filter((_, row) => row !== follower)])
    }
    const statement = statementOf(Kind.certify, slot)
    certify(statement, await Promise.all(signers.map((sign) => sign(statement))))
  }
}

type Sign = (statement: Statement) => Promise<Uint8Array>

/** Signers whose guard is in memory, so that the floor is crypto and nothing else. */
async function floorSigners(): Promise<Sign[]> {
  return cast.secrets.map((secret, index) => {
    const signer = createLocalSigner({
      secret,
      domain: DOMAIN,
      operator: cast.operators[index] as `0x${string}`,
      store: memoryGuardStore(),
      clock: systemClock,
      log: silentLog,
      metrics: createMetrics(),
      startedAt: 0,
    })
    return (statement) => signer.sign({ statement, triggeredAt: Date.now(), window: { from: 0n, to: statement.slot } })
  })
}

function statementOf(kind: Kind, slot: bigint): Statement {
  return { service: SERVICE, kind, epoch: 1n, slot, attempt: 0, payload: payloadOf(slot) }
}

function keyOf(row: number) {
  return publicKeyFromBytes(cast.table.members[row]?.publicKey ?? new Uint8Array())
}
const keys = cast.operators.map((_, row) => keyOf(row))

function signed(row: number, statement: Statement, signature: Uint8Array): SignedDigest {
  const publicKey = keys[row]
  if (publicKey === undefined) throw new RangeError(`no row ${row}`)
  return { digest: statementDigest(DOMAIN, statement), publicKey, signature: signatureFromBytes(signature) }
}

function certify(statement: Statement, signatures: readonly Uint8Array[]): void {
  const sum = signatureToBytes(aggregateSignatures(signatures.map(signatureFromBytes)))
  if (!verifyAggregate(statementDigest(DOMAIN, statement), keys, signatureFromBytes(sum))) {
    throw new Error('a valid sum did not verify')
  }
}

if (ONLY !== 'report') {
  await run('identical', square({ observe: (_, slot) => slot ** 2n }), 0.3, await identicalCrypto())
}
if (ONLY !== 'identical') {
  await run(
    'report',
    median({ observe: (operator, slot) => slot + BigInt(operator.slice(-1)) }),
    0.5,
    await reportCrypto(),
  )
}
process.exit(0)
