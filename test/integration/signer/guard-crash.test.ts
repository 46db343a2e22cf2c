import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { publicKeyFromBytes, signatureFromBytes } from '../../../src/bls/keys.ts'
import { type SignedDigest, verifyDistinct } from '../../../src/bls/verify.ts'
import { blsPublicKey } from '../../../src/signer/secrets.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import { statementDigest } from '../../../src/types/digest.ts'
import { type Hex, hexToBytes } from '../../../src/util/hex.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { buildHost } from '../../support/crash/build.ts'
import {
  domain,
  guardKeyOf,
  type HostSetup,
  parseTold,
  payloadOf,
  SERVICES,
  secret,
  statementOf,
} from '../../support/crash/law.ts'

/** Lives of the host that are ended by SIGKILL; `npm run check:crash` has 300, the deep tier 10,000. */
const KILLS = Number(process.env.GUARD_KILLS ?? 25)
/** Most that a life tells before it is killed. */
const MAX_EVENTS = 60
/** Slots that a new life goes back, to want another payload for what the ones before it left. */
const GO_BACK = 4
/** Signatures that are verified; the record is compared with all of them. */
const VERIFIED = 200

describe(`guard with ${SERVICES} services at once under ${KILLS} kill -9`, function () {
  this.timeout(7_200_000) // the deep tier on a busy machine
  const seed = Number(process.env.KILL_SEED ?? Date.now() & 0x7fffffff)
  const random = seededRandom(seed)
  let folder = ''
  let host = ''
  /** Payload that was signed, by "service/slot". */
  const signed = new Map<string, Hex>()
  const newest = Array.from({ length: SERVICES }, () => -1)
  const proofs: SignedDigest[] = []
  const publicKey = publicKeyFromBytes(blsPublicKey(secret))
  const seen = { signatures: 0, again: 0, refused: 0, neverStarted: 0 }

  before(async () => {
    console.log(`      seed ${seed} (KILL_SEED repeats it)`)
    folder = mkdtempSync(join(tmpdir(), 'lariat-crash-'))
    host = await buildHost()
  })
  after(() => {
    rmSync(folder, { recursive: true, force: true })
    rmSync(host, { force: true })
  })

  /** One life of the host, until it has told so much and is killed. */
  async function live(incarnation: number): Promise<void> {
    const killAfter = Math.floor(random() * MAX_EVENTS)
    const from = newest.map((slot) => Math.max(0, slot - Math.floor(random() * GO_BACK)))
    const setup: HostSetup = { folder, incarnation, from }
    const child = spawn(process.execPath, [host, JSON.stringify(setup)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    let events = 0
    for await (const line of createInterface({ input: child.stdout })) {
      if (events++ === killAfter) child.kill('SIGKILL')
      take(line, incarnation)
    }
    const [code, signal] = await exit
    assert.equal(signal, 'SIGKILL', `the host ended by itself with code ${code}`)
    assert.ok(events > 0, 'a right record was refused at the start')
  }

  function take(line: string, incarnation: number): void {
    const told = parseTold(line)
    if (told === undefined) return // "started", or a line that the kill cut off
    const { service, slot, payload, signature, refused } = told
    const id = `${service}/${slot}`
    const before = signed.get(id)
    if (signature === undefined || signature.length !== 192) {
      if (refused === undefined) return // cut off
      seen.refused++
      assert.equal(refused, 'guard.conflict', line)
      assert.equal(payload, payloadOf(incarnation))
      // legitimate only where an earlier life wants another payload: recorded, signed or not
      assert.notEqual(before, payload, `a legitimate payload was refused: ${line}`)
      assert.ok(newest[service] !== undefined && slot <= newest[service] + 1, `nothing can be on record for ${line}`)
      return
    }
    assert.equal(before ?? payload, payload, `two payloads were signed for ${id}`)
    seen.signatures++
    if (before !== undefined) seen.again++
    signed.set(id, payload)
    newest[service] = Math.max(newest[service] ?? -1, Number(slot))
    if (proofs.length < VERIFIED || random() < 0.01) {
      const digest = statementDigest(domain, statementOf(service, slot, payload))
      const proof = { digest, publicKey, signature: signatureFromBytes(hexToBytes(`0x${signature}`)) }
      proofs[proofs.length < VERIFIED ? proofs.length : Math.floor(random() * VERIFIED)] = proof
    }
  }

  it('signs one payload for a slot, and refuses no other than second ones', async () => {
    for (let incarnation = 1; incarnation <= KILLS; incarnation++) await live(incarnation)
    console.log(`      ${KILLS} kills: ${seen.signatures} signatures (${seen.again} again), ${seen.refused} refusals`)
    assert.ok(seen.signatures > KILLS * 5, `${seen.signatures} signatures`)
    assert.ok(seen.refused > KILLS, `only ${seen.refused} conflicting payloads were refused`)
    assert.ok(seen.again > KILLS, `only ${seen.again} were signed again`)
  })

  it('has on record what left it', () => {
    const store = openGuardStore(join(folder, 'guard.sqlite'))
    try {
      for (const [id, payload] of signed) {
        const [service, slot] = id.split('/').map(Number)
        assert.ok(service !== undefined && slot !== undefined)
        const key = guardKeyOf(service, BigInt(slot))
        if (BigInt(slot) >= store.watermark(key)) assert.equal(store.find(key)?.payload, payload, id)
      }
      const watermarks = newest.map((_, service) => store.watermark(guardKeyOf(service, 0n)))
      if (KILLS >= 300)
        assert.ok(
          watermarks.some((low) => low > 0n),
          'it never pruned',
        )
    } finally {
      store.close()
    }
  })

  it('let out signatures of those statements', () => assert.ok(verifyDistinct(proofs)))

  it('left no slot out', () => {
    for (const [service, last] of newest.entries()) {
      for (let slot = 0; slot <= last; slot++)
        assert.ok(signed.has(`${service}/${slot}`), `service ${service} slot ${slot}`)
    }
  })
})
