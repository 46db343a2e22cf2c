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
import type { GuardStore } from '../../../src/store/store.ts'
import { statementDigest } from '../../../src/types/digest.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../../src/util/hex.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { buildChild } from '../../support/buildChild.ts'
import {
  type ChildEvent,
  type ChildSetup,
  domain,
  guardKeyOf,
  KEEP_SLOTS,
  secret,
  statementOf,
} from './kill-fixtures.ts'

const CHILD = new URL('./signing-child.ts', import.meta.url)
/** Incarnations that are killed from outside, at moments that the seed chooses. */
const RANDOM_KILLS = 3
const FAULTS = ['before-insert', 'before-commit', 'after-commit'] as const

interface Signed {
  readonly slot: bigint
  readonly payload: Hex
  readonly signature: string
}
interface Refused {
  readonly slot: bigint
  readonly payload: Hex
  readonly code: string
}

describe('guard under kill -9', function () {
  this.timeout(120_000)
  const seed = Number(process.env.KILL_SEED ?? Date.now() & 0x7fffffff)
  const random = seededRandom(seed)
  let folder = ''
  let program = ''
  let incarnations = 0
  const signed: Signed[] = []
  const refused: Refused[] = []

  before(async () => {
    console.log(`      seed ${seed} (KILL_SEED repeats it)`)
    folder = mkdtempSync(join(tmpdir(), 'lariat-kill-'))
    program = await buildChild(CHILD, 'signing-child')
  })
  after(() => {
    rmSync(folder, { recursive: true, force: true })
    rmSync(program, { force: true })
  })

  /** Runs one incarnation until it dies; `killAfter` events (from outside) or by its own fault point. */
  async function live(from: bigint, killAfter: number | undefined, fault?: string): Promise<void> {
    const payload = bytesToHex(new Uint8Array(32).fill(++incarnations))
    const setup: ChildSetup = { folder, from: String(from), payload, ...(fault === undefined ? {} : { fault }) }
    const child = spawn(process.execPath, [program, JSON.stringify(setup)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exit = once(child, 'exit')
    let events = 0
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line) as ChildEvent
      if ('signature' in event) {
        signed.push({ slot: BigInt(event.slot), payload: event.payload, signature: event.signature })
      } else if ('refused' in event) {
        refused.push({ slot: BigInt(event.slot), payload: event.payload, code: event.refused })
      }
      if (++events === killAfter) child.kill('SIGKILL')
    }
    const [code, signal] = await exit
    assert.equal(signal, 'SIGKILL', `the child ended by itself with code ${code}`)
  }

  function look<T>(read: (store: GuardStore) => T): T {
    const store = openGuardStore(join(folder, 'guard.sqlite'))
    try {
      return read(store)
    } finally {
      store.close()
    }
  }
  const payloadOnRecord = (slot: bigint) => look((store) => store.find(guardKeyOf(slot))?.payload)
  const watermark = () => look((store) => store.watermark(guardKeyOf(0n)))

  function lastSlot(): bigint {
    let last = -1n
    for (const { slot } of signed) if (slot > last) last = slot
    return last
  }
  /** Where the next incarnation starts: some slots back, so that it meets what the ones before it left. */
  const goBack = () => {
    const from = lastSlot() - BigInt(Math.floor(random() * 8))
    return from < 0n ? 0n : from
  }

  it('is killed from outside at seeded moments, again and again, and goes on each time', async () => {
    for (let i = 0; i < RANDOM_KILLS; i++) {
      const before = signed.length
      await live(goBack(), 2 + Math.floor(random() * 150))
      assert.ok(signed.length >= before)
    }
    assert.ok(signed.length > 10, `${signed.length} signatures`)
  })

  for (const fault of FAULTS) {
    it(`is killed ${fault.replace('-', ' the ')} of a slot, and the next one keeps the law there`, async () => {
      for (let round = 0; round < 2; round++) {
        const slot = lastSlot() + 2n + BigInt(Math.floor(random() * 5))
        assert.equal(payloadOnRecord(slot), undefined)
        await live(goBack(), undefined, `${fault}:${slot}`)
        const mine = bytesToHex(new Uint8Array(32).fill(incarnations))
        const emitted = signed.filter((entry) => entry.slot === slot)
        assert.deepEqual(emitted, [], 'the key was not used')
        // What was committed stays though nobody saw a signature; what was not is gone as if it had never been asked.
        assert.equal(payloadOnRecord(slot), fault === 'after-commit' ? mine : undefined)

        await live(slot, 1 + 3) // started, and three answers: that slot's one or two, and the next's
        const next = bytesToHex(new Uint8Array(32).fill(incarnations))
        const answers = [...signed, ...refused].filter((entry) => entry.slot === slot)
        if (fault === 'after-commit') {
          assert.ok(refused.some((entry) => entry.slot === slot && entry.payload === next))
          assert.deepEqual(
            new Set(signed.filter((entry) => entry.slot === slot).map(({ payload }) => payload)),
            new Set([mine]),
          )
        } else {
          assert.deepEqual(new Set(answers.map(({ payload }) => payload)), new Set([next]))
        }
      }
    })
  }

  it('is killed while it prunes, which then has not happened, and the next one prunes and signs on', async () => {
    const low = watermark()
    await live(goBack(), undefined, 'while-pruning:any')
    const mine = bytesToHex(new Uint8Array(32).fill(incarnations))
    const slot = lastSlot() + 1n // was recorded, and the key not used
    assert.deepEqual([watermark(), payloadOnRecord(slot)], [low, mine])
    assert.ok(payloadOnRecord(low), 'what was being pruned is still there')
    await live(slot, 1 + 3)
    assert.ok(watermark() >= slot - KEEP_SLOTS)
    assert.ok(signed.some((entry) => entry.slot === slot && entry.payload === mine))
  })

  it('never signed two payloads for one slot, and every signature that left it has its record', () => {
    const publicKey = publicKeyFromBytes(blsPublicKey(secret))
    const low = watermark()
    const bySlot = new Map<bigint, Hex>()
    const proofs: SignedDigest[] = []
    look((store) => {
      for (const { slot, payload, signature } of signed) {
        assert.equal(bySlot.get(slot) ?? payload, payload, `two payloads for slot ${slot}`)
        bySlot.set(slot, payload)
        const digest = statementDigest(domain, statementOf(slot, payload))
        const record = slot < low ? undefined : { epoch: 1n, payload, digest: bytesToHex(digest) }
        assert.deepEqual(store.find(guardKeyOf(slot)), record, 'below the watermark nothing, above it everything')
        proofs.push({ digest, publicKey, signature: signatureFromBytes(hexToBytes(`0x${signature}`)) })
      }
    })
    assert.ok(verifyDistinct(proofs))
    assert.ok(low > 0n && low < lastSlot())
    console.log(
      `      ${incarnations} incarnations, ${signed.length} signatures of ${bySlot.size} slots, ${refused.length} refusals`,
    )
  })

  it('allowed the same payload again and refused every other, and nothing else', () => {
    assert.ok(refused.length > RANDOM_KILLS / 2, `${refused.length} refusals`)
    const onRecord = new Map(signed.map(({ slot, payload }) => [slot, payload]))
    for (const { slot, payload, code } of refused) {
      assert.equal(code, 'guard.conflict')
      assert.ok(onRecord.has(slot))
      assert.notEqual(onRecord.get(slot), payload, `slot ${slot} was refused wrongly`)
    }
    const repeats = signed.length - new Set(signed.map(({ slot }) => slot)).size
    assert.ok(repeats > RANDOM_KILLS / 2, `${repeats} repeated signatures`)
    const inOrder = [...new Set(signed.map(({ slot }) => slot))].sort((a, b) => (a < b ? -1 : 1))
    assert.deepEqual(
      inOrder.map((slot) => Number(slot)),
      inOrder.map((_, i) => i),
      'no slot was left out',
    )
  })
})
