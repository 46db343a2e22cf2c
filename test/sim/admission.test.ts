import assert from 'node:assert/strict'
import { observationStatement, proposalPayload } from '../../src/avs/agreement/proposal.ts'
import { leaderOf, ranking } from '../../src/avs/rank.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { createLocalSigner } from '../../src/signer/local.ts'
import { memoryGuardStore } from '../../src/store/memory.ts'
import { Kind, type Statement } from '../../src/types/statement.ts'
import { encodeMessage, type SignedBody } from '../../src/types/wire/codec.ts'
import { type Address, bigToBytes } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import type { Secret } from '../../src/util/secret.ts'
import { median } from '../support/services.ts'
import { DOMAIN, payloadOf, SERVICE } from '../support/simnet.ts'
import { GENESIS, type SimRun, simRun } from '../support/simrun.ts'

const SEED = 11
const TOPIC = `/lariat/2/31337/${DOMAIN.serviceManager.toLowerCase()}/${SERVICE.slice(2, 18)}`
/** Operator 3 is the one that misbehaves; what it sends is judged by operator 0. */
const ROGUE = 3

describe(`admission (seed ${SEED})`, function () {
  this.timeout(60_000)
  let run: SimRun
  beforeEach(async () => {
    run = await simRun({ count: 4, seed: SEED, definition: median({ observe: (_, slot) => slot }) })
    await run.pass(4)
  })
  afterEach(() => run.stop())

  /** A slot that is open and not yet certified: the next one, half a second ahead of its time. */
  const slotAhead = async (): Promise<bigint> => {
    await run.clock.advance(1500)
    return BigInt((run.clock.now() + 500 - GENESIS * 1000) / 2000)
  }
  const certify = (slot: bigint, value: bigint): Statement => ({
    service: SERVICE,
    kind: Kind.certify,
    epoch: 1n,
    slot,
    attempt: 0,
    payload: payloadOf(value),
  })
  /** A signature by operator `row`, whose own guard knows nothing of it. */
  const sign = (row: number, statement: Statement): Promise<Uint8Array> =>
    createLocalSigner({
      secret: run.cast.secrets[row] as Secret<Uint8Array>,
      domain: DOMAIN,
      operator: run.cast.operators[row] as Address,
      store: memoryGuardStore(),
      clock: run.clock,
      log: silentLog,
      metrics: createMetrics(),
      startedAt: 0,
    }).sign({ statement, triggeredAt: 1e13, window: { from: 0n, to: 1n << 40n } })
  const gossip = (data: Uint8Array) => run.transports[ROGUE]?.publish(TOPIC, data)
  const direct = (data: Uint8Array) => run.transports[ROGUE]?.send('peer-0', TOPIC, data)
  /** Counts of operator 0's verdicts with this reason. */
  async function count(verdict: string, reason: string): Promise<number> {
    const body = (await run.nodes[0]?.metrics.expose())?.body ?? ''
    const line = new RegExp(
      `lariat_admission_total\\{service="median",verdict="${verdict}",reason="${reason}"\\} (\\d+)`,
    )
    return Number(line.exec(body)?.[1] ?? 0)
  }
  async function expectVerdict(send: () => Promise<unknown> | undefined, verdict: string, reason: string) {
    const before = await count(verdict, reason)
    const sent = send()
    await run.clock.advance(10)
    await sent
    assert.equal((await count(verdict, reason)) - before, 1, `${verdict} ${reason}`)
  }
  const partial = (statement: Statement, author: number, signature: Uint8Array) =>
    encodeMessage({ type: 'partial', statement, author, signature })

  it('rejects what is no message', async () => {
    await expectVerdict(() => direct(Uint8Array.of(1, 2, 3)), 'reject', 'malformed')
  })

  it('rejects another service', async () => {
    const statement = { ...certify(await slotAhead(), 1n), service: payloadOf(1n) }
    await expectVerdict(
      async () => direct(partial(statement, ROGUE, await sign(ROGUE, statement))),
      'reject',
      'other-service',
    )
  })

  it('ignores slots that are far ahead, long gone, or of another epoch', async () => {
    const slot = await slotAhead()
    for (const [statement, reason] of [
      [certify(slot + 5n, 1n), 'too-new'],
      [{ ...certify(slot, 1n), epoch: 2n }, 'wrong-epoch'],
    ] as const) {
      await expectVerdict(async () => direct(partial(statement, ROGUE, await sign(ROGUE, statement))), 'ignore', reason)
    }
    await run.pass(60)
    const old = certify(slot, 1n)
    await expectVerdict(async () => direct(partial(old, ROGUE, await sign(ROGUE, old))), 'ignore', 'too-old')
  })

  it('ignores an author that is not in the table', async () => {
    const statement = certify(await slotAhead(), 1n)
    await expectVerdict(
      async () => direct(partial(statement, 77, await sign(ROGUE, statement))),
      'ignore',
      'not-a-member',
    )
  })

  it('rejects a gossiped partial whose signature is another operator’s', async () => {
    const statement = certify(await slotAhead(), 1n)
    await expectVerdict(
      async () => gossip(partial(statement, 1, await sign(ROGUE, statement))),
      'reject',
      'false-signature',
    )
  })

  it('takes a claimed author on another’s stream for gossip: verified at once', async () => {
    const statement = certify(await slotAhead(), 1n)
    await expectVerdict(
      async () => direct(partial(statement, 1, await sign(ROGUE, statement))),
      'reject',
      'false-signature',
    )
  })

  it('lets nobody crowd out the others with partials of many payloads', async () => {
    const slot = await slotAhead()
    for (let value = 1000n; value < 1100n; value++) {
      const statement = certify(slot, value)
      const data = partial(statement, ROGUE, await sign(ROGUE, statement))
      for (const peer of ['peer-0', 'peer-1', 'peer-2']) run.transports[ROGUE]?.send(peer, TOPIC, data)
    }
    await run.pass(2)
    for (const index of [0, 1, 2]) {
      assert.equal(run.records(index).find((record) => record.slot === slot)?.outcome, 'certified')
    }
    assert.ok((await count('ignore', 'equivocation')) > 50)
  })

  it('counts a second observation of one slot as equivocation', async () => {
    const slot = await slotAhead()
    const observe = async (value: bigint) => {
      const body = bigToBytes(value, 8)
      const statement = observationStatement({ service: SERVICE, epoch: 1n, slot }, body)
      return encodeMessage({
        type: 'observation',
        statement,
        author: ROGUE,
        signature: await sign(ROGUE, statement),
        body,
      })
    }
    await expectVerdict(async () => gossip(await observe(1n)), 'accept', 'ok')
    await expectVerdict(async () => gossip(await observe(2n)), 'ignore', 'equivocation')
    const body = (await run.nodes[0]?.metrics.expose())?.body ?? ''
    assert.match(body, /lariat_equivocations_seen_total\{service="median",operator="0x0{39}4"\} 1/)
  })

  it('refuses proposals of the wrong leader, without quorum, unordered, or with false observations', async () => {
    let slot = await slotAhead()
    while (leaderOf(ranking(run.cast.table, SERVICE, slot), 0) !== ROGUE) {
      await run.pass(1)
      slot++
    }
    const observed = async (row: number, value: bigint): Promise<SignedBody> => {
      const body = bigToBytes(value, 8)
      const statement = observationStatement({ service: SERVICE, epoch: 1n, slot }, body)
      return { author: row, body, signature: await sign(row, statement) }
    }
    const propose = async (observations: SignedBody[], attempt = 0) => {
      const payload = proposalPayload(observations)
      const statement: Statement = { service: SERVICE, kind: Kind.propose, epoch: 1n, slot, attempt, payload }
      const signature = await sign(ROGUE, statement)
      return encodeMessage({ type: 'proposal', statement, author: ROGUE, signature, observations })
    }
    const honest = await Promise.all([0, 1, 2].map((row) => observed(row, 5n)))
    const other = [1, 2].find((attempt) => leaderOf(ranking(run.cast.table, SERVICE, slot), attempt) !== ROGUE) ?? 1
    await expectVerdict(async () => gossip(await propose(honest, other)), 'ignore', 'wrong-leader')
    await expectVerdict(async () => gossip(await propose(honest.slice(1))), 'reject', 'false-proposal')
    await expectVerdict(async () => gossip(await propose([...honest].reverse())), 'reject', 'false-proposal')
    const forged = { ...(await observed(ROGUE, 9n)), author: 2 }
    await expectVerdict(async () => gossip(await propose([...honest.slice(0, 2), forged])), 'reject', 'false-signature')
  })

  it('rejects certificates that do not verify or whose value is not what they commit to', async () => {
    const slot = await slotAhead()
    const certificate = (over: object) =>
      encodeMessage({
        type: 'certificate',
        statement: certify(slot, 9n),
        absent: new Uint8Array(),
        signature,
        value: bigToBytes(9n, 8),
        ...over,
      })
    const signature = await sign(ROGUE, certify(slot, 9n))
    await expectVerdict(() => gossip(certificate({})), 'reject', 'false-signature')
    await expectVerdict(() => gossip(certificate({ absent: Uint8Array.of(0xf0) })), 'reject', 'false-signature')
    await expectVerdict(() => gossip(certificate({ absent: Uint8Array.of(0b0111) })), 'reject', 'false-signature')
    // a true certificate that operator 0 did not hear of, with another value
    run.network.setFaults(['peer-1', 'peer-2', 'peer-3'].map((peer) => ({ kind: 'cut', between: ['peer-0', peer] })))
    await run.pass(1)
    const stored = run.nodes[1]?.data.certificates.get(SERVICE, slot)
    assert.ok(stored, `slot ${slot} was not certified`)
    run.network.setFaults([])
    const heard = (value: Uint8Array) =>
      encodeMessage({
        type: 'certificate',
        statement: { ...certify(slot, 0n), attempt: stored.attempt, payload: stored.payload },
        absent: stored.absent,
        signature: stored.signature,
        value,
      })
    await expectVerdict(() => gossip(heard(bigToBytes(123n, 8))), 'reject', 'false-value')
    await expectVerdict(() => gossip(heard(Uint8Array.of(1))), 'reject', 'false-value')
    const honest = run.transports[2]
    await expectVerdict(() => honest?.send('peer-0', TOPIC, heard(stored.value)), 'accept', 'ok')
  })

  it('cuts off a peer that keeps sending what no honest one would', async () => {
    assert.ok(run.transports[0]?.connected().includes('peer-3'))
    for (let i = 0; i < 50 && run.transports[0]?.connected().includes('peer-3'); i++) {
      direct(Uint8Array.of(i))?.catch(() => undefined)
      await run.clock.advance(5)
    }
    assert.equal(run.transports[0]?.connected().includes('peer-3'), false)
    await run.pass(5)
    assert.equal(run.records(0).at(-1)?.outcome, 'certified')
  })
})
