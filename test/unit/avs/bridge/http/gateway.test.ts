import assert from 'node:assert/strict'
import { encodeFunctionData } from 'viem'
import { bridgeIsmAbi } from '../../../../../src/avs/bridge/abi/bridgeIsm.ts'
import { decodeMetadata } from '../../../../../src/avs/bridge/metadata.ts'
import { Level, streamService } from '../../../../../src/avs/bridge/statements.ts'
import { type Address, type Hex, hexToBytes } from '../../../../../src/util/hex.ts'
import { HOOK } from '../../../../support/bridge.ts'
import { ISM } from '../../../../support/bridgeDestination.ts'
import { get, ORIGIN, viewWorld } from '../../../../support/bridgeView.ts'

const RECIPIENT: Address = `0x${'ee'.repeat(20)}`
const pathOf = (encoded: Hex, sender: string = ISM) =>
  `/v1/bridge/gateway/${sender.toLowerCase()}/${encodeFunctionData({
    ...{ abi: bridgeIsmAbi, functionName: 'getOffchainVerifyInfo', args: [encoded] },
  })}`
type Answer = { data: Hex; level: string; slashable: boolean; status: string; reason: string; error: string }

describe('the gateway of ccip-read', () => {
  it('serves the metadata of a message, with the certificate, for caches and pages of others', async () => {
    const { source, certificates, served } = viewWorld()
    const [message] = source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT })
    assert.ok(message)
    const { onChain } = certificates.certify(source)
    const { status, body, headers } = await get(served, pathOf(message.encoded))
    assert.equal(status, 200)
    const { data, level, slashable } = body as Answer
    const metadata = decodeMetadata(hexToBytes(data))
    assert.deepEqual([metadata.leaf, metadata.epoch, metadata.checkpoint], [0, 1n, source.checkpoint(1)])
    assert.deepEqual(metadata.certificate?.signature, hexToBytes(onChain.signature))
    assert.deepEqual(metadata.proof, source.proof(0, 2))
    assert.deepEqual([level, slashable], ['finalized', true])
    assert.equal(headers?.['access-control-allow-origin'], '*')
    assert.match(headers?.['cache-control'] ?? '', /^public, max-age=/)
  })

  it('takes long messages, and none that no URL can hold', async () => {
    const { source, certificates, served } = viewWorld()
    const [long] = source.dispatch({ recipient: RECIPIENT, body: `0x${'07'.repeat(6_600)}` })
    assert.ok(long)
    certificates.certify(source)
    assert.equal((await get(served, pathOf(long.encoded))).status, 200)
    assert.equal((await get(served, pathOf(`${long.encoded}${'07'.repeat(600)}`))).status, 414)
  })

  it('answers 404 as Hyperlane’s relayer takes it for pending, until a certificate is there that the module accepts', async () => {
    const { source, certificates, served } = viewWorld()
    const [message] = source.dispatch({ recipient: RECIPIENT })
    assert.ok(message)
    const ask = async () => {
      const { status, body, headers } = await get(served, pathOf(message.encoded))
      const { status: told, reason, error } = body as Answer
      assert.match(headers?.['cache-control'] ?? '', /no-cache/)
      return { status, told, reason, isPending: error.startsWith('pending') }
    }
    const pending = { status: 404, told: 'pending', isPending: true }
    assert.deepEqual(await ask(), { ...pending, reason: 'not-attested' })
    certificates.certify(source, 7n)
    assert.deepEqual(await ask(), { ...pending, reason: 'epoch-not-here' })
    const elsewhere = source.dispatch({ recipient: RECIPIENT })[0]?.encoded
    source.forget(1)
    assert.ok(elsewhere)
    assert.equal(((await get(served, pathOf(elsewhere))).body as Answer).reason, 'not-final')
  })

  it('marks what nobody is slashed for', async () => {
    const { source, there, certificates, served } = viewWorld()
    there.services.set(ORIGIN, streamService({ domain: ORIGIN, hook: HOOK }, Level.fast))
    const [message] = source.dispatch({ recipient: RECIPIENT })
    assert.ok(message)
    certificates.certify(source, 1n, 0, Level.fast)
    const { level, slashable } = (await get(served, pathOf(message.encoded))).body as Answer
    assert.deepEqual([level, slashable], ['fast', false])
    const [ahead] = source.dispatchAhead({ recipient: RECIPIENT })
    const view = source.ahead()
    assert.ok(ahead && view)
    certificates.certify({ domain: ORIGIN, hook: HOOK, ...view }, 1n, 1, Level.fast)
    assert.equal((await get(served, pathOf(ahead.encoded))).status, 200)
  })

  it('refuses other modules, other calls, other domains and what is no message', async () => {
    const { source, there, certificates, served } = viewWorld()
    const [away, here] = source.dispatch({ recipient: RECIPIENT, destination: 3_000 }, { recipient: RECIPIENT })
    assert.ok(away && here)
    certificates.certify(source)
    const statusOf = async (path: string) => (await get(served, path)).status
    assert.equal(await statusOf(pathOf(here.encoded, RECIPIENT)), 404)
    assert.equal(await statusOf(pathOf(away.encoded)), 404)
    assert.equal(await statusOf(pathOf('0x0102')), 400)
    assert.equal(await statusOf(`/v1/bridge/gateway/${ISM}/0x12345678`), 400)
    assert.equal(await statusOf(`/v1/bridge/gateway/${ISM}/hello`), 400)
    const other = encodeFunctionData({ abi: bridgeIsmAbi, functionName: 'latestEpoch' })
    assert.equal(await statusOf(`/v1/bridge/gateway/${ISM}/${other}`), 400)
    there.services.set(ORIGIN, `0x${'99'.repeat(32)}`)
    assert.equal(await statusOf(pathOf(here.encoded)), 404)
  })
})
