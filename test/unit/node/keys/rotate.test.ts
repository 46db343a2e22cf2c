import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { decodeG1, decodeG2, encodeG1 } from '../../../../src/bls/eip2537.ts'
import { publicKeyFromBytes } from '../../../../src/bls/keys.ts'
import { POSSESSION_TAG } from '../../../../src/bls/tags.ts'
import { createKeys, createSuccessor } from '../../../../src/node/keys/create.ts'
import type { KeysIo } from '../../../../src/node/keys/make.ts'
import { rotatePlanner } from '../../../../src/node/keys/rotate.ts'
import type { OperatorSession, View } from '../../../../src/node/operator/session.ts'
import { registrationDigest } from '../../../../src/types/digest.ts'
import { type Address, bytesToHex, type Hex, hexToBytes } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { scriptedPrompt } from '../../../support/prompt.ts'

const OPERATOR: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const MANAGERS: readonly Address[] = [
  '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512',
]
const io: KeysIo = { log: silentLog, prompt: scriptedPrompt([], { interactive: false }).prompt, strength: 'devnet' }

/** What a ServiceManager says: keys are uncompressed. */
interface Manager {
  member: boolean
  registered: Uint8Array
  tabled: Uint8Array | undefined
}

describe('lariat keys rotate', () => {
  let folder = ''
  let first = new Uint8Array()
  let managers = new Map<Address, Manager>()
  let session: OperatorSession

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-rotate-'))
    const { keys, blsPublicKey } = await createKeys({ dir: folder, random: true }, io)
    first = hexToBytes(blsPublicKey) as Uint8Array<ArrayBuffer>
    managers = new Map(MANAGERS.map((address) => [address, { member: true, registered: first, tabled: first }]))
    const services = MANAGERS.map((contract, i) => ({ definition: { name: `service${i}` }, config: { contract } }))
    session = {
      config: { keys: { ...keys, registrar: [] }, services, operator: { address: OPERATOR }, chain: { id: 31_337 } },
      chain: { id: 31_337 },
      deployment: { genesisHash: `0x${'ab'.repeat(32)}`, services: {}, core: { allocationManager: OPERATOR } },
      operator: OPERATOR,
      clock: new SimClock(),
      log: silentLog,
    } as unknown as OperatorSession
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function answer(address: Address, functionName: string, args: readonly unknown[]): unknown {
    const asked = functionName === 'isMemberOfOperatorSet' ? (args[1] as { avs: Address }).avs : address
    const manager = managers.get(asked)
    if (functionName === 'isOperatorSet') return true
    assert.ok(manager !== undefined, `${functionName} of ${asked}`)
    const { member, registered, tabled } = manager
    switch (functionName) {
      case 'operatorSetId':
        return 0
      case 'isMemberOfOperatorSet':
        return member
      case 'keyOf':
        return bytesToHex(encodeG1(publicKeyFromBytes(registered)))
      case 'latestEpoch':
        return 5n
      case 'epochInfo':
        return { operators: 2, validUntil: 1_800_000_000n }
      case 'epochRows':
        return tabled === undefined
          ? [[MANAGERS[1]], [`0x${'00'.repeat(96)}`], [1n]]
          : [
              [MANAGERS[1], OPERATOR],
              [`0x${'00'.repeat(96)}`, bytesToHex(tabled)],
              [1n, 1n],
            ]
    }
    throw new RangeError(functionName)
  }
  const view = {
    read: async (call: { address: Address; functionName: string; args: readonly unknown[] }) =>
      answer(call.address, call.functionName, call.args),
  } as unknown as View

  /** Does what the steps of a plan would do on chain; returns the key. */
  function carryOut(steps: Awaited<ReturnType<ReturnType<typeof rotatePlanner>>>['steps']): Uint8Array {
    for (const { to, args } of steps) {
      const manager = managers.get(to)
      assert.ok(manager !== undefined)
      manager.registered = decodeG1(hexToBytes(args[0] as Hex)).toBytes(false)
    }
    const [manager] = managers.values()
    assert.ok(manager !== undefined)
    return manager.registered
  }

  it('makes the key that follows, and registers it everywhere with a proof that holds', async () => {
    const plan = rotatePlanner([], io)
    const { steps, notes } = await plan(session, view)
    assert.deepEqual(
      steps.map(({ to, functionName, by }) => [to, functionName, by]),
      MANAGERS.map((address) => [address, 'rotateKey', 'operator']),
    )
    assert.ok(existsSync(join(folder, 'bls-2.json')) && existsSync(join(folder, 'bls-2.password')))
    assert.match(
      steps[0]?.consequences[0] ?? '',
      /^Epoch 5 keeps the old key, which signs until the next one activates/,
    )
    assert.match(notes.join(), /the running node opens it by itself/)
    const [publicKey, proof] = (steps[0]?.args ?? []) as readonly [Hex, Hex]
    const key = hexToBytes(publicKey)
    const domain = { chainId: 31_337, serviceManager: MANAGERS[0] as Address }
    const { longSignatures } = bls12_381
    const hash = longSignatures.hash(registrationDigest(domain, OPERATOR, key), POSSESSION_TAG)
    const point = bls12_381.G1.Point.fromBytes(decodeG1(key).toBytes(true))
    assert.ok(longSignatures.verify(decodeG2(hexToBytes(proof)).toBytes(true), hash, point))
    // carried out, the same command is done and makes no further key
    carryOut(steps)
    const after = await plan(session, view)
    assert.deepEqual(after.steps, [])
    assert.match(after.notes[0] ?? '', /service0 has the new key .*; it counts from the epoch after 5 on/)
    assert.ok(!existsSync(join(folder, 'bls-3.json')))
  })

  it('goes on with what was broken off, and starts no second rotation before the first counts', async () => {
    const [one] = (await rotatePlanner([], io)(session, view)).steps
    assert.ok(one !== undefined)
    const next = carryOut([one])
    const again = await rotatePlanner([], io)(session, view)
    assert.deepEqual(
      again.steps.map(({ to }) => to),
      [MANAGERS[1]],
    )
    carryOut(again.steps)
    assert.deepEqual((await rotatePlanner([], io)(session, view)).steps, [])
    assert.ok(!existsSync(join(folder, 'bls-3.json')))
    for (const manager of managers.values()) manager.tabled = next
    const second = await rotatePlanner([], io)(session, view)
    assert.equal(second.steps.length, 2)
    assert.ok(existsSync(join(folder, 'bls-3.json')))
  })

  it('takes a key that was made before, and only the services that are named', async () => {
    const made = await createSuccessor(join(folder, 'bls.json'), {}, io)
    const { steps } = await rotatePlanner(['service1'], io)(session, view)
    assert.deepEqual(
      steps.map(({ to, args }) => [to, bytesToHex(decodeG1(hexToBytes(args[0] as Hex)).toBytes(false))]),
      [[MANAGERS[1], made.public]],
    )
  })

  it('refuses where there is no key to replace, or one that is not open here', async () => {
    const [a, b] = [...managers.values()]
    assert.ok(a !== undefined && b !== undefined)
    a.member = false
    assert.equal((await rotatePlanner([], io)(session, view)).steps.length, 1)
    await assert.rejects(rotatePlanner(['service0'], io)(session, view), { code: 'operator.not-member' })
    b.member = false
    await assert.rejects(rotatePlanner([], io)(session, view), { code: 'operator.not-member' })
    a.member = true
    const other = await createKeys({ dir: join(folder, 'other'), random: true }, io)
    a.registered = hexToBytes(other.blsPublicKey)
    await assert.rejects(rotatePlanner([], io)(session, view), {
      code: 'operator.foreign-key',
      message: /it is not open here: name its keystore in keys\.bls/,
    })
    await assert.rejects(rotatePlanner(['nowhere'], io)(session, view), { code: 'usage.avs' })
  })
})
