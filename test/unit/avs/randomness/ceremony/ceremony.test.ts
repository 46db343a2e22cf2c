import assert from 'node:assert/strict'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { type Address, type BlockHead, bytesToHex, describeSession, type Hex, LariatError, SimClock } from 'lariat/avs'
import { keccak256 } from 'viem'
import { SharingBook } from '../../../../../src/avs/randomness/beacon/sharings.ts'
import { Ceremony, type CeremonyOptions } from '../../../../../src/avs/randomness/ceremony/ceremony.ts'
import { encodeMembers } from '../../../../../src/bls/threshold/session.ts'
import { startThreshold } from '../../../../../src/bls/threshold/start.ts'
import { bigToBytes } from '../../../../../src/util/hex.ts'
import { eventually } from '../../../../support/eventually.ts'
import { memoryLog } from '../../../../support/memoryLog.ts'
import { signAs } from '../../../../support/rogueSigner.ts'
import { castOf } from '../../../../support/simnet.ts'

const keyGeneration: Address = `0x${'cc'.repeat(20)}`
const operator = (i: number): Address => `0x${(i + 1).toString(16).padStart(2, '0').repeat(20)}`
const members = [0, 1, 2].map((i) => ({
  operator: operator(i),
  encryptionKey: new Uint8Array(96).fill(i),
  weight: 1n,
  shares: 1,
}))
/** Who session 2 deals the sharing on to. */
const nextMembers = members.map((member, i) => ({ ...member, operator: operator(i + 1) }))
const { x, y } = bls12_381.G2.Point.BASE.toAffine()
const point = bytesToHex(Buffer.concat([x.c0, x.c1, y.c0, y.c1].map((coordinate) => bigToBytes(coordinate, 48))))
const polynomial: Hex = `0x${point.slice(2).repeat(2)}`
const HOUR = 3_600_000
/** A sharing that signs from round 11 on, a round a second, made by session 1; session 2 deals it on from block 200 on. */
const sharing = { sharing: 1n, session: 1n, switchRound: 11n, threshold: 2, shares: 3, members, polynomial }
const phases = (session: bigint) => ({ dealEnd: 100n * session + 10n, complaintEnd: 100n * session + 20n })
const dealing = {
  commitments: new Uint8Array(384),
  ephemeral: new Uint8Array(96),
  sealedShares: new Uint8Array(96),
  proofs: new Uint8Array(128),
}

/** When all that the heads set off has been done: nothing here waits for anything but promises. */
async function idle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** The ceremony of an operator on a chain that the test tells the heads of. */
function setting(own: number, sessions: 1n | 2n) {
  const clock = new SimClock(0)
  const handlers: Record<string, (head: BlockHead) => void> = {}
  const seen = { retired: 0, examined: 0, deals: [] as AbortSignal[], latestRound: 0n, isDown: false }
  const previous = { ...sharing, polynomial: Buffer.from(polynomial.slice(2), 'hex') }
  const facts = { session: 2n, epoch: 1n, attempt: 0, threshold: 2, members: nextMembers }
  const { id } = describeSession({ ...facts, chainId: 31_337, keyGeneration, previous } as never)
  const opened = {
    ...facts,
    ...phases(2n),
    finishEnd: 240n,
    id,
    fromSharing: 1n,
    members: bytesToHex(encodeMembers(nextMembers)),
  }
  const logs = [
    { blockNumber: 125n, eventName: 'SharingStarted', args: { ...sharing, polynomial } },
    { blockNumber: 200n, eventName: 'SessionOpened', args: opened },
    { blockNumber: 230n, eventName: 'SessionFailed', args: { session: 2n } },
  ]
  const answers: Record<string, (session: bigint) => unknown> = {
    latestSession: () => sessions,
    latestSharing: () => 1n,
    timing: () => ({ dealBlocks: 10 }),
    sessionInfo: (session) => ({
      ...phases(session),
      finishEnd: 100n * session + 40n,
      fromSharing: session - 1n,
      id,
      state: 1,
      folded: 0,
    }),
    sharingInfo: () => ({ ...sharing, polynomialHash: keccak256(polynomial) }),
    membersOf: () => bytesToHex(encodeMembers(members)),
    group: () => ({
      key: point,
      genesis: 0n,
      period: 1,
      groupHash: `0x${'01'.repeat(32)}`,
      chainHash: `0x${'02'.repeat(32)}`,
    }),
    isOperator: () => false,
    dueReason: () => [0, 0n],
  }
  const chain = {
    chainId: 31_337,
    read: async ({ functionName, args }: { functionName: string; args: readonly bigint[] }) =>
      answers[functionName]?.(args[0] ?? 0n),
    logs: async ({ from, to }: { from: bigint; to: bigint }) => {
      if (seen.isDown) throw new LariatError('chain.unavailable', 'down')
      return logs
        .filter(({ blockNumber }) => blockNumber >= from && blockNumber <= to)
        .map((log) => ({ ...log, blockTimestamp: 0n }))
    },
    /** Never in a block. */
    write: async ({ signal }: { signal: AbortSignal }) => {
      seen.deals.push(signal)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
    heads: (finality: string, handler: (head: BlockHead) => void) => {
      handlers[finality] = handler
      return () => {}
    },
    watch: () => () => {},
  }
  const shares = {
    sharings: () => [{ sharing: 1n }],
    deal: async () => dealing,
    examine: async () => {
      seen.examined++
      return []
    },
    retire: async () => void seen.retired++,
  }
  const sharings = new SharingBook()
  const options = {
    ...{ chain, clock, shares, keyGeneration, log: memoryLog(), operator: operator(own), service: operator(9) },
    sharings,
    deal: async () => signed,
    latestRound: () => seen.latestRound,
  }
  const ceremony = new Ceremony(options as unknown as CeremonyOptions)
  const head = (final: bigint, latest = final + 2n) => {
    for (const [finality, number] of [
      ['finalized', final],
      ['latest', latest],
    ] as const) {
      handlers[finality]?.({ number, hash: '0x', timestamp: 0n })
    }
  }
  return { ceremony, clock, seen, sharings, head, idle }
}

const statement = {
  service: `0x${'01'.repeat(32)}`,
  kind: 4,
  epoch: 1n,
  slot: 2n,
  attempt: 0,
  payload: `0x${'02'.repeat(32)}`,
} as const
const signed = await signAs(castOf(1), 0, statement)

describe('the ceremony of an operator', () => {
  before(() => startThreshold())

  it('destroys the shares of one that left an hour after the switch, when it is told of no rounds', async () => {
    const { ceremony, clock, seen, head, idle } = setting(7, 1n)
    await ceremony.start()
    await clock.advance(13_000 + HOUR - 1)
    head(150n)
    await idle()
    assert.equal(seen.retired, 0)
    await clock.advance(1)
    head(151n)
    await eventually(() => seen.retired === 1, 'the shares are kept')
    await ceremony.stop()
  })

  it('keeps what was before a sharing of its own until that has made rounds', async () => {
    const { ceremony, clock, seen, head, idle } = setting(1, 1n)
    await ceremony.start()
    await clock.advance(3 * HOUR)
    head(150n)
    await idle()
    assert.equal(seen.retired, 0)
    seen.latestRound = 14n
    head(151n)
    await eventually(() => seen.retired === 1, 'old shares are kept')
    await ceremony.stop()
  })

  it('goes on with its shares while a transaction is stuck, and gives that up when its phase is over', async () => {
    const { ceremony, clock, seen, head, idle } = setting(1, 2n)
    await ceremony.start()
    await clock.advance(3 * HOUR)
    head(201n)
    await eventually(() => seen.deals.length === 1, 'nothing is dealt')
    seen.latestRound = 14n
    head(202n)
    await eventually(() => seen.retired === 1, 'old shares are kept')
    head(207n)
    await idle()
    assert.deepEqual([seen.deals.length, seen.deals[0]?.aborted], [1, false])
    // the last block of dealing is there
    head(208n)
    await eventually(() => seen.deals[0]?.aborted === true, 'it is not given up')
    await ceremony.stop()
  })

  it('tells of those who are being dealt shares, as long as the session goes on', async () => {
    const { ceremony, sharings, head, idle } = setting(7, 2n)
    await ceremony.start()
    const needed = () => sharings.needed(0n)
    head(150n)
    await idle()
    assert.deepEqual(needed(), [0, 1, 2].map(operator))
    head(201n)
    await eventually(() => needed().length === 4, 'the session is not seen')
    assert.deepEqual(needed(), [0, 1, 2, 3].map(operator))
    head(230n)
    await eventually(() => needed().length === 3, 'its end is not seen')
    await ceremony.stop()
  })

  it('decides nothing on a board that is behind', async () => {
    const { ceremony, seen, head, idle } = setting(1, 2n)
    await ceremony.start()
    head(201n)
    await eventually(() => seen.deals.length === 1, 'nothing is dealt')
    seen.isDown = true
    head(211n)
    await idle()
    assert.equal(seen.examined, 0)
    seen.isDown = false
    head(212n)
    await eventually(() => seen.examined === 1, 'the dealings are not looked at')
    await ceremony.stop()
  })
})
