import assert from 'node:assert/strict'
import type { ChainLog, Context, FedTask, FollowedChain, KeptCertificate } from '../../../../src/avs/api.ts'
import {
  EPOCH_STORE_SPEC,
  EpochBook,
  feedHandovers,
  handedOf,
  handoverPayload,
  observeHandover,
} from '../../../../src/avs/bridge/attest/handover.ts'
import {
  bitmapOf,
  feedRevocations,
  type Revocation,
  Revocations,
} from '../../../../src/avs/bridge/attest/revocations.ts'
import { contradiction, observeCheckpoint, streamStrand } from '../../../../src/avs/bridge/attest/streams.ts'
import type { BridgeConfig } from '../../../../src/avs/bridge/config.ts'
import type { Correction, Source, Tip } from '../../../../src/avs/bridge/ports.ts'
import {
  type Checkpoint,
  checkpointPayload,
  EPOCHS_SERVICE,
  epochPayload,
  Level,
  REVOCATIONS_SERVICE,
  revocationSlot,
  streamService,
} from '../../../../src/avs/bridge/statements.ts'
import { createMemoryEpochs } from '../../../../src/chain/memoryEpochs.ts'
import { memoryDataStore } from '../../../../src/store/memory.ts'
import type { EpochTable } from '../../../../src/types/epoch.ts'
import { bytesToHex, type Hex } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { CONTRACT, castOf } from '../../../support/simnet.ts'

const START_S = 1_700_000_000
const { table } = castOf(10)
/** Each is active for an hour. */
const tableOf = (number: bigint): EpochTable => ({
  ...table,
  number,
  activatesAt: START_S + (Number(number) - 2) * 3_600,
  validUntil: START_S + Number(number) * 86_400,
})
const hash = (n: number): Hex => bytesToHex(new Uint8Array(32).fill(n))

/** What the hooks of the bridge use of their context, and certificates that a test puts there. */
function surroundings() {
  const clock = new SimClock(START_S * 1_000)
  const epochs = createMemoryEpochs([1n, 2n].map(tableOf))
  const kept: KeptCertificate[] = []
  const certificates: Context<BridgeConfig>['certificates'] = {
    list: ({ service, fromSlot = 0n, toSlot = 2n ** 64n, limit }) =>
      kept
        .filter(({ certificate: { statement } }) => statement.service === service)
        .filter(({ certificate: { statement } }) => statement.slot >= fromSlot && statement.slot <= toSlot)
        .sort((a, b) => Number(b.certificate.statement.slot - a.certificate.statement.slot))
        .slice(0, limit),
  }
  const certify = (service: Hex, slot: bigint, epoch: bigint, payload = hash(0)) =>
    kept.push({
      certificate: {
        statement: { service, kind: 1, epoch, slot, attempt: 0, payload },
        absent: new Uint8Array(),
        signature: new Uint8Array(96),
      },
      onChain: { absent: '0x', signature: '0x' },
      verifiedAt: 0,
    })
  return { clock, epochs, certificates, certify, log: silentLog }
}

describe('hand-over of epochs', () => {
  const book = () => new EpochBook(memoryDataStore().keyValues.open('s', 'epochs', EPOCH_STORE_SPEC))

  it('is begun for the active epoch and the next, each under the one before, until there is a certificate', async () => {
    const uses = surroundings()
    const begun: FedTask<undefined>[] = []
    const epochBook = book()
    const end = feedHandovers(uses, epochBook, (task) => begun.push(task) > 0)
    assert.deepEqual(
      begun.map(({ slot, epoch }) => [slot, epoch]),
      [[2n, 1n]],
    )
    assert.equal(begun[0]?.postedAt, (START_S - 3_600) * 1_000)
    uses.epochs.set([1n, 2n, 3n].map(tableOf))
    assert.deepEqual(
      begun.slice(1).map(({ slot, epoch }) => [slot, epoch]),
      [
        [2n, 1n],
        [3n, 2n],
      ],
    )
    uses.certify(EPOCHS_SERVICE, 2n, 1n)
    begun.length = 0
    await uses.clock.advance(2_000)
    assert.deepEqual(
      begun.map(({ slot }) => slot),
      [3n],
    )
    end()
    await uses.clock.advance(10_000)
    assert.equal(begun.length, 1)
    // what was seen stays, when the tables are gone
    assert.deepEqual(epochBook.get(3n), handedOf(tableOf(3n)))
    assert.deepEqual(observeHandover(epochBook, 2n), handedOf(tableOf(2n)))
    assert.equal(handoverPayload(observeHandover(epochBook, 2n)), epochPayload(handedOf(tableOf(2n))))
    assert.throws(() => observeHandover(epochBook, 9n), { code: 'observe.bridge-epoch' })
  })

  it('begins nothing for the first epoch, which nobody can hand over, and none of a table that is too large', () => {
    const uses = surroundings()
    const many = Array.from({ length: 601 }, (_, index) => ({
      ...(table.members[0] as EpochTable['members'][0]),
      index,
    }))
    uses.epochs.set([{ ...tableOf(2n), members: many }])
    const begun: FedTask<undefined>[] = []
    feedHandovers(uses, book(), (task) => begun.push(task) > 0)()
    assert.equal(begun.length, 0)
    assert.throws(() => handedOf({ ...tableOf(2n), members: many }), { code: 'bridge.epoch' })
  })
})

describe('revocations', () => {
  function chainOf(logs: readonly { block: bigint; epoch: bigint; row: number }[]) {
    let tell: ((head: { number: bigint }) => void) | undefined
    const ranges: [bigint, bigint][] = []
    const chain = {
      read: async () => ({ builtAtBlock: 100n }),
      heads: (_: string, handler: typeof tell) => {
        tell = handler
        return () => undefined
      },
      logs: async ({ from, to }: { from: bigint; to: bigint }) => {
        ranges.push([from, to])
        return logs
          .filter(({ block }) => block >= from && block <= to)
          .map(({ block, epoch, row }) => ({
            args: { epoch, operator: table.members[row]?.operator },
            blockNumber: block,
          })) as unknown as ChainLog[]
      },
    } as unknown as FollowedChain
    return { chain, ranges, final: (number: bigint) => tell?.({ number }) }
  }
  const settle = async (clock: SimClock) => clock.advance(2_000)

  it('name all rows without weight, and the block of the last, as the logs since the epoch was built have them', async () => {
    const uses = surroundings()
    const { chain, ranges, final } = chainOf([
      { block: 150n, epoch: 2n, row: 3 },
      { block: 160n, epoch: 1n, row: 5 },
      { block: 20_150n, epoch: 2n, row: 9 },
    ])
    const all = { ...uses, chain, config: { contract: CONTRACT } as BridgeConfig }
    const revocations = new Revocations(all)
    const begun: FedTask<Revocation>[] = []
    const end = feedRevocations(all, revocations, (task) => begun.push(task) > 0)
    uses.epochs.revoke(2n, 3)
    uses.epochs.revoke(2n, 9)
    await settle(uses.clock)
    assert.equal(begun.length, 0, 'no final block is known yet')
    final(20_200n)
    await settle(uses.clock)
    assert.deepEqual(ranges, [
      [100n, 10_099n],
      [10_100n, 20_099n],
      [20_100n, 20_200n],
    ])
    assert.deepEqual(
      begun.map(({ slot, args }) => [slot, args.epoch, [...args.revoked]]),
      [[revocationSlot(20_150n, 2n), 2n, [0b1000, 0b10]]],
    )
    // not again once it is certified; and again when one more loses its weight
    uses.certify(REVOCATIONS_SERVICE, revocationSlot(20_150n, 2n), 2n)
    begun.length = 0
    await settle(uses.clock)
    assert.equal(begun.length, 0)
    uses.epochs.revoke(1n, 5)
    await settle(uses.clock)
    assert.deepEqual([...new Set(begun.map(({ slot }) => slot))], [revocationSlot(160n, 1n)])
    assert.equal(revocations.list().length, 2)
    end()
  })

  it('have bitmaps without trailing zero bytes', () => {
    assert.deepEqual([...bitmapOf(new Set([0]), 20)], [1])
    assert.deepEqual([...bitmapOf(new Set([8]), 20)], [0, 1])
    assert.deepEqual([...bitmapOf(new Set(), 20)], [])
  })
})

describe('checkpoints of a tree', () => {
  const checkpoint = (index: number): Checkpoint => ({ root: hash(index + 1), index, messageId: hash(index + 101) })
  const tip = (index: number): Tip => ({ ...checkpoint(index), block: 5n, blockHash: hash(77), time: START_S * 1_000 })

  function sourceOf() {
    const handlers: ((tip: Tip) => void)[] = []
    const correctors: ((correction: Correction) => void)[] = []
    const corrections: Correction[] = []
    const state = { tip: undefined as Tip | undefined, halted: undefined as string | undefined }
    const source = {
      domain: 9,
      hook: hash(9),
      chain: { name: 'base' },
      halted: () => state.halted,
      tip: () => state.tip,
      get count() {
        return (state.tip?.index ?? -1) + 1
      },
      checkpoint: (index: number) => (index <= (state.tip?.index ?? -1) ? checkpoint(index) : undefined),
      onTip(_: Level, handler: (tip: Tip) => void) {
        handlers.push(handler)
        return () => void handlers.splice(handlers.indexOf(handler), 1)
      },
      corrections: () => corrections,
      onCorrected(handler: (correction: Correction) => void) {
        correctors.push(handler)
        return () => void correctors.splice(correctors.indexOf(handler), 1)
      },
    } as unknown as Source
    const tell = (index: number) => {
      state.tip = tip(index)
      for (const handler of handlers) handler(state.tip)
    }
    const correct = (index: number) => {
      const correction = { wrong: { ...checkpoint(index), root: hash(250) }, right: tip(index) }
      corrections.push(correction)
      for (const handler of correctors) handler(correction)
    }
    return { source, state, tell, correct, handlers, correctors }
  }

  it('are begun with each tip, and again until one of the active epoch covers it', async () => {
    const uses = surroundings()
    const { source, tell, handlers } = sourceOf()
    const strand = streamStrand(source, Level.finalized, () => undefined)
    assert.deepEqual([strand.name, strand.restsOn], ['base-finalized', ['base']])
    const begun: bigint[] = []
    const [trigger] = await strand.triggers(uses as never)
    assert.ok(trigger?.kind === 'feed')
    const end = trigger.start(({ slot }) => begun.push(slot) > 0)
    await uses.clock.advance(4_000)
    assert.deepEqual(begun, [], 'the tree is empty')
    tell(4)
    assert.deepEqual(begun, [4n])
    await uses.clock.advance(4_000)
    assert.deepEqual(begun, [4n, 4n, 4n])
    const service = streamService(source, Level.finalized)
    uses.certify(service, 4n, 2n)
    begun.length = 0
    await uses.clock.advance(4_000)
    assert.deepEqual(begun, [])
    // an hour on the next epoch is active
    uses.epochs.set([1n, 2n, 3n].map(tableOf))
    await uses.clock.advance(3_600_000)
    assert.ok(begun.length > 0 && begun.every((slot) => slot === 4n))
    uses.certify(service, 7n, 3n)
    begun.length = 0
    await uses.clock.advance(4_000)
    assert.deepEqual(begun, [], 'a later one covers it')
    end()
    assert.equal(handlers.length, 0)
  })

  it('are begun where they correct a fast one, and again until one of the active epoch is of that very index', async () => {
    const uses = surroundings()
    const { source, tell, correct, correctors } = sourceOf()
    const [trigger] = await streamStrand(source, Level.finalized, () => undefined).triggers(uses as never)
    assert.ok(trigger?.kind === 'feed')
    const begun: bigint[] = []
    const end = trigger.start(({ slot }) => begun.push(slot) > 0)
    const service = streamService(source, Level.finalized)
    tell(6)
    uses.certify(service, 6n, 2n)
    begun.length = 0
    correct(4)
    assert.deepEqual(begun, [4n])
    await uses.clock.advance(4_000)
    assert.deepEqual(begun, [4n, 4n, 4n], 'the later certificate does not do')
    uses.certify(service, 4n, 2n)
    begun.length = 0
    await uses.clock.advance(4_000)
    assert.deepEqual(begun, [])
    end()
    assert.equal(correctors.length, 0)
  })

  it('are refused of a tree that halted, that changed, or that a quorum contradicts', () => {
    const { certificates, certify } = surroundings()
    const { source, state, tell } = sourceOf()
    tell(4)
    assert.deepEqual(observeCheckpoint(source, Level.finalized, tip(3)), checkpoint(3))
    const other = { ...tip(3), root: hash(200) }
    assert.throws(() => observeCheckpoint(source, Level.finalized, other), { code: 'observe.bridge-contradicted' })
    assert.equal(
      observeCheckpoint(source, Level.fast, other).root,
      other.root,
      'what is not final is not in the final tree',
    )
    const service = streamService(source, Level.finalized)
    certify(service, 4n, 2n, checkpointPayload(checkpoint(4)))
    assert.equal(contradiction(source, certificates), undefined)
    certify(service, 3n, 2n, hash(66))
    const why = contradiction(source, certificates)
    assert.match(why ?? '', /index 3\) than this node’s providers show/)
    assert.throws(() => observeCheckpoint(source, Level.finalized, tip(4), why), {
      code: 'observe.bridge-contradicted',
    })
    state.halted = 'the tree shrank'
    assert.throws(() => observeCheckpoint(source, Level.fast, tip(4)), {
      code: 'observe.bridge-halted',
      message: 'the tree shrank',
    })
  })
})
