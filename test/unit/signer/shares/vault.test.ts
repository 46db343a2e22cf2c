import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import fc from 'fast-check'
import { checkDealing, checkDealings } from '../../../../src/bls/threshold/check.ts'
import { combine, openGroupKey, verifyRound } from '../../../../src/bls/threshold/group.ts'
import { G2_BYTES } from '../../../../src/bls/threshold/points.ts'
import { verifyComplaint, verifyEncryptionKey } from '../../../../src/bls/threshold/proofs.ts'
import { describeSession } from '../../../../src/bls/threshold/session.ts'
import type { Dealing, Dealt, PartialRound, Session } from '../../../../src/bls/threshold/types.ts'
import { MAX_ENCRYPTION_KEYS } from '../../../../src/signer/shares/limits.ts'
import { openShareVault } from '../../../../src/signer/shares/open.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import {
  CHAIN_ID,
  dealAll,
  dealingOfSeed,
  Folders,
  KEY_GENERATION,
  type Node,
  openNodes,
  operatorOf,
  outcomeOf,
  runSession,
  SCHEDULE,
  sessionOf,
  vaultOptions,
} from './fixtures.ts'

const folders = new Folders()
const at = <T>(list: readonly T[], i: number): T => list[i] as T

/** Turns one bit of a part of a dealing. */
function flip(dealing: Dealing, field: keyof Dealing, byte: number, bit = 1): Dealing {
  const changed = dealing[field].slice()
  changed[byte] = (changed[byte] ?? 0) ^ bit
  return { ...dealing, [field]: changed }
}

async function partialsOf(nodes: readonly Node[], sharing: bigint, round: bigint): Promise<PartialRound[]> {
  return (await Promise.all(nodes.map(({ vault }) => vault.sign(sharing, round)))).flat()
}

describe('the share vault', function () {
  this.timeout(120_000)
  afterEach(() => folders.clean())

  describe('in a fresh session', () => {
    it('makes a key of four operators that any three of them sign with', async () => {
      const nodes = await openNodes(folders, 4)
      const { session, dealt, outcome } = await runSession(nodes, nodes, { session: 1n, threshold: 3 })
      assert.deepEqual(await checkDealings(session, dealt), [undefined, undefined, undefined, undefined])
      for (const { vault, i } of nodes) {
        assert.deepEqual(await vault.examine(session, dealt), [undefined, undefined, undefined, undefined])
        const [held] = vault.sharings()
        assert.deepEqual(held?.indices, [i])
        assert.equal(held?.threshold, 3)
        assert.deepEqual(held?.groupKey, outcome.polynomial.slice(0, G2_BYTES))
      }
      const key = openGroupKey(outcome.polynomial.slice(0, G2_BYTES))
      const partials = await partialsOf(nodes, 1n, 1n)
      const signatures = [
        [0, 1, 2],
        [3, 1, 2],
        [0, 3, 1],
      ].map((some) =>
        combine(
          some.map((i) => at(partials, i)),
          3,
        ),
      )
      assert.ok(verifyRound(key, 1n, at(signatures, 0)))
      assert.deepEqual(signatures[1], signatures[0])
      assert.deepEqual(signatures[2], signatures[0])
      // two operators with all their state are one short
      assert.throws(() => combine(partials.slice(0, 2), 3), { code: 'bls.invalid-partials' })
      assert.equal(verifyRound(key, 1n, combine(partials.slice(0, 2), 2)), false)
    })

    it('gives several shares to the heavy, and none to the light', async () => {
      const nodes = await openNodes(folders, 4)
      const { dealt, session, outcome } = await runSession(nodes, nodes, {
        session: 1n,
        threshold: 4,
        shares: [3, 0, 2, 1],
      })
      assert.deepEqual(at(nodes, 0).vault.sharings()[0]?.indices, [0, 1, 2])
      assert.deepEqual(at(nodes, 1).vault.sharings(), [])
      assert.equal(await at(nodes, 1).vault.assemble(session, dealt, outcome), undefined)
      assert.deepEqual(await at(nodes, 1).vault.examine(session, dealt), [undefined, undefined, undefined, undefined])
      await assert.rejects(at(nodes, 1).vault.sign(1n, 1n), { code: 'shares.no-share' })
      const key = openGroupKey(outcome.polynomial.slice(0, G2_BYTES))
      const partials = await partialsOf([at(nodes, 0), at(nodes, 3)], 1n, 1n)
      assert.deepEqual(
        partials.map(({ index }) => index),
        [0, 1, 2, 5],
      )
      assert.ok(verifyRound(key, 1n, combine(partials, 4)))
    })

    it('works without dealers that are silent', async () => {
      const nodes = await openNodes(folders, 4)
      const { outcome } = await runSession(nodes, nodes.slice(1), { session: 1n, threshold: 3 })
      const partials = await partialsOf(nodes, 1n, 1n)
      assert.ok(verifyRound(openGroupKey(outcome.polynomial.slice(0, G2_BYTES)), 1n, combine(partials, 3)))
      const session = await sessionOf(nodes, { session: 2n, threshold: 3 })
      const two = await dealAll(session, nodes.slice(2))
      await assert.rejects(outcomeOf(session, two, 2n), { code: 'bls.too-few-dealers' })
    })

    it('makes a key of seven though two deal wrongly, whom everybody or their victim names', async () => {
      const nodes = await openNodes(folders, 7)
      const session = await sessionOf(nodes, { session: 1n, threshold: 5 })
      const honest = await dealAll(session, nodes)
      const dealt = honest.map((one, i) => {
        if (i === 1) return { ...one, dealing: flip(one.dealing, 'sealedShares', 32 * 3 + 7) }
        return i === 4 ? { ...one, dealing: flip(one.dealing, 'commitments', 3 * G2_BYTES + 100) } : one
      })
      const convicted = new Set<string>()
      for (const { vault, i } of nodes) {
        const faults = await vault.examine(session, dealt)
        assert.deepEqual(at(faults, 4), { kind: 'commitment', polynomial: 0, k: 3 })
        assert.equal(at(faults, 1)?.kind, i === 3 ? 'share' : undefined)
        for (const [d, fault] of faults.entries()) {
          if (fault?.kind === 'share') await vault.complain(session, at(dealt, d), fault)
          if (fault !== undefined) convicted.add(at(dealt, d).dealer)
        }
      }
      assert.deepEqual([...convicted].sort(), [operatorOf(1), operatorOf(4)])
      const qualified = dealt.filter(({ dealer }) => !convicted.has(dealer))
      const { outcome } = await outcomeOf(session, qualified, 1n)
      for (const { vault } of nodes) await vault.assemble(session, qualified, outcome)
      const partials = await partialsOf(nodes, 1n, 1n)
      const signature = combine(partials, 5)
      assert.ok(verifyRound(openGroupKey(outcome.polynomial.slice(0, G2_BYTES)), 1n, signature))
      assert.deepEqual(combine(partials.slice(2), 5), signature)
    })

    it('has one dealing a session, also after a kill', async () => {
      const nodes = await openNodes(folders, 4)
      const session = await sessionOf(nodes, { session: 3n, threshold: 3 })
      const { vault, folder, i } = at(nodes, 0)
      const first = await vault.deal(session)
      assert.deepEqual(await vault.deal(session), first)
      // what is on disk while the first still runs: nothing was closed, nothing flushed on the way out
      const copy = folders.make()
      cpSync(folder, copy, { recursive: true })
      const again = await openShareVault(vaultOptions(copy, i))
      assert.deepEqual(await again.deal(session), first)

      const other = describeSession({ ...session, attempt: 1 })
      assert.notEqual(other.id, session.id)
      await assert.rejects(vault.deal(other), { code: 'shares.other-session' })
      const earlier = describeSession({ ...session, session: 2n })
      await assert.rejects(vault.deal(earlier), { code: 'shares.other-session' })
      const later = describeSession({ ...session, session: 4n })
      assert.notDeepEqual(await vault.deal(later), first)
      await assert.rejects(vault.deal(session), { code: 'shares.other-session' }, 'its seed is destroyed')
    })

    it('refuses sessions of others', async () => {
      const nodes = await openNodes(folders, 3)
      const session = await sessionOf(nodes.slice(0, 2), { session: 1n, threshold: 2 })
      const outsider = at(nodes, 2).vault
      const { vault } = at(nodes, 0)
      await assert.rejects(outsider.deal(session), { code: 'shares.not-member' })
      await assert.rejects(vault.deal(describeSession({ ...session, chainId: 1 })), { code: 'shares.other-scope' })
      const elsewhere = describeSession({ ...session, keyGeneration: operatorOf(9) })
      await assert.rejects(vault.deal(elsewhere), { code: 'shares.other-scope' })
      const members = session.members.map((member, i) =>
        i === 0 ? { ...member, encryptionKey: at(session.members, 1).encryptionKey } : member,
      )
      assert.throws(() => describeSession({ ...session, members }), { code: 'bls.invalid-session' })
      const { publicKey } = await outsider.encryptionKey()
      const replaced = session.members.map((member, i) => (i === 0 ? { ...member, encryptionKey: publicKey } : member))
      const foreign = describeSession({ ...session, members: replaced })
      await assert.rejects(vault.examine(foreign, []), { code: 'shares.no-secret' })
    })
  })

  describe('among malicious dealers', () => {
    let nodes: Node[]
    let session: Session
    let dealt: Dealt[]

    beforeEach(async () => {
      nodes = await openNodes(folders, 4)
      session = await sessionOf(nodes, { session: 1n, threshold: 3 })
      dealt = await dealAll(session, nodes)
    })

    const changed = (i: number, dealing: Dealing) => dealt.map((one, j) => (j === i ? { ...one, dealing } : one))

    it('names a wrong share, and proves it', async () => {
      const receiver = at(nodes, 2)
      const wrong = changed(1, flip(at(dealt, 1).dealing, 'sealedShares', 32 * 2 + 31))
      const faults = await receiver.vault.examine(session, wrong)
      assert.deepEqual(faults, [undefined, { kind: 'share', polynomial: 0, shareIndex: 2 }, undefined, undefined])
      assert.deepEqual(await at(nodes, 0).vault.examine(session, wrong), [undefined, undefined, undefined, undefined])

      const { sharedPoint, c, z, ...rest } = await receiver.vault.complain(session, at(wrong, 1), {
        polynomial: 0,
        shareIndex: 2,
      })
      assert.deepEqual(rest, { dealer: operatorOf(1), polynomial: 0, shareIndex: 2 })
      const place = {
        sessionId: session.id,
        dealer: operatorOf(1),
        recipient: operatorOf(2),
        polynomial: 0,
        shareIndex: 2,
      }
      const points = {
        encryptionKey: at(session.members, 2).encryptionKey,
        ephemeral: at(dealt, 1).dealing.ephemeral,
        sharedPoint,
      }
      assert.ok(verifyComplaint(place, points, { c, z }))
      assert.equal(verifyComplaint({ ...place, dealer: operatorOf(0) }, points, { c, z }), false)
      assert.equal(verifyComplaint({ ...place, shareIndex: 3 }, points, { c, z }), false)
      assert.equal(verifyComplaint(place, { ...points, sharedPoint: points.ephemeral }, { c, z }), false)
      assert.equal(verifyComplaint(place, points, { c, z: z ^ 1n }), false)
    })

    it('never complains about a share that is right', async () => {
      const { vault } = at(nodes, 2)
      const place = { polynomial: 0, shareIndex: 2 }
      await assert.rejects(vault.complain(session, at(dealt, 1), place), { code: 'shares.share-is-good' })
      await assert.rejects(vault.complain(session, at(dealt, 1), { polynomial: 0, shareIndex: 1 }), {
        code: 'shares.not-member',
      })
      await assert.rejects(vault.complain(session, at(dealt, 1), { polynomial: 1, shareIndex: 2 }), {
        code: 'shares.dealing-is-bad',
      })
    })

    it('names a share that is not below the order', async () => {
      // r has 255 bits: whatever the mask, the share’s top bit is set now
      const { vault } = at(nodes, 0)
      const wrong = changed(3, flip(at(dealt, 3).dealing, 'sealedShares', 0, 0x80))
      assert.deepEqual(at(await vault.examine(session, wrong), 3), { kind: 'share', polynomial: 0, shareIndex: 0 })
      const complaint = await vault.complain(session, at(wrong, 3), { polynomial: 0, shareIndex: 0 })
      assert.equal(complaint.dealer, operatorOf(3))
    })

    it('names commitments that are no points', async () => {
      const { vault } = at(nodes, 0)
      const off = changed(1, flip(at(dealt, 1).dealing, 'commitments', G2_BYTES * 2 + 191))
      assert.deepEqual(at(await vault.examine(session, off), 1), { kind: 'commitment', polynomial: 0, k: 2 })
      await assert.rejects(vault.complain(session, at(off, 1), { polynomial: 0, shareIndex: 0 }), {
        code: 'shares.dealing-is-bad',
      })
      const commitments = at(dealt, 1).dealing.commitments.slice()
      commitments.fill(0, G2_BYTES, 2 * G2_BYTES)
      const infinite = changed(1, { ...at(dealt, 1).dealing, commitments })
      assert.deepEqual(at(await vault.examine(session, infinite), 1), { kind: 'commitment', polynomial: 0, k: 1 })
    })

    it('names a commitment of another polynomial as a wrong share', async () => {
      const commitments = at(dealt, 1).dealing.commitments.slice()
      commitments.set(at(dealt, 2).dealing.commitments.subarray(2 * G2_BYTES), 2 * G2_BYTES)
      const wrong = changed(1, { ...at(dealt, 1).dealing, commitments })
      for (const { vault, i } of nodes) {
        const fault = at(await vault.examine(session, wrong), 1)
        assert.deepEqual(fault, { kind: 'share', polynomial: 0, shareIndex: i })
      }
    })

    it('refuses a copied R, a copied constant and proofs of another session', async () => {
      const [one, two] = [at(dealt, 0).dealing, at(dealt, 1).dealing]
      const check = (dealing: Dealing) => checkDealing(session, { dealer: operatorOf(1), dealing })
      assert.equal(await check(two), undefined)
      // with the proof that belongs to it, and with one's own
      const copied = { ...two, ephemeral: one.ephemeral, proofs: two.proofs.slice() }
      assert.deepEqual(await check(copied), { kind: 'ephemeral-proof' })
      copied.proofs.set(one.proofs.subarray(0, 64))
      assert.deepEqual(await check(copied), { kind: 'ephemeral-proof' })
      const commitments = two.commitments.slice()
      commitments.set(one.commitments.subarray(0, G2_BYTES))
      const proofs = two.proofs.slice()
      assert.deepEqual(await check({ ...two, commitments }), { kind: 'constant-proof', polynomial: 0 })
      proofs.set(one.proofs.subarray(64), 64)
      assert.deepEqual(await check({ ...two, commitments, proofs }), { kind: 'constant-proof', polynomial: 0 })
      assert.deepEqual(await check(one), { kind: 'ephemeral-proof' }, 'a whole dealing of another')

      const later = describeSession({ ...session, attempt: 1 })
      const replayed = await dealingOfSeed(later, operatorOf(1), 7)
      assert.deepEqual(await check(replayed), { kind: 'ephemeral-proof' })
      const constant = await dealingOfSeed(session, operatorOf(1), 7)
      const mixed = { ...constant, proofs: constant.proofs.slice() }
      mixed.proofs.set(replayed.proofs.subarray(64), 64)
      assert.deepEqual(await check(mixed), { kind: 'constant-proof', polynomial: 0 })
    })

    it('refuses other lengths, points and dealers', async () => {
      const { dealing } = at(dealt, 1)
      const check = (change: Dealing, dealer = operatorOf(1)) => checkDealing(session, { dealer, dealing: change })
      assert.deepEqual(await check(dealing, operatorOf(8)), { kind: 'not-dealer' })
      for (const field of ['commitments', 'ephemeral', 'sealedShares', 'proofs'] as const) {
        const bytes = dealing[field].length
        assert.deepEqual(await check({ ...dealing, [field]: dealing[field].subarray(1) }), {
          kind: 'length',
          field,
          bytes: bytes - 1,
          expected: bytes,
        })
      }
      assert.deepEqual(await check(flip(dealing, 'ephemeral', 95)), { kind: 'ephemeral' })
      assert.deepEqual(await check({ ...dealing, ephemeral: new Uint8Array(96) }), { kind: 'ephemeral' })
      assert.deepEqual(await check(flip(dealing, 'proofs', 10)), { kind: 'ephemeral-proof' })
      assert.deepEqual(await check(flip(dealing, 'proofs', 100)), { kind: 'constant-proof', polynomial: 0 })
    })

    it('finds by one equation whoever sent wrong shares, however many', async () => {
      const { vault } = at(nodes, 3)
      await fc.assert(
        fc.asyncProperty(fc.subarray([0, 1, 2, 3]), fc.integer({ min: 0, max: 31 }), async (bad, byte) => {
          const some = dealt.map((one, i) =>
            bad.includes(i) ? { ...one, dealing: flip(one.dealing, 'sealedShares', 96 + byte, 1) } : one,
          )
          const faults = await vault.examine(session, some)
          assert.deepEqual(
            faults.flatMap((fault, i) => (fault === undefined ? [] : [i])),
            bad,
          )
        }),
        { numRuns: 8 },
      )
    })

    it('takes no share from a dealing that does not open, and says whose it is', async () => {
      const wrong = changed(1, flip(at(dealt, 1).dealing, 'sealedShares', 32 * 2 + 31))
      const { outcome } = await outcomeOf(session, wrong, 1n)
      await assert.rejects(at(nodes, 2).vault.assemble(session, wrong, outcome), (error: Error) => {
        assert.equal((error as { code?: string }).code, 'shares.dealing-is-bad')
        assert.match(error.message, new RegExp(operatorOf(1), 'i'))
        return true
      })
      assert.deepEqual(at(nodes, 2).vault.sharings(), [])
      assert.ok(await at(nodes, 0).vault.assemble(session, wrong, outcome))
      await assert.rejects(at(nodes, 3).vault.assemble(session, dealt.slice(1), outcome), {
        code: 'shares.dealing-is-bad',
      })
    })
  })

  describe('in a resharing', () => {
    it('keeps the key while members leave and come, and what one leaves is worth nothing', async () => {
      const clock = new SimClock(Number(START_MS))
      const nodes = await openNodes(folders, 6, clock)
      const old = nodes.slice(0, 4)
      const first = await runSession(old, old, { session: 1n, threshold: 3 })
      const key = openGroupKey(first.outcome.polynomial.slice(0, G2_BYTES))

      // one leaves, two come; one of the old is silent
      const next = nodes.slice(1)
      const second = await runSession(next, old.slice(0, 3), {
        session: 2n,
        threshold: 4,
        shares: [2, 1, 1, 1, 1],
        previous: first.sharing,
        switchRound: 4n,
      })
      assert.deepEqual(second.outcome.polynomial.slice(0, G2_BYTES), first.outcome.polynomial.slice(0, G2_BYTES))
      assert.deepEqual(await checkDealings(second.session, second.dealt), [undefined, undefined, undefined])
      await clock.advance(60_000)
      const [before, after] = [await partialsOf(old, 1n, 3n), await partialsOf(next, 2n, 3n)]
      assert.ok(verifyRound(key, 3n, combine(after, 4)))
      assert.deepEqual(combine(before, 3), combine(after, 4))
      // former members below the threshold, with whatever new ones give
      const mixed = [at(before, 0), ...after.slice(2)].map((partial, i) => (i === 0 ? partial : { ...partial }))
      assert.equal(verifyRound(key, 3n, combine(mixed.slice(0, 4), 4)), false)

      // and again, where one member deals for two shares
      const third = await runSession(next.slice(0, 3), next.slice(0, 4), {
        session: 3n,
        threshold: 2,
        previous: second.sharing,
      })
      assert.deepEqual(third.outcome.polynomial.slice(0, G2_BYTES), first.outcome.polynomial.slice(0, G2_BYTES))
      const last = await partialsOf(next.slice(0, 3), 3n, 9n)
      assert.ok(verifyRound(key, 9n, combine(last, 2)))
    })

    it('names a dealer that deals something else than its old share', async () => {
      const nodes = await openNodes(folders, 4)
      const first = await runSession(nodes, nodes, { session: 1n, threshold: 3 })
      const session = await sessionOf(nodes, { session: 2n, threshold: 3, previous: first.sharing })
      const dealing = await at(nodes, 1).vault.deal(session)
      assert.equal(await checkDealing(session, { dealer: operatorOf(1), dealing }), undefined)
      const commitments = dealing.commitments.slice()
      commitments.copyWithin(0, G2_BYTES, 2 * G2_BYTES)
      assert.deepEqual(await checkDealing(session, { dealer: operatorOf(1), dealing: { ...dealing, commitments } }), {
        kind: 'constant',
        polynomial: 0,
      })
      // nor does a machine that computes wrongly give such a one out
      await assert.rejects(dealingOfSeed(session, operatorOf(1), 9), { code: 'bls.faulty-dealing' })
    })

    it('deals only shares that are held here', async () => {
      const nodes = await openNodes(folders, 5)
      const four = nodes.slice(0, 4)
      const first = await runSession(four, four, { session: 1n, threshold: 3 })
      const session = await sessionOf(nodes, { session: 2n, threshold: 3, previous: first.sharing })
      await assert.rejects(at(nodes, 4).vault.deal(session), { code: 'shares.not-member' })
      const polynomial = first.sharing.polynomial.slice()
      polynomial.copyWithin(G2_BYTES, 2 * G2_BYTES, 3 * G2_BYTES)
      const forged = describeSession({ ...session, previous: { ...first.sharing, polynomial } })
      await assert.rejects(at(nodes, 0).vault.deal(forged), { code: 'shares.no-share' })
      const unknown = describeSession({ ...session, previous: { ...first.sharing, sharing: 7n } })
      await assert.rejects(at(nodes, 0).vault.deal(unknown), { code: 'shares.no-share' })
    })

    it('destroys what is over after the switch, and not before', async () => {
      const clock = new SimClock(Number(START_MS))
      const nodes = await openNodes(folders, 4, clock)
      const first = await runSession(nodes, nodes, { session: 1n, threshold: 3 })
      const { vault, folder, i } = at(nodes, 0)
      const [spent] = vault.encryptionKeys()
      const second = await runSession(nodes, nodes, {
        session: 2n,
        threshold: 3,
        previous: first.sharing,
        switchRound: 10n,
      })
      assert.equal(vault.encryptionKeys().length, 2)
      await assert.rejects(vault.retire(2n, 2n), { code: 'shares.too-early' })
      await clock.advance(9 * SCHEDULE.period * 1_000)
      assert.equal((await vault.sign(1n, 10n)).length, 1)
      await vault.retire(2n, 2n)
      assert.deepEqual(
        vault.sharings().map(({ sharing }) => sharing),
        [2n],
      )
      assert.deepEqual(vault.encryptionKeys(), [])
      await assert.rejects(vault.sign(1n, 10n), { code: 'shares.no-share' })
      await assert.rejects(vault.deal(first.session), { code: 'shares.other-session' })
      await assert.rejects(vault.deal(second.session), { code: 'shares.no-share' })
      await assert.rejects(vault.assemble(first.session, first.dealt, first.outcome), { code: 'shares.no-share' })
      assert.ok(spent)
      await vault.close()
      const again = await openShareVault(vaultOptions(folder, i, { clock }))
      assert.deepEqual(
        again.sharings().map(({ sharing }) => sharing),
        [2n],
      )
      assert.equal((await again.sign(2n, 10n)).length, 1)
      await assert.rejects(again.deal(second.session), { code: 'shares.no-share' })
    })
  })

  describe('for rounds', () => {
    it('signs none before its time by this clock and by the peers’', async () => {
      const clock = new SimClock(Number(START_MS) - 10_000)
      const nodes = await openNodes(folders, 1, clock)
      const { session, dealt, outcome } = await runSession(nodes, nodes, { session: 1n, threshold: 1 })
      let peers: number | undefined
      const { folder, i } = at(nodes, 0)
      const vault = await openShareVault(vaultOptions(folder, i, { clock, peers: { now: () => peers } }))
      const tooEarly = { code: 'shares.too-early' }
      peers = Number(START_MS) + 60_000
      await assert.rejects(vault.sign(1n, 1n), tooEarly, 'our clock is behind')
      await clock.advance(9_999)
      await assert.rejects(vault.sign(1n, 1n), tooEarly)
      await clock.advance(1)
      assert.equal((await vault.sign(1n, 1n)).length, 1)
      await assert.rejects(vault.sign(1n, 2n), tooEarly)
      // our clock is set ahead: the peers' says no
      await clock.advance(60_000)
      peers = Number(START_MS) + 2_999
      await assert.rejects(vault.sign(1n, 2n), tooEarly)
      peers = Number(START_MS) + 3_000
      assert.equal((await vault.sign(1n, 2n)).length, 1)
      peers = undefined
      await assert.rejects(vault.sign(1n, 2n), { code: 'shares.peers-unknown' })
      peers = Number.NaN
      await assert.rejects(vault.sign(1n, 2n), { code: 'shares.peers-unknown' })
      await assert.rejects(vault.sign(2n, 1n), { code: 'shares.no-share' })
      assert.deepEqual(await vault.assemble(session, dealt, outcome), vault.sharings()[0])
    })
  })

  describe('for encryption keys', () => {
    it('gives one until it is spent, with the proof that the contract wants', async () => {
      const [node] = await openNodes(folders, 1)
      assert.ok(node)
      const { vault } = node
      const first = await vault.encryptionKey()
      assert.deepEqual(await vault.encryptionKey(), first)
      const place = { chainId: CHAIN_ID, keyGeneration: KEY_GENERATION, operator: operatorOf(0) }
      assert.ok(verifyEncryptionKey(place, first.publicKey, first))
      await vault.spend(first.publicKey, 1n)
      const second = await vault.encryptionKey()
      assert.notDeepEqual(second.publicKey, first.publicKey)
      assert.equal(vault.encryptionKeys().length, 2)
      await vault.spend(first.publicKey, 9n)
      await vault.retire(1n, 1n)
      assert.deepEqual(vault.encryptionKeys(), [second.publicKey])
    })

    it('holds a bounded number of them', async () => {
      const [node] = await openNodes(folders, 1)
      assert.ok(node)
      const { vault } = node
      for (let n = 0; n < MAX_ENCRYPTION_KEYS; n++) await vault.spend((await vault.encryptionKey()).publicKey, 1n)
      await assert.rejects(vault.encryptionKey(), { code: 'shares.limit' })
      await vault.retire(1n, 1n)
      assert.ok(await vault.encryptionKey())
    })
  })
})

const START_MS = SCHEDULE.genesis * 1_000n
