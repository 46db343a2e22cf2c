import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { encodePacked, keccak256 } from 'viem'
import { checkDealings } from '../../../../src/bls/threshold/check.ts'
import { sealingMask } from '../../../../src/bls/threshold/dealing.ts'
import { openGroupKey, verifyRound } from '../../../../src/bls/threshold/group.ts'
import {
  type ComplaintPlace,
  type ComplaintPoints,
  verifyComplaint,
  verifyEncryptionKey,
} from '../../../../src/bls/threshold/proofs.ts'
import { decodeMembers, describeSession } from '../../../../src/bls/threshold/session.ts'
import type { Dealt, Member, Session, Sharing } from '../../../../src/bls/threshold/types.ts'
import { type Address, bytesToBig, bytesToHex, type Hex, hexToBytes } from '../../../../src/util/hex.ts'
import { buildDkgVectors } from './dkgVectors.ts'

type Vectors = Awaited<ReturnType<typeof buildDkgVectors>>
const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../../vectors/dkg.json'), 'utf8')) as Vectors
const { G1, G2, fields } = bls12_381
const order = fields.Fr.ORDER

function dealtOf(session: Vectors['sessions'][number]): Dealt[] {
  return session.dealings.map(({ dealer, commitments, ephemeral, sealedShares, proofs }) => ({
    dealer,
    dealing: {
      commitments: hexToBytes(commitments),
      ephemeral: hexToBytes(ephemeral),
      sealedShares: hexToBytes(sealedShares),
      proofs: hexToBytes(proofs),
    },
  }))
}

function sessions() {
  let previous: Sharing | undefined
  return vectors.sessions.map((json) => {
    const session = describeSession({
      chainId: vectors.chainId,
      keyGeneration: vectors.keyGeneration,
      session: BigInt(json.session),
      epoch: BigInt(json.epoch),
      attempt: json.attempt,
      threshold: json.threshold,
      members: decodeMembers(hexToBytes(json.table as Hex)),
      previous,
    })
    previous = {
      sharing: BigInt(json.sharing),
      members: session.members,
      threshold: json.threshold,
      polynomial: hexToBytes(json.polynomial as Hex),
    }
    return { session, json }
  })
}

/** A point of unpadded affine bytes, by another library. */
function g1(hex: string) {
  const bytes = hexToBytes(hex as Hex)
  return G1.Point.fromAffine({ x: bytesToBig(bytes.subarray(0, 48)), y: bytesToBig(bytes.subarray(48)) })
}

function g2(bytes: Uint8Array) {
  const [c0, c1, d0, d1] = [0, 1, 2, 3].map((i) => bytesToBig(bytes.subarray(i * 48, (i + 1) * 48)))
  return G2.Point.fromAffine({ x: { c0: c0 ?? 0n, c1: c1 ?? 0n }, y: { c0: d0 ?? 0n, c1: d1 ?? 0n } })
}

function affineG1(point: InstanceType<typeof G1.Point>): Hex {
  const { x, y } = point.toAffine()
  return `0x${[x, y].map((value) => value.toString(16).padStart(96, '0')).join('')}`
}

describe('the vectors of key generation', function () {
  this.timeout(120_000)

  it('are what the code makes: run scripts/dkg-vectors.ts after a change that was meant', async () => {
    assert.deepEqual(JSON.parse(JSON.stringify(await buildDkgVectors())), vectors)
  })

  it('have the ids and tables that the facts give', () => {
    for (const { session, json } of sessions()) {
      assert.equal(session.id, json.id)
      assert.equal(session.membersHash, json.membersHash)
      assert.equal(session.shares, json.shares)
    }
  })

  it('have dealings that hold', async () => {
    for (const { session, json } of sessions()) {
      const faults = await checkDealings(session, dealtOf(json))
      assert.deepEqual(
        faults,
        json.dealings.map(() => undefined),
      )
    }
  })

  it('keep the group key through resharings, of which any threshold of shares makes the same secret', () => {
    const [first] = vectors.sessions
    const secrets = vectors.sessions.map((json) => {
      const shares = json.secretShares.map(BigInt)
      // Lagrange at 0 over the first three and over the last three points, with the inverse of another library
      const at = (xs: number[]) =>
        xs.reduce((sum, i) => {
          const lambda = xs.reduce(
            (all, j) =>
              j === i ? all : fields.Fr.mul(all, fields.Fr.div(BigInt(j + 1), fields.Fr.create(BigInt(j - i)))),
            1n,
          )
          return fields.Fr.add(sum, fields.Fr.mul(lambda, shares[i] ?? 0n))
        }, 0n)
      const last = shares.length - 1
      assert.equal(at([0, 1, 2]), at([last, last - 1, last - 2]))
      return at([0, 1, 2])
    })
    assert.equal(new Set(secrets).size, 1)
    const key = G2.Point.BASE.multiply(secrets[0] ?? 0n)
    assert.ok(g2(hexToBytes(vectors.beacon.groupKey)).equals(key))
    assert.ok(vectors.sessions.every((json) => json.polynomial.startsWith(vectors.beacon.groupKey)))
    assert.notEqual(first?.secretShares[1], vectors.sessions[1]?.secretShares[0])
  })

  it('have proofs that hold by the formulas of the contract, computed with another library', () => {
    const [json] = vectors.sessions
    assert.ok(json)
    for (const { operator, encryptionKey, registration } of json.members) {
      const [c, z] = [BigInt(registration.c), BigInt(registration.z)]
      const t = G1.Point.BASE.multiply(z).subtract(g1(encryptionKey).multiply(c))
      const hash = keccak256(
        encodePacked(
          ['string', 'uint256', 'address', 'address', 'bytes', 'bytes'],
          [
            'lariat/dkg/encryption-key',
            BigInt(vectors.chainId),
            vectors.keyGeneration,
            operator,
            encryptionKey,
            affineG1(t),
          ],
        ),
      )
      assert.equal(BigInt(hash) % order, c)
    }
    const [dealing] = json.dealings
    assert.ok(dealing)
    const [c, z] = [BigInt(dealing.proofs.slice(0, 66)), BigInt(`0x${dealing.proofs.slice(66, 130)}`)]
    const t = G1.Point.BASE.multiply(z).subtract(g1(dealing.ephemeral).multiply(c))
    const hash = keccak256(
      encodePacked(
        ['string', 'bytes32', 'address', 'bytes', 'bytes'],
        ['lariat/dkg/ephemeral', json.id, dealing.dealer, dealing.ephemeral, affineG1(t)],
      ),
    )
    assert.equal(BigInt(hash) % order, c)
  })

  it('have complaints that prove what they say, and convict whom they should', () => {
    const session = sessions()[0]?.session as Session
    for (const entry of vectors.complaints) {
      if (!('complaint' in entry)) continue
      const { about, convicts, dealing, complaint } = entry
      const member: Member | undefined = session.members.find(({ operator }) => operator === complaint.recipient)
      assert.ok(member)
      const points: ComplaintPoints = {
        encryptionKey: member.encryptionKey,
        ephemeral: hexToBytes(dealing.ephemeral),
        sharedPoint: hexToBytes(complaint.sharedPoint),
      }
      const { recipient, polynomial, shareIndex } = complaint
      const place: ComplaintPlace = { sessionId: session.id, dealer: dealing.dealer, recipient, polynomial, shareIndex }
      const proof = { c: BigInt(complaint.c), z: BigInt(complaint.z) }
      assert.ok(verifyComplaint(place, points, proof), about)
      assert.equal(verifyComplaint({ ...place, recipient: dealing.dealer }, points, proof), false)
      assert.equal(verifyComplaint({ ...place, sessionId: session.membersHash }, points, proof), false)
      assert.equal(verifyComplaint({ ...place, shareIndex: shareIndex + 1 }, points, proof), false)
      assert.equal(verifyComplaint({ ...place, polynomial: polynomial + 1 }, points, proof), false)

      const mask: Hex = keccak256(
        encodePacked(
          ['string', 'bytes', 'bytes32', 'address', 'uint16', 'uint16'],
          ['lariat/dkg/share', complaint.sharedPoint, session.id, dealing.dealer, 1, complaint.shareIndex],
        ),
      )
      assert.equal(
        bytesToHex(sealingMask(points.sharedPoint, session.id, dealing.dealer, 1, complaint.shareIndex)),
        mask,
      )
      const sealed = hexToBytes(dealing.sealedShares).subarray(
        32 * complaint.shareIndex,
        32 * complaint.shareIndex + 32,
      )
      const share = bytesToBig(sealed) ^ BigInt(mask)
      const commitments = hexToBytes(dealing.commitments)
      const x = BigInt(complaint.shareIndex + 1)
      const expected = [0, 1, 2].reduce(
        (sum, k) => sum.add(g2(commitments.subarray(k * 192, (k + 1) * 192)).multiply(x ** BigInt(k))),
        G2.Point.ZERO,
      )
      const good = share < order && G2.Point.BASE.multiply(share).equals(expected)
      assert.equal(good ? 'recipient' : 'dealer', convicts, about)
    }
  })

  it('refuse a registration of another operator, contract or chain', () => {
    const { members } = vectors.sessions[0] ?? { members: [] }
    const [one, other] = members
    assert.ok(one && other)
    const place = { chainId: vectors.chainId, keyGeneration: vectors.keyGeneration, operator: one.operator }
    const [key, proof] = [
      hexToBytes(one.encryptionKey),
      { c: BigInt(one.registration.c), z: BigInt(one.registration.z) },
    ]
    assert.ok(verifyEncryptionKey(place, key, proof))
    assert.equal(verifyEncryptionKey({ ...place, operator: other.operator }, key, proof), false)
    assert.equal(verifyEncryptionKey({ ...place, keyGeneration: other.operator as Address }, key, proof), false)
    assert.equal(verifyEncryptionKey({ ...place, chainId: 1 }, key, proof), false)
    assert.equal(verifyEncryptionKey(place, hexToBytes(other.encryptionKey), proof), false)
    assert.equal(verifyEncryptionKey(place, key, { ...proof, z: proof.z + order }), false)
  })

  it('have a round that verifies, with drand’s chain hash', () => {
    const { beacon } = vectors
    assert.ok(
      verifyRound(openGroupKey(hexToBytes(beacon.groupKey)), BigInt(beacon.round), hexToBytes(beacon.signature)),
    )
    const hash = bls12_381.shortSignatures.hash(
      sha256(hexToBytes(`0x${beacon.round.toString(16).padStart(16, '0')}`)),
      'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_',
    )
    const key = g2(hexToBytes(beacon.groupKey))
    assert.ok(bls12_381.shortSignatures.verify(G1.Point.fromHex(beacon.signature.slice(2)), hash, key))
    assert.equal(bytesToHex(sha256(hexToBytes(beacon.signature))), beacon.randomness)
    assert.equal(
      bytesToHex(keccak_256(hexToBytes(vectors.sessions[0]?.table as Hex))),
      vectors.sessions[0]?.membersHash,
    )
  })
})
