import assert from 'node:assert/strict'
import { createHash, randomInt } from 'node:crypto'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { makeDealing } from '../../../../src/bls/secret/dealing.ts'
import { encryptionPublicKey, sharedPoint } from '../../../../src/bls/secret/encryption.ts'
import { unseal } from '../../../../src/bls/secret/opening.ts'
import { scalarBytes } from '../../../../src/bls/secret/scalars.ts'
import { countPolynomials, foldPolynomials } from '../../../../src/bls/threshold/qualified.ts'
import { modOrder } from '../../../../src/bls/threshold/scalars.ts'
import { describeSession } from '../../../../src/bls/threshold/session.ts'
import type { Dealing, Dealt, Session, Sharing } from '../../../../src/bls/threshold/types.ts'
import { openShareVault } from '../../../../src/signer/shares/open.ts'
import type { ShareVault } from '../../../../src/signer/shares/vault.ts'
import { equalBytes } from '../../../../src/util/hex.ts'
import { CHAIN_ID, Folders, KEY_GENERATION, operatorOf, SCHEDULE, vaultOptions } from './fixtures.ts'

const folders = new Folders()
const [us, other] = [operatorOf(0), operatorOf(1)]
const otherSecret = (session: bigint) => scalarBytes(77_000n + session)

/** What stands on chain of one session: it outlives us. */
interface Board {
  readonly key?: Uint8Array
  readonly dealing?: Dealing
  readonly sharing?: Sharing
  readonly session?: Session
  readonly dealt?: readonly Dealt[]
  readonly partial?: Uint8Array
}
type World = readonly [Board, Board]

async function sessionWith(number: bigint, key: Uint8Array, previous: Sharing | undefined): Promise<Session> {
  const member = (operator: typeof us, encryptionKey: Uint8Array) => ({
    operator,
    encryptionKey,
    weight: 1n,
    shares: 1,
  })
  return describeSession({
    chainId: CHAIN_ID,
    keyGeneration: KEY_GENERATION,
    session: number,
    epoch: number,
    attempt: 0,
    members: [member(us, key), member(other, encryptionPublicKey(otherSecret(number)))],
    threshold: 2,
    previous,
  })
}

/** The other member's share of what a session ended in. */
function shareOfOther({ session, dealt }: Board): bigint[] | undefined {
  if (session === undefined || dealt === undefined) return undefined
  const share = countPolynomials(session, [us, other]).reduce((sum, { dealer, polynomial, dealerIndex, factor }) => {
    const one = dealt.find((candidate) => candidate.dealer === dealer) as Dealt
    const point = sharedPoint(otherSecret(session.session), one.dealing.ephemeral)
    return modOrder(sum + factor * unseal(session, one, { polynomial, dealerIndex, shareIndex: 1 }, point))
  }, 0n)
  return [share]
}

/** A key generation and a resharing, from wherever the board says they stand. What was published once must come out again. */
async function live(vault: ShareVault, start: World, publish: (world: World) => void): Promise<void> {
  let world = start
  const post = (i: 0 | 1, change: Board) => {
    world = i === 0 ? [{ ...world[0], ...change }, world[1]] : [world[0], { ...world[1], ...change }]
    publish(world)
  }
  for (const i of [0, 1] as const) {
    const number = BigInt(i + 1)
    if (world[i].partial !== undefined) continue
    const key = world[i].key ?? (await vault.encryptionKey()).publicKey
    assert.ok(
      vault.encryptionKeys().some((known) => equalBytes(known, key)),
      'a registered key has its secret here',
    )
    post(i, { key })
    const previous = i === 0 ? undefined : world[0]
    const session = await sessionWith(number, key, previous?.sharing)
    const dealing = await vault.deal(session)
    if (world[i].dealing !== undefined) assert.deepEqual(dealing, world[i].dealing, 'a second dealing')
    post(i, { dealing })
    const constants = previous === undefined ? undefined : shareOfOther(previous)
    const theirs = await makeDealing(session, other, new Uint8Array(32).fill(i + 1), constants)
    const dealt = [
      { dealer: us, dealing },
      { dealer: other, dealing: theirs },
    ]
    const polynomial = await foldPolynomials(session, dealt)
    await vault.assemble(session, dealt, { sharing: number, switchRound: 1n, polynomial, schedule: SCHEDULE })
    const [partial] = await vault.sign(number, 1n)
    assert.ok(partial)
    const sharing: Sharing = { sharing: number, members: session.members, threshold: 2, polynomial }
    post(i, { partial: partial.signature, session, dealt, sharing })
  }
  await vault.retire(2n, 2n)
  assert.deepEqual((await vault.sign(2n, 1n))[0]?.signature, world[1].partial)
  assert.deepEqual(
    vault.sharings().map(({ sharing }) => sharing),
    [2n],
  )
  assert.deepEqual(vault.encryptionKeys(), [])
}

/** Calls `look` before and after everything that the vault does to its files, until the function that it gives back is called. */
async function watchFiles(look: () => void): Promise<() => void> {
  const probe = await promises.open(import.meta.filename, 'r')
  const handle = Object.getPrototypeOf(probe) as Record<string, unknown>
  await probe.close()
  const undo: (() => void)[] = []
  const watch = (owner: Record<string, unknown>, name: string) => {
    const original = owner[name] as (...args: unknown[]) => Promise<unknown>
    owner[name] = async function (this: unknown, ...args: unknown[]) {
      look()
      const result = await original.apply(this, args)
      look()
      return result
    }
    undo.push(() => {
      owner[name] = original
    })
  }
  const folder = promises as unknown as Record<string, unknown>
  for (const name of ['open', 'rename', 'rm', 'link', 'mkdir']) watch(folder, name)
  for (const name of ['writeFile', 'write', 'sync', 'close']) watch(handle, name)
  syncBuiltinESMExports()
  return () => {
    for (const one of undo) one()
    syncBuiltinESMExports()
  }
}

function stateOf(folder: string): string {
  const hash = createHash('sha256')
  for (const file of readdirSync(folder).sort()) hash.update(`${file}\0`).update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}

/** npm test goes on from one in four of the states, other ones each time; `npm run check:random` from all. */
const every = process.env.LARIAT_STATES === 'all' ? 1 : 4
const seed = Number(process.env.LARIAT_SEED ?? randomInt(4))

describe(`the share vault under kill -9 (seed ${seed})`, function () {
  this.timeout(300_000)
  after(() => folders.clean())

  it('goes on from every state that its files pass through, with the same dealings, keys and shares', async () => {
    const folder = folders.make()
    const kills: { readonly copy: string; readonly world: World }[] = []
    const seen = new Set<string>()
    let world: World = [{}, {}]
    let posts = 0
    const look = () => {
      const state = `${posts}/${stateOf(folder)}`
      if (seen.has(state)) return
      seen.add(state)
      const copy = folders.make()
      cpSync(folder, copy, { recursive: true })
      kills.push({ copy, world })
    }
    const end = await watchFiles(look)
    try {
      const vault = await openShareVault(vaultOptions(folder, 0))
      await live(vault, world, (next) => {
        world = next
        posts++
        look()
      })
    } finally {
      end()
    }
    assert.ok(kills.length > 40, `${kills.length} states`)
    for (const { copy, world: then } of kills.filter((_, i) => (i + seed) % every === 0)) {
      const vault = await openShareVault(vaultOptions(copy, 0))
      await live(vault, then, () => {})
      await vault.close()
      assert.deepEqual(readdirSync(copy).sort(), ['ledger.sealed', 'sharing-2.sealed', 'vault.json'])
    }
  })
})
