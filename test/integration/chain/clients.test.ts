import assert from 'node:assert/strict'
import { parseAbi } from 'viem'
import { createChainReader } from '../../../src/chain/serviceChain.ts'
import { startAnvil } from '../../../src/testnet/anvil.ts'
import { silentLog } from '../../../src/util/log.ts'
import { type AnvilTest, anvilTest, deploy } from '../../support/anvil.ts'
import { errorsAbi, prize } from '../../support/assembly.ts'
import { eventually } from '../../support/eventually.ts'

describe('a chain on anvil', () => {
  let test: AnvilTest | undefined
  afterEach(async () => {
    await test?.close()
    test = undefined
  })

  it('is checked: id, genesis, and two providers that must be of one chain', async () => {
    test = await anvilTest()
    const chain = await test.open()
    await test.open({ genesisHash: chain.genesisHash })
    await assert.rejects(test.open({ id: 1 }), { code: 'chain.wrong-chain' })
    await assert.rejects(test.open({ genesisHash: `0x${'0'.repeat(64)}` }), { code: 'chain.wrong-chain' })
    await assert.rejects(test.open({ singleProvider: false }), { code: 'chain.single-provider' })
    const other = await startAnvil({ genesisTime: 1_600_000_000 })
    try {
      await assert.rejects(test.open({ rpc: [{ url: test.anvil.rpcUrl }, { url: other.rpcUrl }] }), {
        code: 'chain.wrong-chain',
      })
    } finally {
      await other.stop()
    }
  })

  it('is followed: latest, and finalized two blocks behind', async () => {
    test = await anvilTest({ blocks: 1 })
    const chain = await test.open()
    const seen = { latest: [] as bigint[], finalized: [] as bigint[] }
    chain.heads.follow('latest', ({ number }) => seen.latest.push(number))
    chain.heads.follow('finalized', ({ number }) => seen.finalized.push(number))
    await eventually(() => seen.finalized.length >= 2, 'no block became final')
    assert.deepEqual(seen.finalized, [...seen.finalized].sort())
    assert.equal(new Set(seen.latest).size, seen.latest.length)
    const lag = chain.heads.current('latest').number - chain.heads.current('finalized').number
    assert.ok(lag === 2n || lag === 3n, `finalized is ${lag} behind`)
  })

  it('is read: answers, reverts by name, and the absence of a contract', async () => {
    test = await anvilTest()
    const chain = await test.open()
    const sender = test.sender(chain)
    const address = await deploy(sender, prize)
    await sender.send({ what: 'taking the prize', to: address })
    const reader = createChainReader({ chain, log: silentLog })
    const abi = [...parseAbi(['function look() view returns (uint256)']), ...errorsAbi]
    await assert.rejects(reader.read({ address, abi, functionName: 'look', args: [] }), {
      code: 'chain.reverted',
      details: { error: 'AlreadyTaken', args: [], what: `look on ${address}` },
    })
    await assert.rejects(reader.read({ address: sender.address, abi, functionName: 'look', args: [] }), {
      code: 'chain.no-contract',
    })
    await test.anvil.stop()
    await assert.rejects(reader.read({ address, abi, functionName: 'look', args: [] }), { code: 'chain.unavailable' })
  })
})
