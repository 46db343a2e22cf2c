import assert from 'node:assert/strict'
import { type Address, LariatError, type Session, SimClock } from 'lariat/avs'
import { Acts, type ActsOptions, type Sums } from '../../../../../src/avs/randomness/ceremony/acts.ts'
import type { BoardSession, Posted } from '../../../../../src/avs/randomness/ceremony/board.ts'
import { Turns } from '../../../../../src/avs/randomness/ceremony/order.ts'
import { memoryLog } from '../../../../support/memoryLog.ts'
import { signAs } from '../../../../support/rogueSigner.ts'
import { castOf } from '../../../../support/simnet.ts'

const operator = (i: number): Address => `0x${(i + 1).toString(16).padStart(2, '0').repeat(20)}`
const members = [0, 1, 2, 3].map((i) => ({
  operator: operator(i),
  encryptionKey: new Uint8Array(96).fill(i),
  weight: 1n,
  shares: 1,
}))
const dealing = {
  commitments: new Uint8Array(192),
  ephemeral: new Uint8Array(96),
  sealedShares: new Uint8Array(128),
  proofs: new Uint8Array(128),
}
const session = (): BoardSession => ({
  facts: { id: `0x${'5e'.repeat(32)}`, session: 4n, epoch: 9n, members, threshold: 3 } as unknown as Session,
  openedAt: { block: 100n, timestamp: 7n },
  ...{ dealEnd: 110n, complaintEnd: 120n, finishEnd: 130n, state: 'open' },
  dealt: new Map(
    [1, 2, 3].map((i) => [operator(i), { dealer: operator(i), dealing, payload: '0x', restHash: '0x' } as Posted]),
  ),
  convicted: new Map(),
  sums: new Map(),
})

/** What operator 0 sends; each call may be answered by an error of the contract. */
function acting(
  overrides: Partial<Record<keyof ActsOptions, unknown>>,
  answer: (name: string, args: unknown[]) => void,
) {
  const sent: [string, ...unknown[]][] = []
  const clock = new SimClock(0)
  const chain = {
    read: async () => false,
    write: async ({ functionName, args }: { functionName: string; args: unknown[] }) => {
      sent.push([functionName, ...args])
      answer(functionName, args)
      return { blockNumber: 105n }
    },
  }
  const log = memoryLog()
  const turns = new Turns(clock, operator(0), 1_000)
  const options = { chain, log, operator: operator(0), keyGeneration: operator(8), turns, ...overrides }
  return { acts: new Acts(options as unknown as ActsOptions), sent, clock, log }
}
/** What was sent lands in block 105. */
const known = { latest: 104n, final: 102n }
const { signal } = new AbortController()
const signed = signAs(castOf(1), 0, {
  ...{ service: `0x${'01'.repeat(32)}`, kind: 4, epoch: 9n, slot: 4n, attempt: 0, payload: `0x${'02'.repeat(32)}` },
} as const)
const refusal = (error: string) => new LariatError('chain.reverted', error, { error })

describe('what an operator does in a session', () => {
  it('signs its dealing in the last epoch that has it, when it left before the session', async () => {
    const asked: bigint[] = []
    const { acts, sent } = acting(
      {
        shares: { deal: async () => dealing },
        deal: async ({ epoch }: { epoch: bigint }) => {
          asked.push(epoch)
          if (epoch > 6n) throw new LariatError('deal.not-a-member', 'not there')
          return signed
        },
      },
      () => {},
    )
    await acts.deal(session(), known, signal)
    assert.deepEqual(asked, [9n, 8n, 7n, 6n])
    assert.deepEqual(sent[0]?.slice(0, 4), ['deal', 4n, operator(0), 6n])
  })

  it('complains of wrong shares first, of each though another cannot be brought, and of nobody twice', async () => {
    let examined = 0
    let down = true
    const { acts, sent, clock } = acting(
      {
        shares: {
          examine: async () => {
            examined++
            return [
              { kind: 'commitment', polynomial: 0, k: 1 },
              { kind: 'share', polynomial: 0, shareIndex: 0 },
              { kind: 'share', polynomial: 0, shareIndex: 0 },
            ]
          },
          complain: async (_: unknown, { dealer }: { dealer: Address }) => ({
            ...{ dealer, polynomial: 0, shareIndex: 0, sharedPoint: new Uint8Array(96), c: 1n, z: 2n },
          }),
        },
      },
      (name, args) => {
        if (name === 'complainShare' && args[1] === operator(2) && down)
          throw new LariatError('chain.unavailable', 'down')
        if (name === 'complainShare' && args[1] === operator(3)) throw refusal('AlreadyConvicted')
      },
    )
    const on = session()
    const names = () => sent.splice(0).map(([name, , dealer]) => [name, dealer])
    await assert.rejects(acts.complain(on, true, known, signal), { code: 'chain.unavailable' })
    const shares = [
      ['complainShare', operator(2)],
      ['complainShare', operator(3)],
    ]
    assert.deepEqual(names().slice(0, 2), shares)
    down = false
    await clock.advance(10_000) // whoever comes first has had its time
    await acts.complain(on, true, known, signal)
    assert.deepEqual(
      names().filter(([name]) => name === 'complainShare'),
      [shares[0]],
    )
    await acts.complain(on, true, known, signal)
    on.convicted.set(operator(1), 2)
    await acts.complain(on, true, known, signal)
    assert.deepEqual(names(), [])
    assert.equal(examined, 1)
  })

  it('brings no share any more when the time for that is over', async () => {
    const { acts, sent } = acting(
      { shares: { examine: async () => [undefined, { kind: 'share', polynomial: 0, shareIndex: 0 }, undefined] } },
      () => {},
    )
    await acts.complain(session(), false, known, signal)
    assert.deepEqual(sent, [])
  })

  it('goes on adding up behind the place that the sum has come to, where dealers before it do not count', async () => {
    const [first] = members
    assert.ok(first !== undefined)
    const threshold = 11
    const counting = [3, 4, 6, 7, 8, 9, 10, 11, 12, 14, 15]
    const whole = { ...dealing, commitments: new Uint8Array(threshold * 192) }
    const on = {
      ...session(),
      facts: {
        ...session().facts,
        members: Array.from({ length: 16 }, (_, i) => ({ ...first, operator: operator(i) })),
        threshold,
      },
      dealt: new Map(
        [...counting, 5].map((i) => [
          operator(i),
          { dealer: operator(i), dealing: whole, payload: '0x', restHash: '0x' } satisfies Posted,
        ]),
      ),
      convicted: new Map([[operator(5), 1]]),
      sums: new Map([[12, '0xaa' as const]]),
    }
    let folded = 0
    const pages: [Address[], unknown][] = []
    const chain = {
      read: async () => ({ state: 1, folded }),
      write: async ({ args: [, inputs, running] }: { args: [bigint, { dealer: Address }[], unknown] }) =>
        void pages.push([inputs.map(({ dealer }) => dealer), running]),
    }
    const { acts, clock } = acting({ chain }, () => {})
    const sums: Sums = { of: (_, place) => (place === 15 ? '0xbb' : undefined) }
    const page = async (place: number) => {
      folded = place
      await acts.fold(on, sums, signal)
      await clock.advance(60_000) // whoever comes first has had its time
      await acts.fold(on, sums, signal)
      return pages.splice(0)[0]
    }
    assert.deepEqual(await page(0), [counting.slice(0, 8).map(operator), '0x'])
    // 12 is the place of the ninth that counts; its sum is on the board, as a node has it that was not there
    assert.deepEqual(await page(12), [[12, 14, 15].map(operator), '0xaa'])
    assert.deepEqual(await page(15), [[15].map(operator), '0xbb'])
    // the sum of a page that was not seen yet is waited for
    assert.equal(await page(14), undefined)
  })

  it('posts its dealing once, and once more when a reorg undid the block that had it', async () => {
    const { acts, sent } = acting({ shares: { deal: async () => dealing }, deal: async () => signed }, () => {})
    for (const final of [102n, 103n, 104n]) await acts.deal(session(), { latest: final + 2n, final }, signal)
    assert.equal(sent.length, 1)
    // its block is final, and the board has no dealing of ours
    await acts.deal(session(), { latest: 107n, final: 105n }, signal)
    assert.equal(sent.length, 2)
    assert.deepEqual(sent[1], sent[0])
  })

  it('takes a dealing that the newest block has for posted, until that block is final', async () => {
    const dealt = () => {
      throw refusal('AlreadyDealt')
    }
    const { acts, sent } = acting({ shares: { deal: async () => dealing }, deal: async () => signed }, dealt)
    for (const final of [102n, 103n]) await acts.deal(session(), { latest: 104n, final }, signal)
    assert.equal(sent.length, 1)
    await acts.deal(session(), { latest: 106n, final: 104n }, signal)
    assert.equal(sent.length, 2)
  })

  it('complains again when a reorg undid the block that had the complaint', async () => {
    const { acts, sent } = acting(
      {
        shares: {
          examine: async () => [undefined, { kind: 'share', polynomial: 0, shareIndex: 0 }, undefined],
          complain: async () => ({ polynomial: 0, shareIndex: 0, sharedPoint: new Uint8Array(96), c: 1n, z: 2n }),
        },
      },
      () => {},
    )
    const on = session()
    for (const final of [103n, 104n]) await acts.complain(on, true, { latest: final + 2n, final }, signal)
    assert.equal(sent.length, 1)
    await acts.complain(on, true, { latest: 107n, final: 105n }, signal)
    assert.equal(sent.length, 2)
    on.convicted.set(operator(2), 1)
    await acts.complain(on, true, { latest: 109n, final: 107n }, signal)
    assert.equal(sent.length, 2)
  })
})
