import assert from 'node:assert/strict'
import { combine, openGroupKey, verifyRound } from '../../src/bls/threshold/group.ts'
import { verifyPartial } from '../../src/bls/threshold/partials.ts'
import { openPolynomial } from '../../src/bls/threshold/polynomial.ts'
import { roundAt } from '../../src/bls/threshold/rounds.ts'
import type { PartialRound } from '../../src/bls/threshold/types.ts'
import { type CeremonyNode, type CeremonyRun, ceremonyRun } from '../support/ceremonies.ts'
import { eventually } from '../support/eventually.ts'

/** Seconds that a session takes, with the registration before it, and then some. */
const SESSION_MS = 150_000

describe('key generation and resharing on anvil', function () {
  this.timeout(600_000)
  let run: CeremonyRun
  const nodes: CeremonyNode[] = []
  const told = () =>
    nodes
      .map(
        ({ log, ceremony }, i) =>
          `${i}: ${ceremony.problems().join('; ')}\n${log.entries.map((entry) => JSON.stringify(entry, (_, value) => (typeof value === 'bigint' ? String(value) : value))).join('\n')}`,
      )
      .join('\n')
  const until = (probe: () => boolean | Promise<boolean>, otherwise: string) =>
    eventually(probe, otherwise, SESSION_MS).catch((error) => assert.fail(`${error.message}\n${told()}`))
  const node = (i: number): CeremonyNode => {
    const found = nodes[i]
    assert.ok(found !== undefined)
    return found
  }

  /** The signature of a round that has been, by these operators' shares of a sharing. */
  async function roundBy(sharing: bigint, indices: readonly number[]): Promise<Uint8Array> {
    const group = node(0).sharings.group()
    const of = node(indices[0] ?? 0).sharings.byNumber(sharing)
    assert.ok(group !== undefined && of !== undefined)
    await until(() => roundAt(group.schedule, Date.now()) >= 1n, 'round 1 does not come')
    const partials: PartialRound[] = []
    for (const i of indices) partials.push(...(await node(i).vault.sign(sharing, 1n)))
    for (const partial of partials) assert.ok(verifyPartial(openPolynomial(of.polynomial), 1n, partial))
    const signature = combine(partials, of.threshold)
    assert.ok(verifyRound(openGroupKey(group.publicKey), 1n, signature))
    return signature
  }

  before(async () => {
    run = await ceremonyRun(6)
    await run.join(0, 1, 2, 3)
    for (const i of [0, 1, 2, 3]) nodes.push(await run.start(i))
  })
  after(() => run?.close())

  it('makes a key of which three of four sign the same round, whichever three', async () => {
    await until(() => nodes.every(({ sharings }) => sharings.byNumber(1n) !== undefined), 'no key is generated')
    const chains = new Set(nodes.map(({ sharings }) => sharings.group()?.chainHash))
    assert.equal(chains.size, 1)
    assert.deepEqual(
      nodes.map(({ vault }) => vault.sharings().map(({ sharing, indices }) => [sharing, indices.length])),
      nodes.map(() => [[1n, 1]]),
    )
    const signatures = [await roundBy(1n, [0, 1, 2]), await roundBy(1n, [1, 2, 3]), await roundBy(1n, [0, 1, 3])]
    assert.equal(new Set(signatures.map((signature) => Buffer.from(signature).toString('hex'))).size, 1)
  })

  it('hands the key on to two who join and without one who left: the same public key, and old shares are gone', async () => {
    const before = await roundBy(1n, [0, 1, 2])
    const chainHash = node(0).sharings.group()?.chainHash
    await run.join(4, 5)
    nodes.push(await run.start(4), await run.start(5))
    await run.leave(3)
    // perhaps in two steps: the one who left is out at once, the newcomers are in with the next epoch
    const wanted = [0, 1, 2, 4, 5].map((i) => run.operator(i)).toSorted()
    const newest = (each: CeremonyNode) => each.sharings.at(10n ** 9n)
    const isThere = (each: CeremonyNode) =>
      String(
        newest(each)
          ?.members.map(({ operator }) => operator)
          .toSorted(),
      ) === String(wanted)
    await until(() => nodes.every(isThere), 'the key is not handed on')
    const last = newest(node(0))
    assert.ok(last !== undefined && last.sharing > 1n)
    assert.equal(node(0).sharings.group()?.chainHash, chainHash)
    assert.deepEqual(await roundBy(last.sharing, [0, 1, 4, 5]), before)
    assert.equal(
      node(3)
        .vault.sharings()
        .some(({ sharing }) => sharing === last.sharing),
      false,
    )

    for (const each of nodes) each.verified = last.switchRound + 10n
    await until(
      () => nodes.every(({ vault }) => vault.sharings().every(({ sharing }) => sharing === last.sharing)),
      'old shares are kept',
    )
  })
})
