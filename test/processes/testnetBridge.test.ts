import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFunctionData, erc20Abi, parseAbi } from 'viem'
import { localClient } from '../../src/testnet/batch.ts'
import { bridgeWords } from '../../src/testnet/bridgeWatch.ts'
import { startTestnet, type Testnet } from '../../src/testnet/launcher.ts'
import { ACCOUNTS } from '../../src/testnet/network.ts'
import { bridgeFigures } from '../../src/testnet/summary.ts'
import { syntheticSeries } from '../../src/testnet/venues/synthetic.ts'
import type { Hex } from '../../src/util/hex.ts'
import { mailboxAbi } from '../support/bridgeChain.ts'
import { traceOf } from '../support/bridgeTrial.ts'
import { BUNDLE, DIST, needBundle } from '../support/bundle.ts'
import { lariat } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { bridgeMessages, summarySchema } from '../support/history.ts'

/** A transfer, the pause before it, and what a machine that is busy otherwise needs. */
const TRANSFER_MS = 90_000
/** Until a node sees a block that others see. */
const KNOWN_MS = 30_000
const routeAbi = parseAbi([
  'function lockedFor(uint32 domain) view returns (uint256)',
  'function getRate() view returns (uint256)',
])

const lookupAbi = parseAbi(['function getOffchainVerifyInfo(bytes message) view'])

describe('the bridge of a testnet, as processes', function () {
  this.timeout(600_000)
  const ending = new AbortController()
  let parent: string
  let testnet: Testnet

  before(async () => {
    needBundle()
    parent = await mkdtemp(join(tmpdir(), 'lariat-bridge-'))
    testnet = await startTestnet({
      lariat: { file: process.execPath, args: [BUNDLE] },
      artifacts: join(DIST, 'artifacts'),
      operators: 4,
      remoteSigners: 1,
      series: syntheticSeries({ seed: 7 }),
      speed: 10,
      interval: 2,
      bridge: true,
      folder: join(parent, 'net'),
      signal: ending.signal,
    })
  })
  after(async function () {
    ending.abort()
    await testnet?.stop()
    const failed = this.test?.parent?.tests.some(({ state }) => state !== 'passed')
    if (failed) process.stderr.write(`logs of the testnet are in ${parent}\n`)
    else await rm(parent, { recursive: true, force: true })
  })

  const fact = async () => {
    await testnet.bridge?.look()
    return testnet.bridge?.fact()
  }
  /** Until so many messages have left, and all of them have arrived. */
  const carried = async (least: number) => {
    const isDone = async () => {
      const now = await fact()
      return now !== undefined && now.delivered >= least && now.sent === now.delivered
    }
    await eventually(isDone, `not ${least} messages`, TRANSFER_MS).catch((error) =>
      assert.fail(`${error.message}: ${bridgeWords(testnet.bridge?.fact())}`),
    )
  }

  it('carries the LRT to the other chain and back', async () => {
    const { bridge } = summarySchema.parse(JSON.parse(JSON.stringify(testnet.summary)))
    assert.ok(bridge !== null)
    for (const { operator } of testnet.nodes) {
      const config = await readFile(operator.configFile, 'utf8')
      assert.ok(config.includes(bridge.away.rpcUrl) && config.includes('use: bridge'))
    }
    await carried(1)
    const [stake, away] = [localClient(testnet.summary.rpcUrl), localClient(bridge.away.rpcUrl)]
    const { stake: here, away: there } = testnet.summary.bridge ?? assert.fail('there is no bridge')
    const token = { address: there.route, abi: erc20Abi } as const
    const held = await away.readContract({
      ...token,
      functionName: 'balanceOf',
      args: [ACCOUNTS.traveller.address],
    })
    const route = { address: here.route, abi: routeAbi } as const
    const locked = await stake.readContract({ ...route, functionName: 'lockedFor', args: [there.domain] })
    assert.ok(held > 0n && held === locked, `${held} of ${locked}`)
    const rate = await away.readContract({ address: there.route, abi: routeAbi, functionName: 'getRate' })
    assert.ok(rate >= 10n ** 18n)
    await carried(2)
    assert.equal(await away.readContract({ ...token, functionName: 'totalSupply' }), 0n)
    assert.equal(await stake.readContract({ ...route, functionName: 'lockedFor', args: [there.domain] }), 0n)
    const messages = bridgeMessages.parse(JSON.parse(JSON.stringify(bridgeFigures(await fact()))))
    assert.equal(messages.last?.to, 'stake')
  })

  it('has gateways where whoever knows EIP-3668 gets what a module believes', async () => {
    const { stake, away } = testnet.summary.bridge ?? assert.fail('there is no bridge')
    const here = localClient(testnet.summary.rpcUrl)
    const events = { address: stake.mailbox, abi: mailboxAbi, eventName: 'Dispatch', strict: true } as const
    const [dispatched] = await here.getContractEvents({ ...events, fromBlock: BigInt(stake.from) })
    assert.ok(dispatched !== undefined)
    const data = encodeFunctionData({ abi: lookupAbi, args: [dispatched.args.message] })
    // viem follows the lookup, and calls the module with what it got
    const answer = await localClient(away.rpcUrl).call({ to: away.ism, data })
    assert.equal(BigInt(answer.data ?? 0), 1n)
  })

  it('tells what happened to a message', async () => {
    const id = testnet.bridge?.fact()?.last?.id ?? assert.fail('nothing has arrived')
    const api = testnet.nodes[1]?.operator.api ?? ''
    // the launcher may have seen the block of the delivery before this node
    const isKnown = async () => (await traceOf(api, id as Hex)).arrival.state === 'delivered'
    await eventually(isKnown, 'the node does not see the delivery', KNOWN_MS)
    const { stdout, code } = await lariat('bridge', 'trace', id, '--url', api)
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`message +${id}`))
    assert.match(stdout, /delivered/)
  })

  it('goes on with one operator killed', async () => {
    const [first] = testnet.nodes
    const before = (await fact())?.delivered ?? 0
    await first?.kill('SIGKILL')
    await carried(before + 2)
    await first?.restart()
  })

  it('had no other problems', () => {
    assert.deepEqual(testnet.problems, [])
  })
})
