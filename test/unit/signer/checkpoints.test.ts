import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { concat, keccak256, numberToHex, padHex, recoverMessageAddress, zeroAddress } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { createGuard } from '../../../src/node/guard/create.ts'
import { exportGuard } from '../../../src/node/guard/export.ts'
import { importGuard } from '../../../src/node/guard/import.ts'
import { verifyGuard } from '../../../src/node/guard/verify.ts'
import {
  announcementDigest,
  type CheckpointSignerOptions,
  checkpointDigest,
  checkpointKey,
  checkpointStatement,
  MAX_LOCATION,
  type TreeCheckpoint,
} from '../../../src/signer/checkpoints.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import type { GuardStore } from '../../../src/store/store.ts'
import { LariatError } from '../../../src/util/errors.ts'
import type { Hex } from '../../../src/util/hex.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { cleanUp, temporaryFolder } from '../store/suites.ts'
import { bytes32, domain, metricValue, operator, signerOptions } from './fixtures.ts'

interface Vectors {
  readonly domainHashes: readonly { readonly domain: number; readonly hook: Hex; readonly hash: Hex }[]
}
const VECTORS: Vectors = JSON.parse(readFileSync(new URL('../../vectors/hyperlane.json', import.meta.url), 'utf8'))
const account = privateKeyToAccount(keccak256('0x01'))
const CHECKPOINT: TreeCheckpoint = {
  ...{ domain: 1_000, hook: bytes32(0x40), root: bytes32(2), index: 7, messageId: bytes32(3) },
}
const WINDOW = { from: 0n, to: 100n }
/** Long enough after the start for its floor. */
const PAST_FLOOR_MS = 60_000

/** A signer in memory, past the floor of its start, of the account or of one that fails. */
function open(changes: Partial<CheckpointSignerOptions> = {}, of: PrivateKeyAccount = account) {
  const { options, clock, lines, metrics } = signerOptions()
  const { store, log } = options
  const key = checkpointKey(of)
  const signer = key.signer({
    ...{ chain: domain, operator, store, clock, log, metrics, gates: [] },
    startedAt: clock.now() - PAST_FLOOR_MS,
    ...changes,
  })
  return { key, signer, store, lines, metrics }
}
const onRecord = (store: GuardStore, checkpoint = CHECKPOINT) =>
  store.find({ ...domain, serviceManager: zeroAddress, operator, ...checkpointStatement(checkpoint) })
const signedBy = (raw: Hex, signature: Hex) => recoverMessageAddress({ message: { raw }, signature })

describe('key of checkpoints for relayers of Hyperlane', () => {
  afterEach(cleanUp)

  it('signs announcements as validators of Hyperlane’s networks do', async () => {
    // announcement.json of a validator on Goerli, from Hyperlane's documentation
    const signature: Hex =
      '0x2c23ffdc7173019fe2255fddbfa027dc99d5812b7c6595303792efe145c7f2cb229da4a683f4785a766cd8fce668741b78acaa7eed95eea9d09b14883de51b831b'
    const mailbox = padHex('0xcc737a94fecaec165abcf12ded095bb13f037685', { size: 32 })
    const announcement = { domain: 5, mailbox, location: 's3://hyperlane-testnet3-goerli-validator-0/us-east-1' }
    const who = await signedBy(announcementDigest(announcement), signature)
    assert.equal(who.toLowerCase(), '0xf43fbd072fd38e1121d4b3b0b8a35116bbb01ea9')
    const { signer } = open()
    assert.equal(await signedBy(announcementDigest(announcement), await signer.announce(announcement)), account.address)
  })

  it('signs checkpoints under Hyperlane’s own domain hashes, and a change of anything changes what is signed', async () => {
    assert.ok(VECTORS.domainHashes.length > 1)
    const { signer } = open()
    for (const { domain, hook, hash } of VECTORS.domainHashes) {
      const checkpoint = { ...CHECKPOINT, domain, hook }
      const { root, index, messageId } = checkpoint
      const digest = keccak256(concat([hash, root, numberToHex(index, { size: 4 }), messageId]))
      assert.equal(checkpointDigest(checkpoint), digest)
      const signature = await signer.sign(checkpoint, WINDOW)
      assert.equal(signature.length, 2 + 2 * 65)
      assert.equal(await signedBy(digest, signature), account.address)
    }
    const others = [
      { domain: 1_001 },
      { hook: bytes32(4) },
      { root: bytes32(5) },
      { index: 8 },
      { messageId: bytes32(6) },
    ]
    const digests = [{}, ...others].map((change) => checkpointDigest({ ...CHECKPOINT, ...change }))
    assert.equal(new Set(digests).size, digests.length)
  })

  it('has the checkpoint on record before the key is used, and signs the same again', async () => {
    const seen: unknown[] = []
    const watched: PrivateKeyAccount = {
      ...account,
      signMessage(message) {
        seen.push(onRecord(store)?.payload)
        return account.signMessage(message)
      },
    }
    const { signer, store, metrics } = open({}, watched)
    const first = await signer.sign(CHECKPOINT, WINDOW)
    assert.equal(await signer.sign({ ...CHECKPOINT }, WINDOW), first)
    assert.deepEqual(seen, Array(2).fill(checkpointDigest(CHECKPOINT)))
    assert.equal(await metricValue(metrics, 'lariat_guard_signatures_total{kind="checkpoint"}'), 2)
  })

  it('signs one root and message for an index of a tree, counts and tells what it refuses', async () => {
    const { signer, metrics, lines } = open()
    await signer.sign(CHECKPOINT, WINDOW)
    for (const change of [{ root: bytes32(5) }, { messageId: bytes32(6) }]) {
      await assert.rejects(signer.sign({ ...CHECKPOINT, ...change }, WINDOW), { code: 'guard.conflict' })
    }
    assert.equal(await metricValue(metrics, 'lariat_guard_refusals_total{reason="conflict"}'), 2)
    assert.equal(lines.filter(({ level, fields }) => level === 'error' && fields.reason === 'conflict').length, 2)
    // another tree's is its own
    for (const change of [{ domain: 1_001 }, { hook: bytes32(4) }]) {
      await signer.sign({ ...CHECKPOINT, ...change, root: bytes32(5) }, WINDOW)
    }
    await assert.rejects(signer.sign({ ...CHECKPOINT, index: 101 }, WINDOW), { code: 'guard.outside-window' })
  })

  it('signs what it judged, whatever becomes of the caller’s object', async () => {
    const store = signerOptions().options.store
    const checkpoint = { ...CHECKPOINT }
    const late: GuardStore = {
      ...store,
      checkAndInsert(...of) {
        checkpoint.root = bytes32(0x666)
        return store.checkAndInsert(...of)
      },
    }
    const { signer } = open({ store: late })
    const signature = await signer.sign(checkpoint, WINDOW)
    assert.equal(await signedBy(checkpointDigest(CHECKPOINT), signature), account.address)
  })

  it('after a crash between the record and the signature signs what is on record, and nothing else', async () => {
    const path = join(temporaryFolder(), 'guard.sqlite')
    const dying: PrivateKeyAccount = { ...account, signMessage: () => Promise.reject(new Error('killed')) }
    const first = openGuardStore(path, { create: true })
    await assert.rejects(open({ store: first }, dying).signer.sign(CHECKPOINT, WINDOW), /killed/)
    first.close()
    const again = openGuardStore(path)
    try {
      const { signer } = open({ store: again })
      await assert.rejects(signer.sign({ ...CHECKPOINT, root: bytes32(5) }, WINDOW), { code: 'guard.conflict' })
      const signature = await signer.sign(CHECKPOINT, WINDOW)
      assert.equal(await signedBy(checkpointDigest(CHECKPOINT), signature), account.address)
    } finally {
      again.close()
    }
  })

  it('signs nothing when the record cannot be written', async () => {
    const store: GuardStore = {
      ...signerOptions().options.store,
      checkAndInsert: () => Promise.reject(new Error('disk full')),
    }
    const { signer, metrics } = open({ store })
    await assert.rejects(signer.sign(CHECKPOINT, WINDOW), { code: 'guard.unavailable' })
    assert.equal(await metricValue(metrics, 'lariat_guard_signatures_total{kind="checkpoint"}'), 0)
  })

  it('has its record in the interchange file, and where two records differ neither is signed', async () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()]
    const other = { ...CHECKPOINT, index: 8 }
    for (const [dataDir, ...checkpoints] of [
      [one, CHECKPOINT, other],
      [two, { ...CHECKPOINT, root: bytes32(5) }],
    ] as const) {
      await createGuard({ dataDir })
      const store = openGuardStore(join(dataDir, 'guard.sqlite'))
      for (const checkpoint of checkpoints) await open({ store }).signer.sign(checkpoint, WINDOW)
      store.close()
    }
    const { file, entries } = await exportGuard({ dataDir: one, out: join(one, 'out.json') })
    assert.equal(entries, 2)
    await importGuard({ dataDir: two, file })
    assert.deepEqual((await verifyGuard({ dataDir: two }, file)).problems, [])
    const store = openGuardStore(join(two, 'guard.sqlite'))
    try {
      const { signer } = open({ store })
      for (const root of [CHECKPOINT.root, bytes32(5)]) {
        await assert.rejects(signer.sign({ ...CHECKPOINT, root }, WINDOW), { code: 'guard.conflict' })
      }
      await assert.rejects(signer.sign({ ...other, root: bytes32(5) }, WINDOW), { code: 'guard.conflict' })
      await signer.sign(other, WINDOW)
    } finally {
      store.close()
    }
  })

  it('asks its gates first: what they refuse leaves no record', async () => {
    const refusal = new LariatError('sign.halted', 'a self-check fails')
    const { signer, store } = open({ gates: [() => refusal] })
    await assert.rejects(signer.sign(CHECKPOINT, WINDOW), refusal)
    assert.equal(onRecord(store), undefined)
  })

  it('signs nothing below the floor of a start, nor after it was closed', async () => {
    const { signer: early } = open({ startedAt: new SimClock().now() })
    await assert.rejects(early.sign(CHECKPOINT, WINDOW), { code: 'guard.before-floor' })
    const { key, signer } = open()
    key.close()
    await assert.rejects(signer.sign(CHECKPOINT, WINDOW), { code: 'signer.closed' })
    const announcement = { domain: 1, mailbox: bytes32(1), location: 's3://a/b' }
    await assert.rejects(signer.announce(announcement), { code: 'signer.closed' })
  })

  it('refuses fields of other lengths, whose bytes could pass for the next field’s', async () => {
    const { signer, store } = open()
    const short = `0x${'00'.repeat(31)}` as const
    for (const change of [
      ...[
        { hook: short },
        { root: short },
        { messageId: `${bytes32(3)}00` as const },
        { root: `0x${'zz'.repeat(32)}` as const },
      ],
      ...[{ index: 2 ** 32 }, { index: -1 }, { index: 0.5 }, { domain: 2 ** 32 }],
    ]) {
      const checkpoint = { ...CHECKPOINT, ...change }
      await assert.rejects(signer.sign(checkpoint, WINDOW), { code: 'checkpoint.invalid' }, JSON.stringify(change))
    }
    assert.deepEqual(
      store.find({ ...domain, serviceManager: zeroAddress, operator, ...checkpointStatement(CHECKPOINT) }),
      undefined,
    )
    for (const location of ['', 's3://a b', 'x'.repeat(MAX_LOCATION + 1)]) {
      const announcement = { domain: 1, mailbox: bytes32(1), location }
      await assert.rejects(signer.announce(announcement), { code: 'checkpoint.invalid' })
    }
  })
})
