import assert from 'node:assert/strict'
import { join } from 'node:path'
import { erc20Abi } from 'viem'
import { allocationManagerAbi } from '../../src/chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../src/chain/abi/delegationManager.ts'
import type { Hex } from '../../src/util/hex.ts'
import { DIST, needBundle } from '../support/bundle.ts'
import { type Ended, launch } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { DELAYS, ETHER, type ShortCore, startShortCore, TOKENS } from '../support/shortCore.ts'

/** When a command is killed: with its transaction in the pool, once or again after it has found it; or when that is mined. */
const MOMENTS = ['in the pool', 'twice in the pool', 'just mined'] as const

describe('the whole life of an operator, by commands that are killed between any two transactions', function () {
  this.timeout(300_000)
  let core: ShortCore
  let config: string
  let kills = 0
  let resumed = 0

  const address = () => core.operator.account.address
  const nonce = (blockTag: 'latest' | 'pending') => core.client.getTransactionCount({ address: address(), blockTag })
  const inPool = async () => (await nonce('pending')) > (await nonce('latest'))

  /** Runs a command until it ends by itself; it is killed at every transaction that it sends. */
  async function lived(...args: string[]): Promise<Ended> {
    for (let runs = 0; runs < 40; runs++) {
      const running = launch('operator', ...args, '--config', config, '--yes')
      let over = false
      running.ended.then(() => {
        over = true
      })
      const waits = await inPool()
      if (waits) {
        // what the killed one sent is found again: nothing else is sent beside it
        await eventually(
          () => over || running.text().includes('An earlier run sent'),
          'nothing was found again',
          30_000,
        )
        assert.ok(!over, running.text())
        resumed++
        await core.mine(1)
      }
      const sent = async () => over || (await inPool())
      await eventually(sent, `neither sends nor ends: ${running.text()}`, 60_000)
      if (over && !(await inPool())) return running.ended
      const moment = MOMENTS[kills++ % MOMENTS.length]
      if (moment === 'just mined') await core.mine(1)
      running.child.kill('SIGKILL')
      await running.ended
      if (moment === 'in the pool') await core.mine(1)
    }
    throw new Error(`${args.join(' ')} does not end`)
  }

  async function done(expected: number, ...args: string[]): Promise<string> {
    const before = await nonce('latest')
    const { code, stdout, stderr } = await lived(...args)
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`)
    assert.equal((await nonce('latest')) - before, expected, `${args.join(' ')} sent another number of transactions`)
    return stdout
  }

  async function magnitudes(): Promise<bigint[]> {
    const [first] = core.deployment.strategies
    assert.ok(first !== undefined)
    return Promise.all(
      [core.deployment.services.prices, core.other].map(async (avs) => {
        assert.ok(avs !== undefined)
        const { currentMagnitude } = await core.client.readContract({
          address: core.deployment.core.allocationManager,
          abi: allocationManagerAbi,
          functionName: 'getAllocation',
          args: [address(), { avs, id: 0 }, first.strategy],
        })
        return currentMagnitude / 10n ** 14n
      }),
    )
  }
  const wallet = () =>
    Promise.all(
      core.deployment.strategies.map(({ token }) =>
        core.client.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [address()] }),
      ),
    )

  before(async () => {
    needBundle()
    core = await startShortCore(join(DIST, 'artifacts'))
    config = await core.configure('node.yaml')
    await core.rpc('evm_setAutomine', false)
  })
  after(() => core?.close())

  it('begins: registers and deposits', async () => {
    await done(5, 'register', '--stake', 'oneETH=32', '--stake', 'twoETH=7.5', '--metadata', 'https://o.example/a.json')
    assert.deepEqual(await wallet(), [TOKENS - 32n * 10n ** 18n, TOKENS - 75n * 10n ** 17n])
  })

  it('joins two AVSs and allocates to them', async () => {
    await done(1, 'opt-in', 'prices')
    await done(1, 'opt-in', core.other)
    await done(1, 'allocate', 'prices', '--magnitude', '60%')
    await done(1, 'allocate', core.other, '--strategy', 'oneETH', '--magnitude', 'max')
    assert.deepEqual(await magnitudes(), [6_000n, 4_000n])
  })

  it('takes some back, which counts after the delay', async () => {
    const printed = await done(1, 'deallocate', 'prices', '--strategy', 'oneETH', '--magnitude', '10%')
    assert.match(printed, /has 60 % of the stake in oneETH, and will have 10 %, from block \d+/)
    assert.deepEqual(await magnitudes(), [6_000n, 4_000n])
    await core.mine(DELAYS.deallocation + 1)
    assert.deepEqual(await magnitudes(), [1_000n, 4_000n])
  })

  it('leaves one AVS', async () => {
    assert.match(await done(1, 'opt-out', 'prices'), /later: stop serving prices.*from block/)
  })

  it('exits in two stages, and says between them what remains and when', async () => {
    // leave the other AVS, take all allocations back, queue the stake
    const printed = await done(3, 'exit')
    assert.match(printed, /later: take out 32 oneETH and 7.5 twoETH: run lariat operator exit again, from block/)
    assert.match(await done(0, 'exit'), /Nothing to send/)
    await core.mine(DELAYS.withdrawal + 1)
    await done(1, 'exit')
    await core.mine(DELAYS.deallocation)
    assert.match(await done(0, 'exit'), /The exit is complete.*holds 100 oneETH and 100 twoETH/)
  })

  it('ends with every wei accounted for, and nothing done twice', async () => {
    assert.deepEqual(await wallet(), [TOKENS, TOKENS])
    const { deployment, client } = core
    const strategies = deployment.strategies.map(({ strategy }) => strategy)
    const shares = await client.readContract({
      address: deployment.core.delegationManager,
      abi: delegationManagerAbi,
      functionName: 'getOperatorShares',
      args: [address(), strategies],
    })
    assert.deepEqual(shares, [0n, 0n])
    for (const { token, strategy } of deployment.strategies) {
      const held = await client.readContract({
        address: token,
        abi: erc20Abi,
        functionName: 'balanceOf',
        args: [strategy],
      })
      assert.equal(held, 0n)
    }
    const receipts = await receiptsOf(core)
    assert.equal(receipts.length, 5 + 4 + 1 + 1 + 3 + 1)
    assert.ok(receipts.every(({ status }) => status === 'success'))
    assert.equal(await nonce('pending'), receipts.length)
    const gas = receipts.reduce((sum, { gasUsed, effectiveGasPrice }) => sum + gasUsed * effectiveGasPrice, 0n)
    assert.equal(await client.getBalance({ address: address() }), ETHER - gas)
    // every transaction was the last thing that a process did, or nearly
    assert.ok(kills >= receipts.length - 4, `${kills} kills`)
    assert.ok(resumed >= 4, `${resumed} transactions were found again in the pool`)
  })
})

/** Receipts of all transactions of the operator, from the chain's blocks. */
async function receiptsOf({ client, operator }: ShortCore) {
  const latest = await client.getBlockNumber()
  const hashes: Hex[] = []
  for (let blockNumber = 0n; blockNumber <= latest; blockNumber++) {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true })
    for (const { from, hash } of transactions) {
      if (from.toLowerCase() === operator.account.address.toLowerCase()) hashes.push(hash)
    }
  }
  return Promise.all(hashes.map((hash) => client.getTransactionReceipt({ hash })))
}
