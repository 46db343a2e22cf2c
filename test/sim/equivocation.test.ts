import assert from 'node:assert/strict'
import { observationStatement, proposalPayload } from '../../src/avs/agreement/proposal.ts'
import { encodeEvidence } from '../../src/avs/evidence/onChain.ts'
import { leaderOf, ranking } from '../../src/avs/rank.ts'
import type { CaseStatus } from '../../src/store/evidence.ts'
import { equivocationOf } from '../../src/types/evidence.ts'
import { Kind, type Statement } from '../../src/types/statement.ts'
import { encodeMessage, type SignedBody } from '../../src/types/wire/codec.ts'
import { bigToBytes } from '../../src/util/hex.ts'
import { certifyAs, signAs } from '../support/rogueSigner.ts'
import { INTERVAL, median, square } from '../support/services.ts'
import { DOMAIN, directoryOf, payloadOf, SERVICE, startNode } from '../support/simnet.ts'
import { GENESIS, type SimRun, simRun } from '../support/simrun.ts'
import { type SlashingChain, slashingChain } from '../support/slashingChain.ts'

const SEED = 23
const TOPIC = `/lariat/2/31337/${DOMAIN.serviceManager.toLowerCase()}/${SERVICE.slice(2, 18)}`
const ROGUE = 3
/** The promise: slashed within three rounds of the second signature's arrival. */
const WITHIN_MS = 3 * INTERVAL * 1000

describe(`operators that sign two payloads for one slot (seed ${SEED})`, () => {
  let run: SimRun
  let chain: SlashingChain
  const rogue = () => run.cast.operators[ROGUE] as string

  async function start(definition = median({ observe: (_, slot) => slot })): Promise<void> {
    const made: { chain?: SlashingChain; run?: SimRun } = {}
    run = await simRun({
      count: 4,
      seed: SEED,
      definition,
      timing: { evidenceCheckMs: 1_000 },
      chainOf: (clock, cast) => {
        made.chain ??= slashingChain(clock, () => cast)
        return made.chain
      },
    })
    chain = made.chain as SlashingChain
    await run.pass(3)
  }
  afterEach(() => run.stop())

  /** The next slot, a moment before its time. */
  async function slotAhead(): Promise<bigint> {
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
  const partial = async (statement: Statement, row = ROGUE) =>
    encodeMessage({ type: 'partial', statement, author: row, signature: await signAs(run.cast, row, statement) })
  const observation = async (slot: bigint, value: bigint) => {
    const body = bigToBytes(value, 8)
    const statement = observationStatement({ service: SERVICE, epoch: 1n, slot }, body)
    const signature = await signAs(run.cast, ROGUE, statement)
    return { statement, author: ROGUE, signature, body }
  }
  const gossip = (data: Uint8Array) => run.transports[ROGUE]?.publish(TOPIC, data)
  const direct = (to: number, data: Uint8Array) => run.transports[ROGUE]?.send(`peer-${to}`, TOPIC, data)
  const statuses = (index: number): CaseStatus[] => run.nodes[index]?.evidence.list().map(({ status }) => status) ?? []

  /** That the rogue, and nobody else, is slashed in time, once, and that all nodes come to know it. */
  async function expectSlashed(kind: Kind, since: number): Promise<void> {
    await run.clock.advance(WITHIN_MS)
    assert.deepEqual(
      chain.slashes.map((slash) => [slash.operator, slash.kind]),
      [[rogue(), kind]],
    )
    assert.ok((chain.slashes[0]?.at ?? Number.POSITIVE_INFINITY) - since <= WITHIN_MS)
    await run.clock.advance(4_000)
    assert.equal(chain.slashes.length, 1)
    for (const index of [0, 1, 2]) assert.deepEqual(statuses(index), ['slashed'], `operator ${index}`)
    const body = (await run.nodes[0]?.metrics.expose())?.body ?? ''
    assert.match(body, new RegExp(`lariat_equivocations_seen_total\\{service="\\w+",operator="${rogue()}"\\} 1\n`))
    assert.doesNotMatch(body, /lariat_equivocations_seen_total\{service="\w+",operator="0x0{39}[123]"/)
  }

  it('are slashed for two observations, one to each of two peers', async () => {
    await start()
    const slot = await slotAhead()
    const send = async (to: number, value: bigint) =>
      direct(to, encodeMessage({ type: 'observation', ...(await observation(slot, value)) }))
    await send(0, 1n)
    await run.clock.advance(20)
    assert.equal(chain.slashes.length, 0)
    await send(0, 2n)
    await expectSlashed(Kind.observe, run.clock.now())
  })

  it('are slashed for an observation that is not the one which a leader quotes', async () => {
    await start()
    let slot = await slotAhead()
    while (leaderOf(ranking(run.cast.table, SERVICE, slot), 0) === ROGUE) {
      await run.pass(1)
      slot++
    }
    const leader = leaderOf(ranking(run.cast.table, SERVICE, slot), 0) as number
    const other = [0, 1, 2].find((row) => row !== leader) as number
    // its own node tells the leader what it observes; this is what it told somebody else
    await direct(other, encodeMessage({ type: 'observation', ...(await observation(slot, 12_345n)) }))
    await run.clock.advance(1000)
    await expectSlashed(Kind.observe, run.clock.now())
  })

  it('are slashed for two proposals of one attempt', async () => {
    await start()
    let slot = await slotAhead()
    while (leaderOf(ranking(run.cast.table, SERVICE, slot), 0) !== ROGUE) {
      await run.pass(1)
      slot++
    }
    const observed = async (row: number, value: bigint): Promise<SignedBody> => {
      const body = bigToBytes(value, 8)
      const statement = observationStatement({ service: SERVICE, epoch: 1n, slot }, body)
      return { author: row, body, signature: await signAs(run.cast, row, statement) }
    }
    const propose = async (rows: readonly number[]) => {
      const observations = await Promise.all(rows.map((row) => observed(row, slot)))
      const payload = proposalPayload(observations)
      const statement: Statement = { ...certify(slot, 0n), kind: Kind.propose, payload }
      const signature = await signAs(run.cast, ROGUE, statement)
      return encodeMessage({ type: 'proposal', statement, author: ROGUE, signature, observations })
    }
    await gossip(await propose([0, 1, 2]))
    await gossip(await propose([0, 1, 2, 3]))
    await expectSlashed(Kind.propose, run.clock.now())
  })

  it('are slashed for two partials, each told to another aggregator', async () => {
    await start(square({ observe: (_, slot) => slot }))
    const slot = await slotAhead()
    // its own node certifies the slot's own number with the others; aside it says something else to one of them
    await direct(1, await partial(certify(slot, 666n)))
    const since = run.clock.now() + 500
    await run.clock.advance(600)
    await expectSlashed(Kind.certify, since)
  })

  it('are slashed for a partial that comes after the slot was certified', async () => {
    await start(square({ observe: (_, slot) => slot }))
    const slot = await slotAhead()
    await run.clock.advance(1500)
    assert.equal(run.records(0).find((record) => record.slot === slot)?.outcome, 'certified')
    await direct(2, await partial(certify(slot, 667n)))
    await expectSlashed(Kind.certify, run.clock.now())
  })

  it('are slashed for two certificates of one slot: those that are in both', async () => {
    await start(square({ observe: (_, slot) => slot }))
    const slot = await slotAhead()
    await run.clock.advance(1500)
    assert.deepEqual(run.records(0).find((record) => record.slot === slot)?.outcome, 'certified')
    // three of four keys were stolen and made another certificate; all three signed the first one too
    const certificate = await certifyAs(run.cast, [1, 2, 3], certify(slot, 668n))
    await direct(0, encodeMessage({ type: 'certificate', ...certificate, value: new Uint8Array() }))
    await run.clock.advance(1000)
    const slashed = chain.slashes.map(({ operator }) => operator).sort()
    assert.deepEqual(slashed, run.cast.operators.slice(1))
    assert.deepEqual(statuses(0), ['open', 'open', 'open'])
    await run.clock.advance(4_000)
    assert.deepEqual(statuses(0), ['slashed', 'slashed', 'slashed'])
    // they know of the evidence against themselves, and do not bring it
    const against = run.nodes[1]?.evidence.list().map(({ operator, status }) => [operator, status])
    assert.deepEqual(
      against?.find(([operator]) => operator === run.cast.operators[1]),
      [run.cast.operators[1], 'own'],
    )
    const { problems } = (await run.nodes[1]?.runner.health()) ?? { problems: [] }
    assert.ok(problems.some((problem) => problem.startsWith(`this operator signed two payloads of slot ${slot}`)))
  })

  it('are slashed for dealings, which a peer has the proof of', async () => {
    await start()
    const side = async (value: bigint) => {
      const statement: Statement = { ...certify(5n, value), kind: Kind.deal }
      const signature = await signAs(run.cast, ROGUE, statement)
      return { form: 'signature', statement, author: ROGUE, signature } as const
    }
    const { data } = encodeEvidence(equivocationOf(await side(1n), await side(2n)))
    await gossip(data)
    await expectSlashed(Kind.deal, run.clock.now())
  })

  it('are slashed when a second instance runs with the same key', async () => {
    await start()
    const twin = run.network.join('twin')
    for (const transport of [...run.transports, twin]) {
      transport.setPeers([...run.peers, 'twin'].map((id) => ({ id, addresses: [] })))
    }
    const since = run.clock.now()
    const second = await startNode({
      cast: run.cast,
      index: ROGUE,
      definition: median({ observe: (_, slot) => slot + 1n }),
      config: { genesis: GENESIS },
      clock: run.clock,
      transport: twin,
      directory: directoryOf(run.cast, run.peers),
      chain,
      // an adversary does not stop when it sees itself, as the first instance does
      sightings: { current: () => undefined, report: () => undefined, onReport: () => () => undefined },
    })
    await run.pass(6)
    assert.deepEqual(
      chain.slashes.map(({ operator }) => operator),
      [rogue()],
    )
    assert.ok((chain.slashes[0]?.at ?? 0) > since)
    const stopped = second.runner.stop()
    await run.clock.advance(10_000)
    await stopped
  })

  it('are slashed as soon as somebody can send, and again when a reorg undid it', async () => {
    await start(square({ observe: (_, slot) => slot }))
    const slot = await slotAhead()
    chain.down = true
    await direct(0, await partial(certify(slot, 1n)))
    await direct(0, await partial(certify(slot, 2n)))
    await run.clock.advance(3_000)
    assert.equal(chain.slashes.length, 0)
    const bodies = await Promise.all(run.nodes.map(async ({ metrics }) => (await metrics.expose()).body))
    assert.match(bodies.join('\n'), /lariat_evidence_submissions_total\{service="square",outcome="failed"\} [1-9]/)
    chain.down = false
    await run.clock.advance(1_100)
    assert.equal(chain.slashes.length, 1)
    chain.reorg()
    assert.equal(chain.slashes.length, 0)
    await run.clock.advance(6_000)
    assert.equal(chain.slashes.length, 1)
    assert.deepEqual(statuses(0), ['slashed'])
  })

  it('cannot make others look guilty: what they forge is refused, and costs them their connection', async () => {
    await start(square({ observe: (_, slot) => slot }))
    const slot = await slotAhead()
    const forged = async (value: bigint) => {
      const statement = certify(slot, value)
      const signature = await signAs(run.cast, ROGUE, statement)
      return { form: 'signature', statement, author: 1, signature } as const
    }
    const evidence = equivocationOf(await forged(1n), await forged(2n))
    // one side is genuine, the other is not
    const half = equivocationOf(
      {
        form: 'signature',
        author: 1,
        statement: certify(slot, 1n),
        signature: await signAs(run.cast, 1, certify(slot, 1n)),
      },
      await forged(2n),
    )
    // a certificate that names who did not sign it
    const joint = await certifyAs(run.cast, [0, 2, 3], certify(slot, 3n))
    const padded = equivocationOf({ form: 'certificate', ...joint, absent: new Uint8Array() }, await forged(2n))
    for (const one of [evidence, half, padded]) {
      await direct(0, encodeEvidence(one).data)
      await run.clock.advance(10)
    }
    await run.pass(4)
    assert.deepEqual(statuses(0), [])
    assert.equal(chain.slashes.length, 0)
    const body = (await run.nodes[0]?.metrics.expose())?.body ?? ''
    assert.match(body, /lariat_admission_total\{service="square",verdict="reject",reason="false-evidence"\} 3/)
  })
})
