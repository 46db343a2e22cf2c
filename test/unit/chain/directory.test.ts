import assert from 'node:assert/strict'
import { openDirectory } from '../../../src/chain/directory.ts'
import { createMemoryEpochs } from '../../../src/chain/memoryEpochs.ts'
import { peerIdToText } from '../../../src/chain/peerId.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { FakeServiceManager, operator, SERVICE_MANAGER } from '../../support/fakeServiceManager.ts'

/** A multihash of a key that nobody has. */
const peerBytes = (i: number): Hex => `0x1220${i.toString(16).padStart(64, '0')}`
const peer = (i: number): string => peerIdToText(Buffer.from(peerBytes(i).slice(2), 'hex'))

async function opening(count: number) {
  const clock = new SimClock()
  const manager = new FakeServiceManager(clock)
  const join = (who: Address, i: number, addresses: string[] = []) => {
    manager.operators.push(who)
    manager.setPeer(who, peerBytes(i), addresses)
    manager.chain.emit(SERVICE_MANAGER, 'OperatorJoined', { operator: who })
  }
  for (let i = 0; i < count; i++) join(operator(i), i, [`/ip4/127.0.0.1/tcp/${4_000 + i}`])
  // the joins are final: they are read, and not heard of again
  for (let block = 0; block < 4; block++) manager.chain.mine()
  const epochs = createMemoryEpochs()
  const directory = await openDirectory({
    chain: manager.chain.as(operator(0)),
    serviceManager: SERVICE_MANAGER,
    epochs,
    clock,
    log: silentLog,
    metrics: createMetrics(),
  })
  let changes = 0
  directory.onChange(() => changes++)
  const mine = async () => {
    manager.chain.mine()
    await clock.advance(0)
  }
  return { clock, manager, epochs, directory, join, mine, changes: () => changes }
}

describe('the directory of operators', () => {
  it('has every operator, by pages', async () => {
    const { directory, manager } = await opening(201)
    assert.equal(directory.list().length, 201)
    assert.deepEqual(directory.list()[200], {
      operator: operator(200),
      peerId: peer(200),
      addresses: ['/ip4/127.0.0.1/tcp/4200'],
    })
    assert.equal(directory.peerOf(operator(7)), peer(7))
    assert.equal(directory.operatorOf(peer(7)), operator(7))
    assert.equal(directory.operatorOf('nobody'), undefined)
    assert.equal(manager.count('operatorsPage'), 2)
    directory.close()
  })

  it('follows who joins, moves and leaves', async () => {
    const { directory, manager, join, mine, changes } = await opening(2)
    join(operator(9), 9)
    await mine()
    assert.equal(directory.peerOf(operator(9)), peer(9))
    manager.setPeer(operator(0), peerBytes(50), ['/dns4/a.example/tcp/1'])
    await mine()
    assert.equal(directory.peerOf(operator(0)), peer(50))
    assert.equal(directory.operatorOf(peer(0)), undefined)
    manager.operators.splice(1, 1)
    manager.chain.emit(SERVICE_MANAGER, 'OperatorLeft', { operator: operator(1) })
    await mine()
    assert.equal(directory.peerOf(operator(1)), undefined)
    assert.equal(changes(), 3)
    directory.close()
  })

  it('makes few reads of a hundred events', async () => {
    const { directory, manager, join, mine } = await opening(2)
    const before = manager.count('operatorsPage')
    for (let i = 10; i < 60; i++) join(operator(i), i)
    await mine()
    assert.equal(directory.list().length, 52)
    assert.ok(manager.count('operatorsPage') - before <= 10, `${manager.count('operatorsPage') - before}`)
    directory.close()
  })

  it('keeps operators that left while an epoch counts them', async () => {
    const { directory, manager, epochs, mine, clock } = await opening(2)
    const members = [0, 1].map((i) => ({ index: i, operator: operator(i), publicKey: new Uint8Array(96), weight: 1n }))
    const table = { number: 1n, activatesAt: 0, endsAt: undefined, validUntil: 1e12, quorumBps: 6_667 }
    epochs.set([{ ...table, members, totalWeight: 2n, revoked: new Set(), revokedNow: new Set() }])
    manager.operators.splice(1, 1)
    manager.chain.emit(SERVICE_MANAGER, 'OperatorLeft', { operator: operator(1) })
    await mine()
    assert.equal(directory.peerOf(operator(1)), peer(1))
    epochs.set([])
    await clock.advance(0)
    assert.equal(directory.peerOf(operator(1)), undefined)
    directory.close()
  })

  it('keeps operators that the service names, whoever still counts them, until it does not', async () => {
    const { directory, manager, epochs, mine, clock, changes } = await opening(3)
    const settled = () => clock.advance(0)
    const leave = async (i: number) => {
      manager.operators.splice(manager.operators.indexOf(operator(i)), 1)
      manager.chain.emit(SERVICE_MANAGER, 'OperatorLeft', { operator: operator(i) })
      await mine()
    }
    // one before it leaves, one that left long ago: the node has just started
    await leave(2)
    assert.equal(directory.peerOf(operator(2)), undefined)
    directory.keep([operator(1), operator(2)])
    await settled()
    await leave(1)
    epochs.set([])
    await settled()
    assert.deepEqual(
      [0, 1, 2].map((i) => directory.peerOf(operator(i))),
      [0, 1, 2].map(peer),
    )
    assert.equal(directory.operatorOf(peer(2)), operator(2))
    assert.deepEqual(directory.list()[1], {
      operator: operator(1),
      peerId: peer(1),
      addresses: ['/ip4/127.0.0.1/tcp/4001'],
    })
    // where one of them can be reached changes
    manager.setPeer(operator(1), peerBytes(60))
    await mine()
    assert.equal(directory.peerOf(operator(1)), peer(60))
    const [before, reads] = [changes(), manager.count('operatorsPage')]
    directory.keep([operator(2), operator(1)])
    await settled()
    assert.equal(manager.count('operatorsPage'), reads, 'the same names are no reason to read')
    directory.keep([operator(2)])
    await settled()
    assert.deepEqual(
      directory.list().map((one) => one.operator),
      [operator(0), operator(2)],
    )
    assert.equal(changes(), before + 1)
    directory.close()
  })

  it('leaves a peer id to the operator that had it first', async () => {
    const { directory, join, mine } = await opening(1)
    join(operator(5), 0)
    await mine()
    assert.equal(directory.operatorOf(peer(0)), operator(0))
    assert.equal(directory.peerOf(operator(5)), peer(0))
    directory.close()
  })

  it('leaves out what is no peer id', async () => {
    const { directory, manager, mine } = await opening(1)
    manager.operators.push(operator(3))
    manager.setPeer(operator(3), '0x1234')
    await mine()
    assert.equal(directory.peerOf(operator(3)), undefined)
    assert.equal(directory.list().length, 1)
    directory.close()
  })
})
