import assert from 'node:assert/strict'
import { Refusal } from '../../../../src/avs/admission/verdict.ts'
import { observationPayload, proposalPayload } from '../../../../src/avs/agreement/proposal.ts'
import { declareMetrics } from '../../../../src/avs/metrics.ts'
import type { Runtime } from '../../../../src/avs/runtime.ts'
import { silenceAtStart, stopAfterSighting } from '../../../../src/avs/secondSelf/gates.ts'
import { memorySightings } from '../../../../src/avs/secondSelf/sighting.ts'
import { SelfWatch } from '../../../../src/avs/secondSelf/watch.ts'
import { signatureFromBytes, signatureToBytes } from '../../../../src/bls/keys.ts'
import { aggregateSignatures } from '../../../../src/bls/verify.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { createLocalSigner } from '../../../../src/signer/local.ts'
import { memoryGuardStore } from '../../../../src/store/memory.ts'
import type { GuardStore } from '../../../../src/store/store.ts'
import { absentBitmap } from '../../../../src/types/certificate.ts'
import { statementDigest } from '../../../../src/types/digest.ts'
import { Kind, type Statement } from '../../../../src/types/statement.ts'
import { bytesToHex, type Hex } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import type { Secret } from '../../../../src/util/secret.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { castOf, DOMAIN, SERVICE } from '../../../support/simnet.ts'
import { metricValue } from '../../signer/fixtures.ts'

const cast = castOf(4)
const { table } = cast
const OWN = 1
const payload = (n: number): Hex => bytesToHex(new Uint8Array(32).fill(n))
const inbound = { topic: 't', from: 'peer-3', via: 'gossip', data: new Uint8Array() } as const

describe('watch for a second self', () => {
  const certify = (changes: Partial<Statement> = {}): Statement => ({
    ...{ service: SERVICE, kind: Kind.certify, epoch: 1n, slot: 100n, attempt: 0, payload: payload(1) },
    ...changes,
  })
  /** What the operator of `row` signs, on a record of its own each time: it has said anything. */
  const signed = (statement: Statement, row = OWN): Promise<Uint8Array> => {
    const signer = createLocalSigner({
      secret: cast.secrets[row] as Secret<Uint8Array>,
      ...{ domain: DOMAIN, operator: cast.operators[row] as Hex, store: memoryGuardStore(), startedAt: -10_000 },
      ...{ clock: new SimClock(), log: silentLog, metrics: createMetrics() },
    })
    return signer.sign({ statement, triggeredAt: 0, window: { from: statement.slot, to: statement.slot } })
  }
  const partial = async (statement: Statement, row = OWN) => ({
    ...{ type: 'partial' as const, statement, author: row, signature: await signed(statement, row) },
  })
  const record = (store: GuardStore, { service, kind, slot, attempt, epoch, payload: of }: Statement) =>
    store.checkAndInsert(
      { ...DOMAIN, operator: cast.operators[OWN] as Hex, service, kind, slot, attempt },
      epoch,
      of,
      bytesToHex(statementDigest(DOMAIN, { service, kind, slot, attempt, epoch, payload: of })),
    )

  function setUp(store: GuardStore = memoryGuardStore()) {
    const sightings = memorySightings()
    const metrics = createMetrics()
    const rt = {
      ...{ definition: { name: 'square' }, service: SERVICE, domain: DOMAIN, clock: new SimClock() },
      signer: { operator: cast.operators[OWN] },
      directory: { operatorOf: () => cast.operators[3] },
      window: { timeOf: (slot: bigint) => Number(slot) * 1_000 },
      book: { get: () => undefined },
      metrics: declareMetrics(metrics),
    } as unknown as Runtime
    const watch = new SelfWatch({ guard: store, sightings, silentSlots: 0 }, () => rt)
    watch.start()
    return {
      look: (message: Parameters<SelfWatch['look']>[0]) => watch.look(message, table, inbound),
      sightings,
      metrics,
    }
  }

  it('sees what our guard does not know, and says which peer and which statement', async () => {
    const { look, sightings, metrics } = setUp()
    look(await partial(certify()))
    const [first] = sightings.all
    assert.ok(first !== undefined)
    assert.deepEqual(
      [first.service, first.form, first.statement, first.conflicts, first.peer, first.peerOperator],
      ['square', 'signature', certify(), false, 'peer-3', cast.operators[3]],
    )
    assert.match(
      sightings.current()?.reason ?? '',
      /another instance .* peer peer-3 of operator 0x.*slot 100, attempt 0/,
    )
    assert.equal(await metricValue(metrics, 'lariat_second_self_sightings_total{service="square",kind="certify"}'), 1)
  })

  it('does not take for another what our guard knows, what others say, and what it forgot before the start', async () => {
    const store = memoryGuardStore()
    await record(store, certify())
    const { look, sightings } = setUp(store)
    look(await partial(certify()))
    look(await partial(certify({ payload: payload(9) }), 2))
    assert.deepEqual(sightings.all, [])

    const { slot: _, attempt: __, ...stream } = { ...DOMAIN, operator: cast.operators[OWN] as Hex, ...certify() }
    store.prune(stream, 100n)
    const later = setUp(store)
    later.look(await partial(certify({ slot: 99n })))
    assert.deepEqual(later.sightings.all, [])
    later.look(await partial(certify({ slot: 101n })))
    assert.equal(later.sightings.all.length, 1)
    // what is forgotten while this one runs is its own
    const running = setUp()
    running.look(await partial(certify({ slot: 99n })))
    assert.equal(running.sightings.all.length, 1)
  })

  it('does not judge what lies before the floor of an accepted record', async () => {
    const store = { ...memoryGuardStore(), floor: () => 100_500 }
    const { look, sightings } = setUp(store)
    look(await partial(certify({ slot: 100n })))
    assert.deepEqual(sightings.all, [])
    look(await partial(certify({ slot: 101n })))
    assert.equal(sightings.all.length, 1)
  })

  it('tells a conflict with our record from news', async () => {
    const store = memoryGuardStore()
    await record(store, certify())
    const { look, sightings } = setUp(store)
    look(await partial(certify({ payload: payload(2) })))
    assert.deepEqual(
      sightings.all.map(({ conflicts }) => conflicts),
      [true],
    )
  })

  it('refuses what is false in our name, and lets the peer pay for it', async () => {
    const { look, sightings } = setUp()
    const forged = { ...(await partial(certify({ payload: payload(2) }))), statement: certify() }
    const refused = (error: unknown) =>
      error instanceof Refusal && error.verdict === 'reject' && error.reason === 'false-signature'
    assert.throws(() => look(forged), refused)
    assert.throws(() => look({ ...forged, signature: new Uint8Array(96) }), refused)
    assert.throws(() => look({ ...forged, signature: new Uint8Array(3) }), refused)
    assert.deepEqual(sightings.all, [])
  })

  it('sees itself in certificates, proposals and the observations that a proposal quotes', async () => {
    const signatures = await Promise.all([0, 1, 2].map((row) => signed(certify(), row)))
    const signature = signatureToBytes(aggregateSignatures(signatures.map(signatureFromBytes)))
    const certificate = (absentRow: number) => ({
      ...{ type: 'certificate' as const, statement: certify(), signature, value: new Uint8Array() },
      absent: absentBitmap(table, new Set([0, 1, 2, 3].filter((row) => row !== absentRow))),
    })
    const inCertificate = setUp()
    inCertificate.look(certificate(3))
    assert.deepEqual(
      inCertificate.sightings.all.map(({ form }) => form),
      ['certificate'],
    )
    const absent = setUp()
    absent.look(certificate(OWN))
    assert.deepEqual(absent.sightings.all, [])
    assert.throws(() => absent.look(certificate(2)), Refusal) // our signature is not in a sum that says so

    const body = new Uint8Array([1, 2, 3])
    const observed = certify({ kind: Kind.observe, payload: observationPayload(body) })
    const observations = [{ author: OWN, body, signature: await signed(observed) }]
    const proposed = certify({ kind: Kind.propose, payload: proposalPayload(observations) })
    for (const [author, kinds] of [
      [2, [Kind.observe]],
      [OWN, [Kind.propose, Kind.observe]],
    ] as const) {
      const { look, sightings } = setUp()
      look({ type: 'proposal', statement: proposed, author, signature: await signed(proposed, author), observations })
      assert.deepEqual(
        sightings.all.map(({ statement: { kind } }) => kind),
        kinds,
      )
    }
  })
})

describe('gates before the guard', () => {
  const asked = (slot: bigint) => ({
    statement: { service: SERVICE, kind: Kind.certify, epoch: 1n, slot, attempt: 0, payload: payload(1) },
    triggeredAt: 0,
    window: { from: slot, to: slot },
  })

  it('are silent for so many slots, for all that is asked of them', () => {
    const gate = silenceAtStart(2)
    const codes = [5n, 5n, 6n, 5n, 7n, 6n, 8n].map((slot) => gate(asked(slot))?.code)
    const silent = 'signer.silent'
    assert.deepEqual(codes, [silent, silent, silent, silent, undefined, silent, undefined])
    assert.equal(silenceAtStart(0)(asked(1n)), undefined)
  })

  it('are closed by a sighting', () => {
    let current: { at: number; reason: string } | undefined
    const gate = stopAfterSighting({ current: () => current, report() {}, onReport: () => () => {} })
    assert.equal(gate(asked(1n)), undefined)
    current = { at: 0, reason: 'another instance runs' }
    assert.equal(gate(asked(1n))?.code, 'signer.second-self')
  })
})
