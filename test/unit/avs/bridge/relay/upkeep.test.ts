import assert from 'node:assert/strict'
import {
  EPOCHS_SERVICE,
  epochPayload,
  REVOCATIONS_SERVICE,
  revocationPayload,
  revocationSlot,
} from '../../../../../src/avs/bridge/statements.ts'
import { RECIPIENT, reason, stopRelayers, world } from '../../../../support/relayWorld.ts'

describe('epochs and revocations at destinations', () => {
  afterEach(stopRelayers)

  it('imports epochs one after the other before it delivers under them', async () => {
    const { clock, source, there, certificates, handed, start, until, pass } = world({ operators: 1 })
    source.dispatch({ recipient: RECIPIENT })
    certificates.certify(source, 3n)
    const { relayer } = await start(0)
    await pass(3)
    assert.equal(reason(relayer, 0), 'epoch-not-here')
    const now = BigInt(Math.floor(clock.now() / 1_000))
    for (const number of [2n, 3n]) {
      const epoch = { number, activatesAt: now - 5n, validUntil: now + 100_000n, rows: new Uint8Array(104) }
      handed.set(number, epoch)
      certificates.add(EPOCHS_SERVICE, number, number - 1n, epochPayload(epoch))
    }
    relayer.kick(true)
    await until(() => there.deliveries.length === 1, 'it is not delivered')
    assert.deepEqual(
      there.chain.sent.map(({ functionName }) => functionName),
      ['importEpoch', 'importEpoch', 'process'],
    )
  })

  it('imports no epoch that differs from what it sees itself, and says when one is over', async () => {
    const { clock, there, certificates, handed, start, pass } = world({ operators: 1 })
    const now = BigInt(Math.floor(clock.now() / 1_000))
    const epoch = { number: 2n, activatesAt: now - 5n, validUntil: now + 100_000n, rows: new Uint8Array(104) }
    handed.set(2n, { ...epoch, validUntil: now + 100_001n })
    certificates.add(EPOCHS_SERVICE, 2n, 1n, epochPayload(epoch))
    const { relayer } = await start(0)
    await pass(3)
    assert.match(relayer.problem() ?? '', /is not what this node sees/)
    assert.equal(there.latest, 1n)
    handed.set(2n, epoch)
    there.epochs.set(1n, { activatesAt: now - 10n, acceptedUntil: now - 1n, rows: 4, revoked: '0x' })
    relayer.kick(true)
    await pass(3)
    assert.match(relayer.problem() ?? '', /its owner must recover it/)
  })

  it('brings revocations that the module does not have, once', async () => {
    const { there, certificates, revocations, start, until, pass } = world({ operators: 1 })
    const revoked = Uint8Array.of(4)
    const slot = revocationSlot(77n, 1n)
    const certificate = certificates.add(REVOCATIONS_SERVICE, slot, 1n, revocationPayload(1n, revoked))
    revocations.push({ epoch: 1n, atBlock: 77n, revoked, certificate })
    await start(0)
    await until(() => there.epochs.get(1n)?.revoked === '0x04', 'it is not revoked')
    // one that says other than what is certified
    revocations.push({ epoch: 1n, atBlock: 78n, revoked: Uint8Array.of(12), certificate })
    await pass(30)
    assert.equal(there.chain.sent.filter(({ functionName }) => functionName === 'revoke').length, 1)
  })
})

describe('pauses at destinations', () => {
  afterEach(stopRelayers)

  it('pauses a module as soon as more than a third voted for it, and opens it again when a quorum did, each once', async () => {
    const { source, there, certificates, votes, start, until, pass } = world({ operators: 1 })
    const kept = (slot: bigint) => certificates.add(`0x${'ab'.repeat(32)}`, slot, 1n, `0x${'cd'.repeat(32)}`)
    votes.set('pause 0', kept(0n))
    const { relayer } = await start(0)
    await until(() => there.paused, 'it is not paused')
    source.dispatch({ recipient: RECIPIENT })
    certificates.certify(source)
    await pass(30)
    assert.equal(there.deliveries.length, 0)
    assert.equal(reason(relayer, 0), 'module-paused')
    votes.set('unpause 0', kept(0n))
    relayer.kick(true)
    await until(() => there.deliveries.length === 1, 'it is not opened again')
    await pass(30)
    assert.deepEqual(
      there.chain.sent.map(({ functionName }) => functionName).filter((name) => name !== 'process'),
      ['pause', 'unpause'],
    )
    assert.equal(there.pauseCount, 1n)
  })
})
