import assert from 'node:assert/strict'
import type { AnyService } from '../../src/avs/api.ts'
import { memorySightings } from '../../src/avs/secondSelf/sighting.ts'
import { memoryGuardStore } from '../../src/store/memory.ts'
import type { GuardStore } from '../../src/store/store.ts'
import { Kind } from '../../src/types/statement.ts'
import type { Address } from '../../src/util/hex.ts'
import { median, square } from '../support/services.ts'
import { DOMAIN, directoryOf, SERVICE, startNode, type TestNode } from '../support/simnet.ts'
import { GENESIS, type SimRun, simRun } from '../support/simrun.ts'

const SEED = 11
const numbers = square({ observe: (_, slot) => slot ** 2n })
/** No two observations are alike, so that two instances say different things. */
const noise = () => {
  let calls = 0n
  return median({ observe: (_, slot) => slot * 1_000n + (calls++ % 50n) })
}

describe(`a second self, simulated (seed ${SEED})`, function () {
  this.timeout(60_000)
  let run: SimRun
  let twins: TestNode[] = []
  afterEach(async () => {
    const stopped = twins.map((twin) => twin.runner.stop())
    twins = []
    await run.stop()
    await Promise.all(stopped)
  })

  /** Another instance of the first operator, with a record of its own that is empty, under a peer id that all let in. */
  async function startTwin(definition: AnyService, silentSlots: number) {
    const peers = [...run.peers, 'twin']
    const guard = memoryGuardStore()
    const sightings = memorySightings()
    const transport = run.network.join('twin')
    for (const one of [...run.transports, transport]) one.setPeers(peers.map((id) => ({ id, addresses: [] })))
    const node = await startNode({
      ...{ cast: run.cast, index: 0, definition, config: { genesis: GENESIS }, clock: run.clock, transport },
      directory: directoryOf(run.cast, run.peers),
      ...{ guard, sightings, silentSlots },
    })
    twins.push(node)
    return { node, sightings, signed: (slot: bigint) => hasSigned(guard, slot) }
  }
  /** Whether a record of the first operator knows anything of a slot. */
  function hasSigned(guard: GuardStore, slot: bigint): boolean {
    const operator = run.cast.operators[0] as Address
    return Object.values(Kind).some((kind) => {
      return guard.find({ ...DOMAIN, operator, service: SERVICE, kind, slot, attempt: 0 }) !== undefined
    })
  }
  const sightingsOf = (node: TestNode) => node.sightings as ReturnType<typeof memorySightings>
  const slots = (from: bigint, count: number) => Array.from({ length: count }, (_, i) => from + BigInt(i))

  for (const [name, make] of [
    ['identical', () => numbers],
    ['report', noise],
  ] as const) {
    it(`is seen by the instance that starts, which then never signs (${name} agreement)`, async () => {
      const definition = make()
      run = await simRun({ count: 4, seed: SEED, definition })
      await run.pass(4)
      const twin = await startTwin(definition, 3)
      await run.pass(5)
      const [first] = twin.sightings.all
      assert.ok(first !== undefined)
      assert.equal(first.service, definition.name)
      assert.ok(run.peers.includes(first.peer))
      assert.equal(first.conflicts, false)
      assert.deepEqual(
        slots(0n, 30).filter((slot) => twin.signed(slot)),
        [],
      )
      // the one that runs is not disturbed, nor is anybody else
      assert.deepEqual(sightingsOf(run.nodes[0] as TestNode).all, [])
      for (const { outcome, signers } of run.records(1).slice(-3)) {
        assert.deepEqual([outcome, signers.length], ['certified', 4])
      }
    })
  }

  it('is told at once by those that it begins to listen to, before anything new is signed', async () => {
    const definition = noise()
    run = await simRun({ count: 4, seed: SEED, definition })
    await run.pass(4)
    const last = run.records(1).findLast(({ outcome }) => outcome === 'certified')?.slot
    const twin = await startTwin(definition, 0)
    await run.clock.advance(100)
    const [first] = twin.sightings.all
    assert.deepEqual([first?.form, first?.statement.slot, first?.conflicts], ['certificate', last, false])
    await run.pass(4)
    assert.deepEqual(
      slots(0n, 30).filter((slot) => twin.signed(slot)),
      [],
    )
    assert.deepEqual(sightingsOf(run.nodes[0] as TestNode).all, [])
  })

  it('is seen by one of the two at least when neither listens first, and from then on one signs', async () => {
    const definition = noise()
    run = await simRun({ count: 4, seed: SEED, definition })
    await run.pass(4)
    const twin = await startTwin(definition, 0)
    await run.pass(8)
    const original = run.nodes[0] as TestNode
    const [first] = [...sightingsOf(original).all, ...twin.sightings.all].sort((a, b) => a.at - b.at)
    assert.ok(first !== undefined)
    const last = run.records(1).at(-1)?.slot ?? 0n
    assert.ok(last - first.statement.slot >= 3n)
    const both = (slot: bigint) => hasSigned(run.guards[0] as GuardStore, slot) && twin.signed(slot)
    for (let slot = first.statement.slot + 1n; slot <= last; slot++) assert.ok(!both(slot), `both signed slot ${slot}`)
  })

  it('is not seen where there is none: restarts with the record, lost messages and all attempts', async () => {
    const definition = noise()
    run = await simRun({ count: 4, seed: SEED, definition })
    await run.pass(4)
    for (let restart = 0; restart < 2; restart++) {
      await run.restart(0)
      await run.pass(4)
      run.network.setFaults([{ kind: 'drop', probability: 0.2 }])
      await run.pass(3)
      run.network.setFaults([])
    }
    for (const node of run.nodes) assert.deepEqual(sightingsOf(node).all, [])
    assert.equal(run.records(0).at(-1)?.outcome, 'certified')
  })

  it('silence is for the first slots only, and the node takes part afterwards', async () => {
    run = await simRun({ count: 4, seed: SEED, definition: numbers, silentSlots: 3 })
    await run.pass(9)
    const records = run.records(2)
    assert.deepEqual(
      records.slice(0, 3).map(({ outcome, reason }) => [outcome, reason]),
      Array.from({ length: 3 }, () => ['missed', 'signer.silent']),
    )
    assert.ok(records.length >= 6)
    for (const { outcome } of records.slice(3)) assert.equal(outcome, 'certified')
  })
})
