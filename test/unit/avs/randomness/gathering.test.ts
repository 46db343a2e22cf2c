import assert from 'node:assert/strict'
import type { RoundPartial } from '../../../../src/avs/api.ts'
import { type BadPartial, Gathering, type PartialScheme } from '../../../../src/avs/randomness/beacon/gathering.ts'
import type { BeaconSharing } from '../../../../src/avs/randomness/beacon/sharings.ts'
import { LariatError } from '../../../../src/util/errors.ts'

/** Partials are true when they begin with their index; their combination is their indices, and one of false ones begins with 255. */
const isTrue = ({ index, signature }: RoundPartial) => signature[0] === index
const scheme: PartialScheme & { searches: number } = {
  searches: 0,
  combine(partials) {
    if (partials.some(({ signature }) => signature[0] === 254)) throw new Error('no point')
    return Uint8Array.from([partials.every(isTrue) ? 0 : 255, ...partials.map(({ index }) => index)])
  },
  async lieTogether(signature, partials) {
    return signature[0] === 0 && partials.every(isTrue)
  },
  async findBad(_sharing, _round, partials) {
    scheme.searches++
    return { invalid: partials.flatMap((one, i) => (isTrue(one) ? [] : [i])), exhausted: false }
  },
}

const sharing: BeaconSharing = {
  sharing: 1n,
  switchRound: 1n,
  threshold: 3,
  members: [],
  polynomial: new Uint8Array(),
}
const partial = (index: number, first = index): RoundPartial => ({ index, signature: Uint8Array.of(first) })

describe('partials of a round', () => {
  let gathering: Gathering
  let blamed: BadPartial[]
  let checks: number

  beforeEach(() => {
    gathering = new Gathering(7n, sharing, scheme)
    blamed = []
    checks = 0
    scheme.searches = 0
  })
  const combine = () =>
    gathering.combine(
      (signature) => {
        checks++
        if (signature[0] === 255) throw new LariatError('rounds.false', 'false')
      },
      ({ index, peer }) => blamed.push({ index, peer }),
    )

  it('are combined as soon as there are enough, with one check and no look at any of them', async () => {
    for (const index of [1, 2]) assert.ok(gathering.add(partial(index), `p${index}`, false))
    assert.equal(await combine(), undefined)
    gathering.add(partial(3), undefined, true)
    assert.deepEqual(await combine(), Uint8Array.of(0, 3, 1, 2))
    assert.deepEqual([checks, scheme.searches, blamed], [1, 0, []])
  })

  it('are taken once an index, the first one', () => {
    assert.ok(gathering.add(partial(1), 'p', false))
    assert.ok(!gathering.add(partial(1, 9), 'q', false))
  })

  it('are looked at when the result is false; the false ones are named with who handed them over, and dropped', async () => {
    gathering.add(partial(1, 8), 'p1', false)
    gathering.add(partial(2), 'p2', false)
    gathering.add(partial(4), 'p4', false)
    assert.equal(await combine(), undefined)
    assert.deepEqual(blamed, [{ index: 1, peer: 'p1' }])
    assert.deepEqual([...gathering.falseIndices], [1])
    gathering.add(partial(5), 'p5', false)
    assert.deepEqual(await combine(), Uint8Array.of(0, 2, 4, 5))
    assert.equal(scheme.searches, 1)
  })

  it('may be bytes that are no point', async () => {
    gathering.add(partial(1, 254), 'p1', false)
    for (const index of [2, 3, 4]) gathering.add(partial(index), `p${index}`, false)
    assert.deepEqual(await combine(), Uint8Array.of(0, 2, 3, 4))
    assert.deepEqual(blamed, [{ index: 1, peer: 'p1' }])
  })

  it('end in nothing when all that is verified still does not combine, and not in an endless search', async () => {
    for (const index of [1, 2, 3]) gathering.add(partial(index, 9), undefined, true)
    assert.equal(await combine(), undefined)
    assert.equal(checks, 1)
  })

  it('are present once they were looked at', async () => {
    gathering.add(partial(1), 'p1', false)
    gathering.add(partial(2, 9), 'p2', false)
    gathering.add(partial(3), undefined, true)
    assert.deepEqual([...gathering.present], [3])
    await gathering.sift(() => undefined)
    assert.deepEqual([...gathering.present].sort(), [1, 3])
  })

  it('that came to the signature took part, and only the others are looked at afterwards', async () => {
    for (const index of [1, 2, 3]) gathering.add(partial(index), `p${index}`, false)
    assert.ok(await combine())
    gathering.add(partial(4), 'p4', false)
    gathering.add(partial(5, 9), 'p5', false)
    await gathering.sift(({ index, peer }) => blamed.push({ index, peer }))
    assert.deepEqual([...gathering.present].sort(), [1, 2, 3, 4])
    assert.deepEqual([scheme.searches, blamed], [1, [{ index: 5, peer: 'p5' }]])
    assert.ok(!gathering.isVerified(partial(1)))
  })

  it('that lie together with the signature took part unlooked at, and are not known to be true one by one', async () => {
    for (const index of [1, 2, 3]) gathering.add(partial(index), `p${index}`, false)
    assert.ok(await combine())
    gathering.add(partial(4), 'p4', false)
    assert.equal(await gathering.sift(() => assert.fail('nobody is to blame')), false)
    assert.deepEqual([...gathering.present].sort(), [1, 2, 3, 4])
    assert.equal(scheme.searches, 0)
    assert.ok(!gathering.isVerified(partial(4)))
  })

  it('are searched by one at a time; what comes meanwhile is tried with what the search leaves', async () => {
    gathering.add(partial(1, 8), 'p1', false)
    gathering.add(partial(2), 'p2', false)
    gathering.add(partial(4), 'p4', false)
    const first = combine()
    gathering.add(partial(5), 'p5', false)
    assert.equal(await combine(), undefined)
    assert.deepEqual(await first, Uint8Array.of(0, 2, 4, 5))
    assert.deepEqual([checks, scheme.searches], [2, 1])
  })

  it('do not take away what was confirmed in place of a false one while it was searched for', async () => {
    gathering.add(partial(1, 8), 'p1', false)
    const sifting = gathering.sift(({ index, peer }) => blamed.push({ index, peer }))
    await Promise.resolve()
    gathering.confirm(partial(1))
    assert.equal(await sifting, true)
    assert.deepEqual([...gathering.present], [1])
    assert.deepEqual(blamed, [{ index: 1, peer: 'p1' }])
  })

  it('are not combined any more once the round is known', async () => {
    gathering.settle(Uint8Array.of(0))
    for (const index of [1, 2, 3]) gathering.add(partial(index), undefined, true)
    assert.equal(await combine(), undefined)
    assert.equal(checks, 0)
  })

  it('that were handed on are known by their bytes', () => {
    gathering.add(partial(1), 'p1', false)
    assert.ok(!gathering.isVerified(partial(1)))
    gathering.confirm(partial(1))
    assert.ok(gathering.isVerified(partial(1)))
    assert.ok(!gathering.isVerified(partial(1, 2)))
  })

  it('do not hide another error of whoever keeps the result', async () => {
    for (const index of [1, 2, 3]) gathering.add(partial(index), undefined, true)
    const keep = () => {
      throw new LariatError('store.failed', 'the disk is full')
    }
    await assert.rejects(
      gathering.combine(keep, () => undefined),
      { code: 'store.failed' },
    )
  })
})
