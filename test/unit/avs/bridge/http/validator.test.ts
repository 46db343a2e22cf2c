import assert from 'node:assert/strict'
import { keccak256, padHex, recoverMessageAddress, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { signedCheckpoint } from '../../../../../src/avs/bridge/http/hyperlane.ts'
import { ValidatorStorage } from '../../../../../src/avs/bridge/http/validator.ts'
import { Level, streamService } from '../../../../../src/avs/bridge/statements.ts'
import { CHECKPOINT_STORE, CHECKPOINT_STORE_SPEC, checkpointsOf } from '../../../../../src/avs/checkpoints.ts'
import type { FollowedChain } from '../../../../../src/avs/ports.ts'
import {
  announcementDigest,
  checkpointDigest,
  checkpointKey,
  checkpointStatement,
} from '../../../../../src/signer/checkpoints.ts'
import { memoryKeyValues } from '../../../../../src/store/memoryKeyValue.ts'
import type { Address, Hex } from '../../../../../src/util/hex.ts'
import { VERSION } from '../../../../../src/util/version.ts'
import { HOOK } from '../../../../support/bridge.ts'
import { get, ORIGIN, ORIGIN_MAILBOX, viewWorld } from '../../../../support/bridgeView.ts'
import { bytes32, domain, metricValue, operator, signerOptions } from '../../../signer/fixtures.ts'

const RECIPIENT: Address = `0x${'ee'.repeat(20)}`
const account = privateKeyToAccount(keccak256('0x01'))
const LOCATION = 's3://checkpoints/eu-north-1'
const MAILBOX = padHex(ORIGIN_MAILBOX, { size: 32 })
/** Long enough after the start for its floor. */
const PAST_FLOOR_MS = 60_000

interface File {
  value: Record<string, unknown>
  signature: { r: string; s: string; v: number }
  serialized_signature: Hex
}

/** The files of a tree of three messages, signed behind a guard in memory. */
function world() {
  let distrust: { code: string; reason: string } | undefined
  let held: string | undefined
  const chain = { name: 'base', distrust: () => distrust } as unknown as FollowedChain
  const { source, certificates, view } = viewWorld({ chain })
  const { options, clock, metrics } = signerOptions()
  const stores = memoryKeyValues(() => {})
  const { store: guard, log } = options
  const startedAt = clock.now() - PAST_FLOOR_MS
  const key = { chain: domain, operator, store: guard, clock, log, metrics, startedAt, gates: [] }
  const checkpoints = checkpointsOf({
    ...{ signer: checkpointKey(account).signer(key), clock },
    store: () => stores.open('bridge', CHECKPOINT_STORE, CHECKPOINT_STORE_SPEC),
  })
  const locations = new Map([[ORIGIN, LOCATION]])
  const validator = new ValidatorStorage({ checkpoints, certificates, locations, held: () => held })
  const served = { view, validator }
  const sent = source.dispatch(...Array.from({ length: 3 }, () => ({ recipient: RECIPIENT })))
  const checkpointAt = (index: number) => {
    const found = source.checkpoint(index)
    assert.ok(found !== undefined)
    return { ...found, domain: ORIGIN, hook: HOOK }
  }
  return {
    ...{ source, certificates, view, sent, guard, checkpointAt },
    file: (name: string, of = ORIGIN) => get(served, `/v1/bridge/validator/${of}/${name}`),
    hold: (why: string | undefined) => {
      held = why
    },
    distrust: (reason: string | undefined) => {
      distrust = reason === undefined ? undefined : { code: 'chain.contradiction', reason }
    },
    signatures: () => metricValue(metrics, 'lariat_guard_signatures_total{kind="checkpoint"}'),
  }
}

describe('storage of a validator for Hyperlane’s multisig modules', () => {
  it('serves its files in their shapes, signed by the validator', async () => {
    const { certificates, source, sent, file, checkpointAt, signatures } = world()
    certificates.certify(source)
    const latest = await file('checkpoint_latest_index.json')
    assert.deepEqual([latest.status, latest.body], [200, 2])
    assert.match(latest.headers?.['cache-control'] ?? '', /no-cache/)

    const found = await file('checkpoint_0_with_id.json')
    const { value, signature, serialized_signature: serialized } = found.body as File
    const checkpoint = checkpointAt(0)
    assert.deepEqual(value, {
      checkpoint: { merkle_tree_hook_address: HOOK, mailbox_domain: ORIGIN, root: checkpoint.root, index: 0 },
      message_id: sent[0]?.id,
    })
    const raw = checkpointDigest(checkpoint)
    assert.equal(await recoverMessageAddress({ message: { raw }, signature: serialized }), account.address)
    assert.equal(BigInt(signature.r), BigInt(serialized.slice(0, 66)))
    assert.equal(BigInt(signature.s), BigInt(`0x${serialized.slice(66, 130)}`))
    assert.equal(signature.v, Number(`0x${serialized.slice(130)}`))
    assert.match(found.headers?.['cache-control'] ?? '', /immutable/)
    await file('checkpoint_0_with_id.json')
    assert.equal(await signatures(), 1)

    const { value: announced, serialized_signature: announcement } = (await file('announcement.json')).body as File
    assert.deepEqual(announced, {
      ...{ validator: account.address.toLowerCase(), mailbox_address: MAILBOX },
      ...{ mailbox_domain: ORIGIN, storage_location: LOCATION },
    })
    const location = announcementDigest({ domain: ORIGIN, mailbox: MAILBOX, location: LOCATION })
    assert.equal(await recoverMessageAddress({ message: { raw: location }, signature: announcement }), account.address)
    assert.deepEqual((await file('metadata_latest.json')).body, { git_sha: `lariat-${VERSION}` })
  })

  it('signs what a final certificate covers, and nothing on the word of a fast one or of its own tree alone', async () => {
    const { certificates, source, file, signatures } = world()
    const statuses = () => Promise.all([0, 1, 2].map(async (i) => (await file(`checkpoint_${i}_with_id.json`)).status))
    assert.deepEqual(await statuses(), [404, 404, 404])
    certificates.certify(source, 1n, 2, Level.fast)
    assert.deepEqual(await statuses(), [404, 404, 404])
    assert.equal((await file('checkpoint_latest_index.json')).status, 404)
    assert.equal(await signatures(), 0)
    certificates.certify(source, 1n, 1)
    assert.deepEqual(await statuses(), [200, 200, 404])
    assert.equal((await file('checkpoint_latest_index.json')).body, 1)
    assert.equal(await signatures(), 2)
  })

  it('signs nothing where a quorum certified another tree, and says so', async () => {
    const { certificates, source, file, signatures } = world()
    certificates.certify(source, 1n, 0)
    certificates.add(streamService(source, Level.finalized), 2n, 1n, keccak256('0x0bad'))
    const { status, body } = await file('checkpoint_0_with_id.json')
    assert.equal(status, 404)
    assert.match((body as { error: string }).error, /certified another tree/)
    assert.equal(await signatures(), 0)
  })

  it('signs nothing while the tree is halted, its chain distrusted, or a module paused', async () => {
    const { certificates, source, file, hold, distrust, signatures } = world()
    certificates.certify(source)
    for (const stop of [source.halt, distrust, hold]) {
      stop('it is so')
      for (const name of ['checkpoint_2_with_id.json', 'checkpoint_latest_index.json']) {
        const { status, body } = await file(name)
        assert.deepEqual([status, body], [404, { error: 'it is so' }])
      }
      stop(undefined)
    }
    assert.equal(await signatures(), 0)
    assert.equal((await file('checkpoint_2_with_id.json')).status, 200)
  })

  it('answers 503 with the reason for what the guard refuses', async () => {
    const { certificates, source, file, guard, checkpointAt, signatures } = world()
    certificates.certify(source)
    const other = checkpointStatement({ ...checkpointAt(1), root: bytes32(0xbad) })
    const { epoch, payload, ...stream } = other
    const onRecord = { ...domain, serviceManager: zeroAddress, operator, ...stream }
    assert.equal(await guard.checkAndInsert(onRecord, epoch, payload, bytes32(1)), 'recorded')
    const refused = await file('checkpoint_1_with_id.json')
    assert.equal(refused.status, 503)
    assert.equal((refused.body as { code: string }).code, 'guard.conflict')
    assert.equal(await signatures(), 0)
    assert.equal((await file('checkpoint_2_with_id.json')).status, 200)
  })

  it('has no other file, and none of trees without storage', async () => {
    const { certificates, source, file, view, signatures } = world()
    certificates.certify(source)
    const none = ['3_with_id', '00_with_id', '-1_with_id', '0', '4294967296_with_id', '99999999999_with_id']
    for (const name of none) assert.equal((await file(`checkpoint_${name}.json`)).status, 404, name)
    for (const name of ['checkpoint_0_with_id.json', 'announcement.json', 'metadata_latest.json']) {
      assert.equal((await file(name, 7)).status, 404, name)
      const unsigned = await get({ view, validator: undefined }, `/v1/bridge/validator/${ORIGIN}/${name}`)
      assert.equal(unsigned.status, 404)
    }
    assert.equal(await signatures(), 0)
  })

  it('refuses a signature of another form', () => {
    const checkpoint = { root: keccak256('0x02'), index: 7, messageId: keccak256('0x03') }
    for (const signature of ['0x', `0x${'11'.repeat(64)}00`, `0x${'11'.repeat(64)}`] as const) {
      const sign = () => signedCheckpoint({ domain: 1, hook: HOOK }, checkpoint, signature)
      assert.throws(sign, { code: 'bridge.signature' })
    }
  })
})
