import assert from 'node:assert/strict'
import { type Address, describeSession, type Hex, type ServiceChain } from 'lariat/avs'
import { countingOf } from '../../../../../src/avs/randomness/ceremony/board.ts'
import { BoardReader } from '../../../../../src/avs/randomness/ceremony/load.ts'
import { encodeMembers } from '../../../../../src/bls/threshold/session.ts'
import { bytesToHex } from '../../../../../src/util/hex.ts'

const keyGeneration: Address = `0x${'cc'.repeat(20)}`
const operator = (i: number): Address => `0x${(i + 1).toString(16).padStart(2, '0').repeat(20)}`
const members = [0, 1, 2].map((i) => ({
  operator: operator(i),
  encryptionKey: new Uint8Array(96).fill(i),
  weight: 1n,
  shares: 1,
}))
const ends = (session: bigint) => ({
  fromSharing: 0n,
  dealEnd: 100n * session + 10n,
  complaintEnd: 100n * session + 20n,
  finishEnd: 100n * session + 130n,
})

function opened(session: bigint) {
  const facts = { session, epoch: 1n, attempt: 0, threshold: 2 }
  const { id } = describeSession({ ...facts, chainId: 31_337, keyGeneration, members, previous: undefined })
  return { ...facts, ...ends(session), id, members: bytesToHex(encodeMembers(members)) }
}

function dealt(session: bigint, i: number) {
  const some = (bytes: number): Hex => `0x${'07'.repeat(bytes)}`
  const dealing = { commitments: some(384), ephemeral: some(96), sealedShares: some(96), proofs: some(128) }
  return { session, dealer: operator(i), payload: some(32), ...dealing }
}

/** Sessions of the blocks from 100 and 200 on; the first may take until 230, and ends at 125. */
const logs = [
  [100n, 'SessionOpened', opened(1n)],
  [101n, 'Dealt', dealt(1n, 0)],
  [102n, 'Dealt', dealt(1n, 2)],
  [122n, 'Folded', { session: 1n, folded: 1, running: '0xab' }],
  [125n, 'SharingStarted', { ...{ session: 1n, sharing: 1n, switchRound: 1n, threshold: 2 }, polynomial: '0xcd' }],
  [200n, 'SessionOpened', opened(2n)],
  [201n, 'Dealt', dealt(2n, 1)],
] as const
const chain = {
  chainId: 31_337,
  read: async ({ functionName, args }: { functionName: string; args: readonly bigint[] }) =>
    functionName === 'timing' ? { dealBlocks: 10 } : ends(args[0] ?? 0n),
  logs: async ({ from, to }: { from: bigint; to: bigint }) =>
    logs
      .filter(([block]) => block >= from && block <= to)
      .map(([blockNumber, eventName, args]) => ({ blockNumber, eventName, args, blockTimestamp: 0n })),
}

describe('reading the board of key generation', () => {
  const reader = () => new BoardReader(chain as unknown as ServiceChain, keyGeneration)

  it('gives the session that was asked for, though the next one began before this one’s last block', async () => {
    const { session } = await reader().open(1n, 229n)
    assert.ok(session !== undefined)
    assert.equal(session.facts.session, 1n)
    assert.equal(session.state, 'finished')
    assert.deepEqual([...session.dealt.keys()], [operator(0), operator(2)])
    assert.equal(countingOf(session)?.length, 2)
    assert.equal(session.sums.get(1), '0xab')
    assert.deepEqual([...((await reader().open(2n, 229n)).session?.dealt.keys() ?? [])], [operator(1)])
  })

  it('shows what is final, and the rest when that is', async () => {
    const board = await reader().open(1n, 101n)
    assert.equal(board.session?.dealt.size, 1)
    await reader().follow(board, 1n, 102n, 124n)
    assert.deepEqual([board.session?.dealt.size, board.session?.state], [2, 'open'])
  })
})
