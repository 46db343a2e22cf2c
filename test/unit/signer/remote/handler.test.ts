import assert from 'node:assert/strict'
import fc from 'fast-check'
import { publicKeyFromBytes, signatureFromBytes } from '../../../../src/bls/keys.ts'
import { verify } from '../../../../src/bls/verify.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { SKEW_MARGIN_MS } from '../../../../src/signer/guard.ts'
import { localKeys } from '../../../../src/signer/operatorKeys.ts'
import { proveRegistration } from '../../../../src/signer/proof.ts'
import { type Answer, createHandler, type RecordWatch } from '../../../../src/signer/remote/handler.ts'
import {
  encodeProve,
  encodeSign,
  keyId,
  parseProve,
  parseSign,
  publicKeyOf,
  type SignBody,
} from '../../../../src/signer/remote/protocol.ts'
import { createReach } from '../../../../src/signer/remote/reach.ts'
import { blsPublicKey, blsSecretFromSeed } from '../../../../src/signer/secrets.ts'
import { memoryDataStore, memoryGuardStore } from '../../../../src/store/memory.ts'
import type { GuardStore } from '../../../../src/store/store.ts'
import { statementDigest } from '../../../../src/types/digest.ts'
import { hexToBytes } from '../../../../src/util/hex.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import {
  bytes32,
  domain,
  type LogLine,
  metricValue,
  operator,
  recordingLog,
  request,
  secret,
  statement,
} from '../fixtures.ts'

const ID = keyId(blsPublicKey(secret))
const other = '0x00000000000000000000000000000000000000ff'

/** The record of these tests is in memory. */
const RECORD: RecordWatch = { gone: () => undefined, look: async () => ({ problem: undefined, warning: undefined }) }

describe('remote signer: what it answers', () => {
  const setUp = (store: GuardStore = memoryGuardStore(), clock = new SimClock(), record = RECORD) => {
    const lines: LogLine[] = []
    const metrics = createMetrics()
    const { chainId, genesisHash, serviceManager } = domain
    const handle = createHandler({
      keys: localKeys(secret),
      serves: { operator, chainId, genesisHash, contracts: [serviceManager] },
      store,
      record,
      reach: createReach(memoryDataStore().cursors, clock),
      clock,
      log: recordingLog(lines),
      metrics,
    })
    const post = (path: string, text: string) => handle({ method: 'POST', path, body: JSON.parse(text) })
    const get = (path: string) => handle({ method: 'GET', path, body: undefined })
    const sign = (changes: Partial<SignBody> = {}, id = ID) =>
      post(`/sign/${id}`, encodeSign({ domain, operator, request: request(), ...changes }))
    return { handle, post, get, sign, lines, metrics, clock, store }
  }
  // after the floor of a signer that was started at the clock's time
  const ready = async (store?: GuardStore) => {
    const made = setUp(store)
    await made.clock.advance(200_000)
    return made
  }
  const codeOf = (answer: Answer) => {
    assert.ok('body' in answer)
    const { error } = answer.body as { error: { code: string; message: string } }
    return [answer.status, error.code]
  }
  const signatureOf = (answer: Answer) => {
    assert.equal(answer.status, 200, JSON.stringify(answer))
    assert.ok('body' in answer)
    return signatureFromBytes(hexToBytes((answer.body as { signature: `0x${string}` }).signature))
  }

  it('tells that it is up, and which keys it has, for whom', async () => {
    const { get } = setUp()
    assert.deepEqual(await get('/upcheck'), { status: 200, body: { status: 'OK' } })
    const { chainId, genesisHash, serviceManager } = domain
    assert.deepEqual(await get('/keys'), {
      status: 200,
      body: { version: 1, keys: [ID], operator, chainId, genesisHash, contracts: [serviceManager] },
    })
    assert.deepEqual(publicKeyOf(ID), blsPublicKey(secret))
    assert.equal((await get('/metrics')).status, 200)
    assert.deepEqual(codeOf(await get('/nothing')), [404, 'signer.not-found'])
    assert.deepEqual(codeOf(await get(`/sign/${ID}`)), [404, 'signer.not-found'])
  })

  it('tells of its guard, and signs nothing once the record is gone', async () => {
    let gone: string | undefined
    const record: RecordWatch = { gone: () => gone, look: async () => ({ problem: gone, warning: 'in memory' }) }
    const { get, sign, clock, store } = setUp(memoryGuardStore(), new SimClock(), record)
    const floor = clock.now() + SKEW_MARGIN_MS
    await clock.advance(200_000)
    const told = { version: 1, now: clock.now(), floor, problem: null, warning: 'in memory' }
    assert.deepEqual(await get('/guard'), { status: 200, body: told })
    gone = 'guard.sqlite is gone'
    assert.deepEqual(await get('/guard'), { status: 200, body: { ...told, problem: gone } })
    assert.deepEqual(codeOf(await sign()), [503, 'guard.unavailable'])
    const { service, kind, slot, attempt } = statement()
    assert.equal(store.find({ ...domain, operator, service, kind, slot, attempt }), undefined)
    gone = undefined
    assert.equal((await sign()).status, 200)
  })

  it('signs the digest that it makes itself from the statement, again too, and never another payload', async () => {
    const { sign, metrics } = await ready()
    const signature = signatureOf(await sign())
    assert.ok(verify(statementDigest(domain, statement()), publicKeyFromBytes(blsPublicKey(secret)), signature))
    assert.equal((await sign()).status, 200)
    const second = await sign({ request: request({ payload: bytes32(0xb) }) })
    assert.deepEqual(codeOf(second), [412, 'guard.conflict'])
    assert.equal(await metricValue(metrics, 'lariat_signer_requests_total{path="sign",status="200"}'), 2)
    assert.equal(await metricValue(metrics, 'lariat_signer_requests_total{path="sign",status="412"}'), 1)
    assert.equal(await metricValue(metrics, 'lariat_guard_refusals_total{reason="conflict"}'), 1)
  })

  it('does not open a second record for one digest: operator, genesis, chain and contract are its own', async () => {
    const { sign, lines, store } = await ready()
    signatureOf(await sign())
    const second = request({ payload: bytes32(0xb) })
    const cases: Partial<SignBody>[] = [
      { operator: other },
      { domain: { ...domain, genesisHash: bytes32(1) } },
      { domain: { ...domain, chainId: 1 } },
      { domain: { ...domain, serviceManager: other } },
    ]
    for (const changes of cases) {
      assert.deepEqual(codeOf(await sign({ request: second, ...changes })), [403, 'signer.refused'])
    }
    assert.equal(lines.filter(({ level, message }) => level === 'warn' && message === 'refused a request').length, 4)
    const { service, kind, slot, attempt } = statement()
    assert.equal(store.find({ ...domain, operator, service, kind, slot, attempt })?.payload, bytes32(0xa))
    // letter case makes no difference, neither to it nor to the record
    const upper = { ...domain, serviceManager: domain.serviceManager.toLowerCase() as `0x${string}` }
    assert.deepEqual(codeOf(await sign({ request: second, domain: upper })), [412, 'guard.conflict'])
  })

  it('has a floor of its own start, whatever the node says, and signs nothing of the future', async () => {
    const { sign, clock } = await ready()
    const restarted = setUp(memoryGuardStore(), clock)
    assert.deepEqual(codeOf(await restarted.sign()), [412, 'guard.before-floor'])
    const future = request({}, { triggeredAt: clock.now() + 2_001 })
    assert.deepEqual(codeOf(await sign({ request: future })), [403, 'signer.refused'])
    signatureOf(await sign({ request: request({}, { triggeredAt: clock.now() + 1_999 }) }))
  })

  it('keeps the law over its own restart', async () => {
    const store = memoryGuardStore()
    const first = await ready(store)
    signatureOf(await first.sign())
    const again = setUp(store, first.clock)
    await first.clock.advance(10_000)
    const late = { triggeredAt: first.clock.now() }
    assert.deepEqual(codeOf(await again.sign({ request: request({ payload: bytes32(0xb) }, late) })), [
      412,
      'guard.conflict',
    ])
    signatureOf(await again.sign({ request: request({}, late) }))
  })

  it('is not pushed ahead: a slot of the far future is refused, also with a window that allows it', async () => {
    const { sign } = await ready()
    signatureOf(await sign())
    const far = statement({ slot: 2n ** 62n }).slot
    assert.deepEqual(codeOf(await sign({ request: request({ slot: far }) })), [403, 'signer.refused'])
    const outside = request({}, { window: { from: 101n, to: 105n } })
    assert.deepEqual(codeOf(await sign({ request: outside })), [412, 'guard.outside-window'])
    signatureOf(await sign({ request: request({ slot: 101n }) }))
  })

  it('knows only its own keys', async () => {
    const { sign, post } = await ready()
    const foreign = keyId(blsPublicKey(blsSecretFromSeed(new Uint8Array(32).fill(1))))
    assert.deepEqual(codeOf(await sign({}, foreign)), [404, 'signer.unknown-key'])
    assert.deepEqual(codeOf(await sign({}, `0x${ID}`)), [404, 'signer.unknown-key'])
    assert.deepEqual(codeOf(await post('/sign/', encodeSign({ domain, operator, request: request() }))), [
      404,
      'signer.unknown-key',
    ])
  })

  it('proves possession for its own contracts and operator only', async () => {
    const { post, lines } = await ready()
    const answer = await post(`/prove/${ID}`, encodeProve({ domain, operator }))
    assert.deepEqual(answer, { status: 200, body: proveRegistration(secret, domain, operator) })
    assert.ok(lines.some(({ message }) => message.startsWith('proved possession')))
    const elsewhere = encodeProve({ domain: { ...domain, serviceManager: other }, operator })
    assert.deepEqual(codeOf(await post(`/prove/${ID}`, elsewhere)), [403, 'signer.refused'])
    const another = encodeProve({ domain, operator: other })
    assert.deepEqual(codeOf(await post(`/prove/${ID}`, another)), [403, 'signer.refused'])
  })

  it('says when its record cannot be written, and has signed nothing then', async () => {
    const broken: GuardStore = {
      ...memoryGuardStore(),
      checkAndInsert() {
        throw new Error('disk full')
      },
    }
    const { sign } = await ready(broken)
    assert.deepEqual(codeOf(await sign()), [503, 'guard.unavailable'])
  })

  it('takes bodies of its protocol only; what it writes it reads back as it was', async () => {
    const { handle, store } = await ready()
    const good = JSON.parse(encodeSign({ domain, operator, request: request() }))
    assert.deepEqual(parseSign(good), { domain, operator, request: request() })
    assert.deepEqual(parseProve(JSON.parse(encodeProve({ domain, operator }))), {
      domain: { chainId: domain.chainId, serviceManager: domain.serviceManager },
      operator,
    })
    const wrong: unknown[] = [
      undefined,
      null,
      [],
      'x',
      {},
      { ...good, version: 2 },
      { ...good, digest: bytes32(1) },
      { ...good, statement: { ...good.statement, slot: 100 } },
      { ...good, statement: { ...good.statement, slot: '0100' } },
      { ...good, statement: { ...good.statement, slot: (2n ** 64n).toString() } },
      { ...good, statement: { ...good.statement, kind: 5 } },
      { ...good, statement: { ...good.statement, attempt: 65_536 } },
      { ...good, statement: { ...good.statement, payload: '0x01' } },
      { ...good, triggeredAt: null },
    ]
    for (const body of wrong) {
      const answer = await handle({ method: 'POST', path: `/sign/${ID}`, body })
      assert.deepEqual(codeOf(answer), [400, 'signer.bad-request'], JSON.stringify(body))
    }
    const { service, kind, slot, attempt } = statement()
    assert.equal(store.find({ ...domain, operator, service, kind, slot, attempt }), undefined)
  })

  it('answers whatever is sent, and signs none of it', async () => {
    const { handle } = await ready()
    const seed = Date.now() & 0x7fffffff
    const paths = fc.constantFrom(`/sign/${ID}`, `/prove/${ID}`, '/sign/', '/keys', '//', `/sign/${ID}?x`)
    const property = fc.asyncProperty(paths, fc.jsonValue(), async (path, body) => {
      const answer = await handle({ method: 'POST', path, body })
      assert.ok([400, 404].includes(answer.status), JSON.stringify(answer))
    })
    await fc.assert(property, { numRuns: 300, seed })
  })
})
