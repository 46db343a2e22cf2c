import assert from 'node:assert/strict'
import { createServer as createPlainServer } from 'node:http'
import { createServer, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { localKeys, type OperatorKeys } from '../../../src/signer/operatorKeys.ts'
import { proveRegistration } from '../../../src/signer/proof.ts'
import { createRemoteClient } from '../../../src/signer/remote/client.ts'
import { type Answer, type Asked, createHandler } from '../../../src/signer/remote/handler.ts'
import { openRemoteKeys } from '../../../src/signer/remote/keys.ts'
import { keyId } from '../../../src/signer/remote/protocol.ts'
import { createReach } from '../../../src/signer/remote/reach.ts'
import { type SignerServer, startSignerServer } from '../../../src/signer/remote/server.ts'
import type { TlsMaterial } from '../../../src/signer/remote/tls.ts'
import { blsPublicKey, blsSecretFromSeed } from '../../../src/signer/secrets.ts'
import type { StatementSigner } from '../../../src/signer/signer.ts'
import { memoryDataStore, memoryGuardStore } from '../../../src/store/memory.ts'
import type { GuardStore } from '../../../src/store/store.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { silentLog } from '../../../src/util/log.ts'
import { tlsPair } from '../../support/certificates.ts'
import {
  bytes32,
  domain,
  type LogLine,
  metricValue,
  operator,
  recordingLog,
  request,
  secret,
} from '../../unit/signer/fixtures.ts'

const { signer: signerTls, node: nodeTls } = tlsPair()
/** A signer and its node were started this long ago: their floors have passed. */
const STARTED_AGO_MS = 60_000
/** For one exchange: longer than a node waits, as machines that run tests are busy. */
const PATIENCE_MS = 15_000
const due = {
  /** Now, whenever it is asked: this file may be read long before its tests run. */
  get triggeredAt() {
    return Date.now()
  },
}

/** The record of these tests is in memory. */
const RECORD = { gone: () => undefined, look: async () => ({ problem: undefined, warning: undefined }) }

describe('remote signer over TLS', () => {
  const toEnd: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const end of toEnd.splice(0).reverse()) await end()
  })

  async function serve(handle: (asked: Asked) => Promise<Answer>, log = silentLog): Promise<SignerServer> {
    const server = await startSignerServer({ host: '127.0.0.1', port: 0, tls: signerTls, handle, log })
    toEnd.push(() => server.close())
    return server
  }

  /** A signer; its `store` is its own. */
  function signerOn(store: GuardStore = memoryGuardStore(), keys = localKeys(secret)) {
    const { chainId, genesisHash, serviceManager } = domain
    // no `wall`, which would be seen to jump with it
    const clock = { now: () => systemClock.now() - STARTED_AGO_MS, after: systemClock.after }
    const handle = createHandler({
      keys,
      serves: { operator, chainId, genesisHash, contracts: [serviceManager] },
      store,
      record: RECORD,
      reach: createReach(memoryDataStore().cursors, systemClock),
      clock,
      log: silentLog,
      metrics: createMetrics(),
    })
    clock.now = () => systemClock.now()
    return handle
  }

  const clientOf = (url: string, tls: TlsMaterial = nodeTls, timeoutMs = PATIENCE_MS) => {
    const client = createRemoteClient({ url, tls, clock: systemClock, timeoutMs })
    toEnd.push(() => client.close())
    return client
  }

  async function keysOf(url: string, tls?: TlsMaterial, timeoutMs?: number) {
    const metrics = createMetrics()
    const { chainId, genesisHash } = domain
    const client = clientOf(url, tls, timeoutMs)
    const keys = await openRemoteKeys({ client, clock: systemClock, metrics, operator, chainId, genesisHash })
    return { keys, metrics }
  }

  /** A node's signer, with a guard of its own. */
  function nodeSigner(keys: OperatorKeys, store: GuardStore = memoryGuardStore(), metrics = createMetrics()) {
    const startedAt = systemClock.now() - STARTED_AGO_MS
    return keys.signer({ domain, operator, store, clock: systemClock, log: silentLog, metrics, startedAt })
  }

  it('gives a node the signatures that the key would give it here', async () => {
    const { url } = await serve(signerOn())
    const { keys, metrics } = await keysOf(url)
    const remote = nodeSigner(keys)
    const local = nodeSigner(localKeys(secret))
    assert.deepEqual(remote.publicKey, local.publicKey)
    assert.equal(remote.operator, local.operator)
    assert.deepEqual(await remote.sign(request({}, due)), await local.sign(request({}, due)))
    assert.deepEqual(await keys.prove(domain, operator), proveRegistration(secret, domain, operator))
    assert.equal(await keys.check(), undefined)
    assert.equal(await metricValue(metrics, 'lariat_remote_signer_requests_total{outcome="signed"}'), 1)
  })

  it('signs many statements at once', async () => {
    const { url } = await serve(signerOn())
    const { keys } = await keysOf(url)
    const remote = nodeSigner(keys)
    const slots = Array.from({ length: 40 }, (_, i) => BigInt(100 + i))
    const signatures = await Promise.all(slots.map((slot) => remote.sign(request({ slot }, due))))
    assert.equal(new Set(signatures.map((bytes) => Buffer.from(bytes).toString('hex'))).size, slots.length)
  })

  it('refuses the second payload even to a node whose own record was taken away', async () => {
    const { url } = await serve(signerOn())
    const { keys, metrics } = await keysOf(url)
    await nodeSigner(keys).sign(request({}, due))
    const stolen = nodeSigner(keys) // the key of the connection, and no record
    await assert.rejects(stolen.sign(request({ payload: bytes32(0xb) }, due)), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error)
      assert.equal(error.code, 'guard.conflict')
      assert.match(error.message, /remote signer at https:.* refused: another payload is on record/)
      return true
    })
    assert.equal(await metricValue(metrics, 'lariat_remote_signer_requests_total{outcome="refused"}'), 1)
  })

  it('is not asked when the guard of the node refuses', async () => {
    let asked = 0
    const handle = signerOn()
    const { url } = await serve((one) => {
      if (one.path.startsWith('/sign/')) asked++
      return handle(one)
    })
    const remote = nodeSigner((await keysOf(url)).keys)
    await remote.sign(request({}, due))
    await assert.rejects(remote.sign(request({ payload: bytes32(0xb) }, due)), { code: 'guard.conflict' })
    assert.equal(asked, 1)
  })

  it('lets nobody through without the certificate that it knows', async () => {
    const lines: LogLine[] = []
    let asked = 0
    const { url } = await serve(async () => {
      asked++
      return { status: 200, body: {} }
    }, recordingLog(lines))
    const strangers = tlsPair()
    const unavailable = { code: 'signer.unavailable' }
    await assert.rejects(clientOf(url, { ...strangers.node, ca: nodeTls.ca }).upcheck(), unavailable)
    // the certificate of the signer itself is none of a node
    await assert.rejects(clientOf(url, { ...signerTls, ca: nodeTls.ca }).upcheck(), unavailable)
    await assert.rejects(statusWithoutCertificate(url), /alert certificate required|socket hang up|ECONNRESET/i)
    assert.equal(asked, 0)
    assert.ok(lines.some(({ message }) => message.startsWith('refused a connection')))
  })

  it('is trusted only with the certificate that the node knows, for the name that it asked', async () => {
    const { url } = await serve(signerOn())
    const strangers = tlsPair()
    await assert.rejects(clientOf(url, { ...nodeTls, ca: strangers.node.ca }).upcheck(), {
      code: 'signer.unavailable',
      message: /certificate that signer\.tls\.ca does not vouch for/,
    })
    await assert.rejects(clientOf(url.replace('127.0.0.1', 'localhost')).upcheck(), {
      code: 'signer.unavailable',
      message: /for another name/,
    })
    // a server in its place, with the right keys in the wrong hands: a node's certificate is no signer's
    const posing = createServer({ cert: nodeTls.cert, key: nodeTls.key.reveal() }, (_, response) => response.end('{}'))
    await new Promise<void>((resolve) => posing.listen(0, '127.0.0.1', resolve))
    toEnd.push(() => void posing.close().closeAllConnections())
    const { port } = posing.address() as AddressInfo
    await assert.rejects(clientOf(`https://127.0.0.1:${port}`, { ...nodeTls, ca: nodeTls.cert }).upcheck(), {
      code: 'signer.unavailable',
    })
  })

  it('is not believed: what is not the signature that was asked for goes nowhere', async () => {
    const other = localKeys(blsSecretFromSeed(new Uint8Array(32).fill(4)))
    const lying: OperatorKeys = {
      ...other,
      publicKeys: () => [blsPublicKey(secret)],
      signer(options) {
        const signer = other.signer(options)
        return { ...signer, sign: (asked) => signer.sign({ ...asked, publicKey: undefined }) }
      },
    }
    const { url } = await serve(signerOn(memoryGuardStore(), lying))
    const { keys, metrics } = await keysOf(url)
    await assert.rejects(nodeSigner(keys).sign(request({}, due)), {
      code: 'signer.unavailable',
      message: /not the signature it was asked for/,
    })
    assert.equal(await metricValue(metrics, 'lariat_remote_signer_requests_total{outcome="unavailable"}'), 1)
  })

  it('must serve the operator and the chain of the node', async () => {
    const { url } = await serve(signerOn())
    const { chainId, genesisHash } = domain
    const right = { clock: systemClock, metrics: createMetrics(), operator, chainId, genesisHash }
    const wrong = [
      { operator: '0x00000000000000000000000000000000000000ff' as const },
      { chainId: 1 },
      { genesisHash: bytes32(1) },
    ]
    for (const changes of wrong) {
      await assert.rejects(openRemoteKeys({ ...right, ...changes, client: clientOf(url) }), { code: 'signer.mismatch' })
    }
  })

  it('that is not there, hangs, or talks nonsense is told of as such, and never for long', async () => {
    const unavailable = (message: RegExp) => ({ code: 'signer.unavailable', message })
    const closed = await serve(signerOn())
    await closed.close()
    toEnd.pop()
    await assert.rejects(keysOf(closed.url), unavailable(/connection refused/))

    const { promise: never, resolve: release } = Promise.withResolvers<Answer>()
    const hanging = await serve(() => never)
    await assert.rejects(keysOf(hanging.url, undefined, 50), unavailable(/did not answer within 250 ms/))
    release({ status: 200, body: {} })

    for (const body of [{}, { keys: [] }, 'x'.repeat(70_000)]) {
      const nonsense = await serve(async () => ({ status: 200, body }))
      await assert.rejects(keysOf(nonsense.url), { code: 'signer.unavailable' })
    }
    const odd = await serve(async () => ({ status: 500, body: { error: { code: 'config.invalid', message: 'odd' } } }))
    await assert.rejects(keysOf(odd.url), unavailable(/answered 500: odd/))

    const plain = createPlainServer((_, response) => response.end('{}'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    toEnd.push(() => void plain.close().closeAllConnections())
    const { port } = plain.address() as AddressInfo
    await assert.rejects(keysOf(`https://127.0.0.1:${port}`), unavailable(/cannot be asked|hung up/))
  })

  it('that was restarted is found again, over new connections', async () => {
    const store = memoryGuardStore()
    const first = await serve(signerOn(store))
    const { keys } = await keysOf(first.url)
    const remote = nodeSigner(keys)
    await remote.sign(request({}, due))
    await first.close()
    toEnd.splice(toEnd.length - 2, 1)
    await assert.rejects(remote.sign(request({ slot: 101n }, due)), { code: 'signer.unavailable' })
    assert.match((await keys.check()) ?? '', /connection refused/)
    const { port } = new URL(first.url)
    const again = await startSignerServer({
      ...{ host: '127.0.0.1', port: Number(port), tls: signerTls, log: silentLog },
      handle: signerOn(store),
    })
    toEnd.push(() => again.close())
    // what was recorded here and not signed there is signed now
    await remote.sign(request({ slot: 101n }, due))
    assert.equal(await keys.check(), undefined)
  })

  it('with another key than at the start is told of', async () => {
    let current = localKeys(secret)
    const own: OperatorKeys = { ...current, publicKeys: () => current.publicKeys() }
    const { url } = await serve(signerOn(memoryGuardStore(), own))
    const { keys } = await keysOf(url)
    current = localKeys(blsSecretFromSeed(new Uint8Array(32).fill(4)))
    assert.match((await keys.check()) ?? '', /no longer has a key/)
    const remote: StatementSigner = nodeSigner(keys)
    await assert.rejects(remote.sign(request({}, due)), { code: 'signer.unknown-key' })
  })

  it('reads no body that is too long, or of no stated length', async () => {
    const { url } = await serve(signerOn())
    const path = `/sign/${keyId(blsPublicKey(secret))}`
    assert.equal(await statusOf(url + path, 'x'.repeat(4_097)), 413)
    assert.equal(await statusOf(url + path, '{}', { 'transfer-encoding': 'chunked' }), 413)
    assert.equal(await statusOf(url + path, '{}'), 400)
  })
})

function statusOf(url: string, body: string, headers: Record<string, string> = {}): Promise<number> {
  const tls = { ca: nodeTls.ca, cert: nodeTls.cert, key: nodeTls.key.reveal(), agent: false as const }
  return new Promise((resolve, reject) => {
    const sending = httpsRequest(url, { method: 'POST', headers, ...tls }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

function statusWithoutCertificate(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = httpsRequest(`${url}/upcheck`, { ca: nodeTls.ca, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sending.on('error', reject)
    sending.end()
  })
}
