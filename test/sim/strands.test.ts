import assert from 'node:assert/strict'
import * as z from 'zod'
import {
  type AnyService,
  address,
  defineService,
  type FedTask,
  type FollowedChain,
  identical,
  type KeptCertificate,
  onFeed,
  type ServiceConfig,
  type Strand,
} from '../../src/avs/api.ts'
import type { EpochTable } from '../../src/types/epoch.ts'
import { bytesToHex, type Hex } from '../../src/util/hex.ts'
import { payloadOf, SERVICE } from '../support/simnet.ts'
import { GENESIS, type SimRun, simRun } from '../support/simrun.ts'

const SEED = 71
const STRAND: Hex = bytesToHex(new Uint8Array(32).fill(8))
/** ms from the start of a simulation until nodes sign. */
const SETTLED_MS = 4_000
const DEADLINE_MS = 3_000
/** Seconds from the start to the activation of the second epoch, where there is one. */
const SECOND_EPOCH_S = 20

type Begin = (task: FedTask<undefined>) => boolean

/** Feeds of all operators of one run, by service and operator. */
class Feeds {
  readonly #begins = new Map<string, Begin>()
  readonly told: { operator: string; certified: KeptCertificate }[] = []
  chains = new Map<string, FollowedChain>()
  value = (_operator: string, slot: bigint) => slot

  service(restsOn: readonly string[] = [], quorumBps?: number): AnyService {
    const feed = (operator: string, name: string) =>
      onFeed<undefined>((begin) => {
        this.#begins.set(`${name}/${operator}`, begin)
        return () => this.#begins.delete(`${name}/${operator}`)
      })
    const strand: Strand<ServiceConfig, undefined> = {
      name: 'second',
      serviceId: STRAND,
      restsOn,
      ...(quorumBps === undefined ? {} : { quorumBps }),
      triggers: ({ operator }) => [feed(operator, 'second')],
      agreement: identical(),
      observe: async ({ operator, task }) => this.value(operator, task.slot) + 1n,
      payload: payloadOf,
    }
    return defineService({
      name: 'fed',
      configSchema: z.object({ contract: address() }),
      state: () => undefined,
      triggers: ({ operator }) => [feed(operator, 'main')],
      agreement: identical(),
      observe: async ({ operator, task }) => this.value(operator, task.slot),
      payload: payloadOf,
      certified: ({ operator, certified }) => void this.told.push({ operator, certified }),
      strands: () => [strand],
    })
  }

  /** Has every operator that runs begin a slot. @returns how many took it */
  begin(name: 'main' | 'second', slot: bigint, more: Partial<FedTask<undefined>> = {}, except = -1): number {
    const tasks = [...this.#begins].filter(([key]) => key.startsWith(`${name}/`))
    return tasks.filter(
      ([, begin], i) =>
        i !== except && begin({ slot, postedAt: GENESIS * 1_000, deadlineMs: DEADLINE_MS, args: undefined, ...more }),
    ).length
  }
}

describe(`slots that a plug-in feeds, and strands, simulated (seed ${SEED})`, () => {
  let feeds: Feeds
  let run: SimRun
  beforeEach(() => {
    feeds = new Feeds()
  })
  afterEach(() => run.stop())

  const twoEpochs = ({ table }: { table: EpochTable }): EpochTable[] => [
    table,
    { ...table, number: 2n, activatesAt: GENESIS + SECOND_EPOCH_S },
  ]
  const certificate = (index: number, slot: bigint, service = SERVICE) =>
    run.nodes[index]?.data.certificates.get(service, slot)
  const begun = async (options: Partial<Parameters<typeof simRun>[0]> = {}, restsOn: readonly string[] = []) => {
    run = await simRun({ count: 4, seed: SEED, definition: feeds.service(restsOn), ...options })
    await run.clock.advance(SETTLED_MS)
  }

  it('certifies each service of a section by itself, and tells the plug-in', async () => {
    await begun()
    assert.equal(feeds.begin('main', 5n), 4)
    assert.equal(feeds.begin('second', 5n), 4)
    await run.clock.advance(1_000)
    for (const index of [0, 1, 2, 3]) {
      assert.equal(certificate(index, 5n)?.payload, payloadOf(5n))
      assert.equal(certificate(index, 5n, STRAND)?.payload, payloadOf(6n))
    }
    assert.equal(feeds.told.length, 4, 'the strand has no hook of its own, and the service’s is not its')
    assert.ok(feeds.told.every(({ certified }) => certified.certificate.statement.service === SERVICE))
    assert.deepEqual(
      run.nodes[0]?.runner.lines.map(({ name }) => name),
      ['fed', 'fed/second'],
    )
    assert.equal((await run.nodes[0]?.runner.health())?.ok, true)
  })

  it('takes nothing before the floor after a start', async () => {
    run = await simRun({ count: 4, seed: SEED, definition: feeds.service() })
    assert.equal(feeds.begin('main', 5n), 0)
    await run.clock.advance(SETTLED_MS)
    assert.equal(feeds.begin('main', 5n), 4)
  })

  it('certifies a slot again under a later epoch, and only then', async () => {
    await begun({ tables: twoEpochs })
    feeds.begin('main', 5n)
    await run.clock.advance(DEADLINE_MS)
    const first = certificate(0, 5n)
    assert.equal(first?.epoch, 1n)
    feeds.begin('main', 5n)
    await run.clock.advance(DEADLINE_MS)
    assert.equal(certificate(0, 5n)?.verifiedAt, first?.verifiedAt, 'it was certified again under the same epoch')
    await run.clock.advance(SECOND_EPOCH_S * 1_000)
    // one does not begin it: it follows the others
    assert.equal(feeds.begin('main', 5n, {}, 2), 3)
    await run.clock.advance(DEADLINE_MS)
    for (const index of [0, 1, 2, 3]) {
      assert.deepEqual([certificate(index, 5n)?.epoch, certificate(index, 5n)?.payload], [2n, payloadOf(5n)])
    }
    const told = feeds.told.map(({ certified }) => certified.certificate.statement.epoch)
    assert.deepEqual([...told].sort(), [1n, 1n, 1n, 1n, 2n, 2n, 2n, 2n])
  })

  it('signs under an epoch that the task names, while another is active', async () => {
    await begun({ tables: twoEpochs })
    await run.clock.advance(SECOND_EPOCH_S * 1_000)
    feeds.begin('main', 6n, { epoch: 1n })
    await run.clock.advance(DEADLINE_MS)
    assert.equal(certificate(3, 6n)?.epoch, 1n)
    feeds.begin('main', 6n, { epoch: 2n })
    await run.clock.advance(DEADLINE_MS)
    assert.equal(certificate(3, 6n)?.epoch, 2n)
    feeds.begin('main', 6n, { epoch: 1n })
    await run.clock.advance(DEADLINE_MS)
    assert.equal(certificate(3, 6n)?.epoch, 2n, 'an earlier epoch took the place of a later one')
  })

  it('tries a slot again that was missed', async () => {
    await begun({ down: [2, 3] })
    feeds.begin('main', 7n)
    await run.clock.advance(DEADLINE_MS + 100)
    assert.deepEqual(
      run.records(0).map(({ outcome, reason }) => [outcome, reason]),
      [['missed', 'aggregate.no-quorum']],
    )
    await run.restart(2)
    await run.clock.advance(SETTLED_MS)
    feeds.begin('main', 7n)
    await run.clock.advance(DEADLINE_MS)
    assert.equal(certificate(0, 7n)?.payload, payloadOf(7n))
    assert.equal(run.records(0)[0]?.outcome, 'certified')
  })

  it('never signs another payload for a slot that is tried again', async () => {
    await begun({ down: [2, 3] })
    feeds.begin('main', 7n)
    await run.clock.advance(DEADLINE_MS + 100)
    feeds.value = (_, slot) => slot + 100n
    await run.restart(2)
    await run.restart(3)
    await run.clock.advance(SETTLED_MS)
    feeds.begin('main', 7n)
    await run.clock.advance(DEADLINE_MS + 100)
    assert.equal(certificate(0, 7n), undefined)
    assert.equal(run.records(0)[0]?.reason, 'guard.conflict')
  })

  it('makes certificates of less weight where a strand says so, and nowhere else', async () => {
    await begun({ down: [2, 3], definition: feeds.service([], 3_334) })
    feeds.begin('second', 9n)
    feeds.begin('main', 9n)
    await run.clock.advance(DEADLINE_MS + 100)
    for (const index of [0, 1]) assert.equal(certificate(index, 9n, STRAND)?.payload, payloadOf(10n))
    assert.equal(certificate(0, 9n), undefined)
  })

  it('signs nothing while a chain that it rests on is distrusted, or is not followed', async () => {
    await begun({}, ['base'])
    feeds.begin('second', 8n)
    feeds.begin('main', 8n)
    await run.clock.advance(DEADLINE_MS + 100)
    assert.equal(certificate(0, 8n, STRAND), undefined)
    assert.equal(certificate(0, 8n)?.payload, payloadOf(8n), 'what does not rest on the chain goes on')
    const [record] = run.nodes[0]?.data.journal.list({ service: STRAND, limit: 1 }) ?? []
    assert.equal(record?.reason, 'sign.halted')
  })
})
