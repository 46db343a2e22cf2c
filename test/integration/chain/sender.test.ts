import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { openIntentStore } from '../../../src/store/sqlite/transactions.ts'
import { startAnvil } from '../../../src/testnet/anvil.ts'
import { type AnvilTest, anvilAccount, anvilTest, deploy } from '../../support/anvil.ts'
import { errorsAbi, gate, gateCall, keepCall, keeper, loop, prize } from '../../support/assembly.ts'
import { eventually } from '../../support/eventually.ts'

describe('transactions on anvil', () => {
  let test: AnvilTest | undefined
  const begin = async (...options: Parameters<typeof anvilTest>) => {
    test = await anvilTest(...options)
    return test
  }
  afterEach(async () => {
    await test?.close()
    test = undefined
  })
  const inPool = (t: AnvilTest) => async () => ((await t.rpc('txpool_status')) as { pending: string }).pending !== '0x0'

  it('land one after another, whoever sends how many at once', async () => {
    const t = await begin()
    const sender = t.sender(await t.open())
    const receipts = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        sender.send({ what: `transfer ${i}`, to: anvilAccount(1).address, value: 1n }),
      ),
    )
    assert.deepEqual(
      receipts.map(({ blockNumber }) => blockNumber),
      Array.from({ length: 20 }, (_, i) => BigInt(i + 1)),
    )
  })

  it('survive that another program sends from the same account', async () => {
    const t = await begin()
    const sender = t.sender(await t.open())
    const { address } = anvilAccount(0)
    for (let i = 0; i < 3; i++) {
      await sender.send({ what: 'ours', to: address })
      await t.rpc('eth_sendTransaction', [{ from: address, to: address }])
      await t.rpc('eth_sendTransaction', [{ from: address, to: address }])
    }
    assert.equal(await t.rpc('eth_getTransactionCount', [address, 'latest']), '0x9')
  })

  it('that are stuck are replaced at higher fees, by one that is mined', async () => {
    const t = await begin({ blocks: 'manual' })
    const metrics = createMetrics()
    const chain = await t.open({ metrics })
    const sender = t.sender(chain, { bumpAfterMs: 300 })
    const sent = sender.send({ what: 'a slow one', to: anvilAccount(1).address, value: 7n })
    const pool = async () => {
      const { pending } = (await t.rpc('txpool_content')) as {
        pending: Record<string, Record<string, { hash: string; maxFeePerGas: string }>>
      }
      return Object.values(pending).flatMap((byNonce) => Object.values(byNonce))
    }
    await eventually(async () => (await pool()).length === 1, 'nothing was sent')
    const [first] = await pool()
    await eventually(async () => (await pool())[0]?.hash !== first?.hash, 'nothing was replaced')
    const [second, ...more] = await pool()
    assert.equal(more.length, 0)
    assert.ok(BigInt(second?.maxFeePerGas ?? 0) * 10n >= BigInt(first?.maxFeePerGas ?? 0) * 11n)
    await t.rpc('evm_mine')
    const receipt = await sent
    assert.equal(receipt.status, 'success')
    assert.notEqual(receipt.hash, first?.hash)
    assert.match((await metrics.expose()).body, /lariat_transaction_replacements_total\{chain="stake"\} [1-9]/)
    assert.equal(await t.rpc('eth_getTransactionCount', [sender.address, 'latest']), '0x1')
  })

  for (const how of ['are sent again', 'are found in another block'] as const) {
    it(`that a reorg undoes ${how}, once, and that is what is told`, async () => {
      const t = await begin()
      const folder = await mkdtemp(join(tmpdir(), 'lariat-undone-'))
      const metrics = createMetrics()
      const chain = await t.open({ metrics })
      const account = anvilAccount(0)
      const journal = openIntentStore(join(folder, 'transactions.sqlite'), {
        genesisHash: chain.genesisHash,
        account: account.address,
      })
      try {
        const plain = t.sender(chain, { index: 1 })
        const contract = await deploy(plain, keeper)
        await t.rpc('anvil_mine', ['0x3'])
        const sender = t.sender(chain, { journal })
        const intent = { id: 'service/7/0' }
        const request = { what: 'a slot', to: contract, data: keepCall(7n), intent }
        const first = await sender.send(request)
        const [open] = journal.open()
        assert.deepEqual([open?.state, open?.landing?.blockNumber], ['mined', first.blockNumber])
        // its block and an empty one before it go; in the other chain it is in the first of the two, or in none
        await t.rpc('anvil_mine', ['0x1'])
        await t.rpc('anvil_reorg', [2, how === 'are sent again' ? [] : [[open?.raw, 1]]])
        const moved = first.blockNumber + 1n
        const undone = async () =>
          /lariat_transactions_undone_total\{chain="stake"\} 1/.test((await metrics.expose()).body)
        if (how === 'are sent again') {
          await t.rpc('anvil_mine', ['0x1'])
          await eventually(undone, 'it is not noticed')
          await eventually(async () => (await sender.send(request)).blockNumber > moved, 'it does not land again')
        }
        await t.rpc('anvil_mine', ['0x4'])
        await eventually(() => journal.open().length === 0, 'it does not become final')
        const last = await sender.send(request)
        assert.equal(last.hash, first.hash, 'the same transaction')
        const receipt = (await t.rpc('eth_getTransactionReceipt', [first.hash])) as { blockNumber: string }
        assert.equal(last.blockNumber, BigInt(receipt.blockNumber))
        assert.notEqual(last.blockNumber, first.blockNumber)
        assert.equal(await undone(), how === 'are sent again')
        const logs = await t.rpc('eth_getLogs', [{ address: contract, fromBlock: '0x0' }])
        assert.equal((logs as unknown[]).length, 1, 'done once')
        assert.equal(await t.rpc('eth_getTransactionCount', [account.address, 'latest']), '0x1')
        await sender.close()
      } finally {
        journal.close()
        await rm(folder, { recursive: true })
      }
    })
  }

  it('that would revert are not sent, and the error has its name', async () => {
    const t = await begin()
    const sender = t.sender(await t.open())
    const to = await deploy(sender, prize)
    const take = () => sender.send({ what: 'taking the prize', to, abi: errorsAbi })
    assert.equal((await take()).status, 'success')
    await assert.rejects(take(), {
      code: 'chain.reverted',
      details: { error: 'AlreadyTaken', args: [], what: 'taking the prize' },
    })
    assert.equal(await t.rpc('eth_getTransactionCount', [sender.address, 'latest']), '0x2')
  })

  it('that revert in their block, because another was faster, have the error too', async () => {
    const t = await begin({ blocks: 'manual' })
    const chain = await t.open()
    const [one, two] = [t.sender(chain), t.sender(chain, { index: 1 })]
    const deployed = deploy(one, prize)
    await eventually(inPool(t), 'nothing was sent')
    await t.rpc('evm_mine')
    const to = await deployed
    const takes = [one, two].map((sender) => sender.send({ what: 'taking the prize', to, abi: errorsAbi }))
    await eventually(
      async () => ((await t.rpc('txpool_status')) as { pending: string }).pending === '0x2',
      'not both were sent',
    )
    await t.rpc('evm_mine')
    const [fulfilled, rejected, ...more] = (await Promise.allSettled(takes)).sort((a, b) =>
      a.status.localeCompare(b.status),
    )
    assert.equal(more.length, 0)
    assert.equal(fulfilled?.status, 'fulfilled')
    assert.ok(rejected?.status === 'rejected')
    assert.equal(rejected.reason.code, 'chain.reverted')
    assert.equal(rejected.reason.details.error, 'AlreadyTaken')
    assert.equal(rejected.reason.details.blockNumber, 2n)
  })

  it('that are valid from this second on pass, although the latest block is older', async () => {
    const t = await begin({ blocks: 'manual' })
    const chain = await t.open()
    const sender = t.sender(chain)
    const deployed = deploy(sender, gate)
    await eventually(inPool(t), 'nothing was sent')
    await t.rpc('evm_mine')
    const to = await deployed
    await eventually(
      () => Date.now() / 1_000 > Number(chain.heads.current('latest').timestamp) + 2,
      'time stands still',
    )
    const second = Math.floor(Date.now() / 1_000)
    assert.ok(second > Number(chain.heads.current('latest').timestamp))
    const passing = sender.send({ what: 'passing the gate', to, data: gateCall(second), abi: errorsAbi })
    await eventually(inPool(t), 'nothing was sent')
    await t.rpc('evm_mine')
    assert.equal((await passing).status, 'success')
    await assert.rejects(sender.send({ what: 'too early', to, data: gateCall(second + 1_000), abi: errorsAbi }), {
      code: 'chain.reverted',
      details: { error: 'NotYet', args: [], what: 'too early' },
    })
  })

  it('that need too much gas, or money that is not there, are refused', async () => {
    const t = await begin()
    const sender = t.sender(await t.open())
    const to = await deploy(sender, loop)
    await assert.rejects(sender.send({ what: 'looping', to }), { code: 'chain.too-much-gas' })
    await t.rpc('anvil_setBalance', [sender.address, '0x1'])
    await assert.rejects(sender.send({ what: 'a transfer', to: sender.address, gas: 21_000n }), {
      code: 'chain.no-funds',
    })
    await assert.rejects(sender.send({ what: 'a transfer', to: sender.address, value: 10n ** 18n }), {
      code: 'chain.no-funds',
    })
    await t.rpc('anvil_setBalance', [sender.address, '0xde0b6b3a7640000'])
    assert.equal((await sender.send({ what: 'a transfer', to: sender.address })).status, 'success')
  })

  it('land after the node was gone for a while, and had forgotten them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lariat-'))
    const stateFile = join(folder, 'state.json')
    const t = await begin({ blocks: 'manual', stateFile })
    try {
      const chain = await t.open()
      const sender = t.sender(chain, { bumpAfterMs: 500 })
      const sent = sender.send({ what: 'a persistent one', to: anvilAccount(1).address, value: 1n })
      await eventually(inPool(t), 'nothing was sent')
      await t.anvil.stop()
      const again = await startAnvil({ stateFile, port: Number(new URL(t.anvil.rpcUrl).port) })
      try {
        assert.equal((await sent).status, 'success')
        assert.equal(await t.rpc('eth_getTransactionCount', [sender.address, 'latest']), '0x1')
      } finally {
        await again.stop()
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
