import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPublicClient, decodeAbiParameters, erc20Abi, formatEther, type Hex, http, parseAbi } from 'viem'
import { decodeG1 } from '../../src/bls/eip2537.ts'
import { publicKeyToBytes } from '../../src/bls/keys.ts'
import { lrtVaultAbi } from '../../src/chain/abi/lrtVault.ts'
import { rewardsCoordinatorAbi } from '../../src/chain/abi/rewardsCoordinator.ts'
import { serviceManagerAbi } from '../../src/chain/abi/serviceManager.ts'
import { parseDistribution } from '../../src/chain/rewards/distribution.ts'
import { createSuccessor } from '../../src/node/keys/create.ts'
import { startTestnet, type Testnet } from '../../src/testnet/launcher.ts'
import type { TestnetNode } from '../../src/testnet/nodes.ts'
import { syntheticSeries } from '../../src/testnet/venues/synthetic.ts'
import { type Address, bytesToHex, hexToBytes } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import { BUNDLE, DIST, needBundle } from '../support/bundle.ts'
import { lariat } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { checkHistory, reportSchema } from '../support/history.ts'
import { checksOf, metricOf, signedBy as signedByApi, sum } from '../support/nodePages.ts'
import { alive, processesOf } from '../support/processes.ts'
import { scriptedPrompt } from '../support/prompt.ts'
import { StakeWalk } from '../support/stakeWalk.ts'

const INTERVAL_MS = 2_000
/** What a network may miss when one of four is killed: rounds that it led and that were under way. */
const RECOVERY_MS = 5_000
/** A restarted node takes part again within this. */
const REJOIN_MS = 10_000
/** Part of its stake that the first operator loses, of 1e18. */
const SLASH = 10n ** 17n
const STAKED = 10n * 10n ** 18n
/** Of the series. */
const SERIES_FEEDS = ['BTC/USD', 'USDC/USD', 'USDT/USD']
const FEEDS = ['BTC/USD', 'CBETH/ETH', 'LRTETH/ETH', 'RETH/ETH', 'STETH/ETH', 'USDC/USD', 'USDT/USD']

/** `risk` of `/v1/status`, as far as it is looked at; amounts in wei of ETH. */
interface RiskBody {
  readonly failures: readonly unknown[]
  readonly operator: {
    readonly stake: string
    readonly loss: string
    readonly unvalued: readonly string[]
    readonly redistributing: readonly unknown[]
    readonly complete: boolean
  } | null
  readonly services: readonly {
    readonly name: string
    readonly shares: readonly unknown[]
    readonly toStop: number | null
    readonly slashable: string | null
    readonly complete: boolean
  }[]
  readonly lrt: {
    readonly backing: number | null
    readonly unreserved: string
    readonly redistributable: readonly string[]
    readonly market: { readonly state: string }
    readonly lsts: readonly { readonly state: string }[]
  } | null
}
/** Without zeros at the end, as viem writes it. */
const trimmed = (decimal: string) => decimal.replace(/\.?0+$/, '')

describe('a testnet of four operators', function () {
  this.timeout(180_000)
  const series = syntheticSeries({ seed: 7 })
  let parent: string
  let testnet: Testnet
  let killedAt = 0
  let restartedAt = 0
  let unsignedAt = 0
  let leaving: ReturnType<StakeWalk['run']>
  /** Whose key was replaced, when, and how it stood then. */
  const rotated: {
    readonly of: TestnetNode
    readonly at: number
    readonly signed: number
    readonly refused: number
    readonly key: Hex
  }[] = []

  const node = (i: number): TestnetNode => {
    const found = testnet.nodes[i]
    assert.ok(found !== undefined)
    return found
  }
  const metric = (of: TestnetNode, name: string) => metricOf(of.operator.api, name)
  const certifiedSince = (ms: number) =>
    [...testnet.collector.facts().rounds.values()].filter(({ triggeredAt }) => triggeredAt >= ms)
  const certifiedBy = ({ operator }: TestnetNode, ms: number) =>
    certifiedSince(ms).filter(({ signers }) => signers.includes(operator.account.address.toLowerCase()))
  /** Slots that the operator missed because of its keys. */
  const refused = async (of: TestnetNode) =>
    sum(
      new Map(
        [...(await metric(of, 'lariat_slots_missed_total'))].filter(([labels]) =>
          /reason="(sign|signer|guard)\./.test(labels),
        ),
      ),
    )
  const signedBy = ({ operator }: TestnetNode) => signedByApi(operator.api)
  const health = ({ operator }: TestnetNode) => checksOf(operator.api)
  /** What the AVS node specification has as the node's health: an HTTP status. */
  const nodeHealth = async ({ operator }: TestnetNode) => (await fetch(`${operator.api}/eigen/node/health`)).status

  before(async () => {
    needBundle()
    parent = await mkdtemp(join(tmpdir(), 'lariat-e2e-'))
    testnet = await startTestnet({
      lariat: { file: process.execPath, args: [BUNDLE] },
      artifacts: join(DIST, 'artifacts'),
      operators: 4,
      remoteSigners: 1,
      series,
      speed: 10,
      interval: INTERVAL_MS / 1_000,
      slash: SLASH,
      folder: join(parent, 'net'),
      signal: new AbortController().signal,
    })
  })
  after(async function () {
    await testnet?.stop()
    const failed = this.test?.parent?.tests.some(({ state }) => state === 'failed')
    if (failed) process.stderr.write(`logs of the testnet are in ${parent}\n`)
    else await rm(parent, { recursive: true, force: true })
  })

  it('weighs every operator under a third, and each differently', async () => {
    await testnet.collector.poll()
    const weights = testnet.collector.facts().operators.map(({ weight }) => weight)
    assert.equal(weights.length, 4)
    const total = weights.reduce((a, b) => a + b, 0n)
    for (const weight of weights) assert.ok(weight * 3n < total)
    assert.equal(new Set(weights).size, 4)
    const { lrt } = testnet.summary
    assert.ok(lrt !== null)
    assert.deepEqual(
      lrt.operators.map(({ targetBps }) => targetBps),
      [3_000, 2_666, 2_333, 2_001],
    )
    for (const { delegated, value, share } of lrt.operators) {
      assert.ok(delegated && Number(value) > 20 && share < 1 / 3)
    }
  })

  it('slashed one operator, and the LRT’s rate fell in that block by exactly what the formula says', async () => {
    const { slash, lrt } = testnet.summary
    assert.ok(slash !== null && lrt !== null)
    assert.equal(slash.operator, node(0).operator.account.address)
    assert.equal(BigInt(slash.wad), SLASH)
    assert.equal(slash.rateAfter, slash.expected)
    const client = createPublicClient({ transport: http(testnet.summary.rpcUrl) })
    const abi = parseAbi(['function getRate() view returns (uint256)'])
    const rateAt = (block: number) =>
      client.readContract({ address: lrt.vault, abi, functionName: 'getRate', blockNumber: BigInt(block) })
    const [before, after] = await Promise.all([rateAt(slash.block - 1), rateAt(slash.block)])
    assert.equal(formatEther(before), trimmed(slash.rateBefore))
    assert.equal(formatEther(after), trimmed(slash.rateAfter))
    // reckoned otherwise: the operator's part of the stake, times what it lost; gains that have not vested are a ten-thousandth of it
    const lens = parseAbi(['function stakeByOperator(address) view returns (address[], uint256[])'])
    const [, values] = await client.readContract({
      address: lrt.lens ?? lrt.vault,
      abi: lens,
      functionName: 'stakeByOperator',
      args: [lrt.vault],
      blockNumber: BigInt(slash.block - 1),
    })
    const all = values.reduce((a, b) => a + b, 0n)
    const fall = ((values[0] ?? 0n) * SLASH) / all
    const fell = BigInt(Math.round(Number(slash.rateUnslashed) * 1e18)) - after
    assert.ok(Math.abs(Number(fell) / Number(fall) - 1) < 1e-3, `it fell by ${fell}, not by about ${fall}`)
  })

  it('certifies what the operator with a remote signer signed; then its signer is killed', async () => {
    await eventually(() => certifiedBy(node(3), 0).length > 0, 'it is in no certificate', REJOIN_MS)
    const requests = await metric(node(3), 'lariat_remote_signer_requests_total')
    assert.ok((requests.get('{outcome="signed"}') ?? 0) > 0)
    await node(3).signer?.kill('SIGKILL')
    unsignedAt = Date.now()
  })

  it('lets a newcomer set out from ether, killed and resumed without doing a step twice', async () => {
    const { staker, lrt, rpcUrl } = testnet.summary
    const walk = new StakeWalk(staker.config)
    const deposit = ['deposit', '10', '--lst', 'rETH', '--yes']
    await walk.killWhenItSends(/^stake/, ...deposit)
    assert.match(await walk.must(...deposit), /An earlier run/)
    const client = createPublicClient({ transport: http(rpcUrl) })
    const deposits = await client.getContractEvents({
      address: lrt?.lsts.find(({ symbol }) => symbol === 'rETH')?.pool ?? staker.address,
      abi: parseAbi(['event Deposited(address indexed account, uint256 eth, uint256 units)']),
      eventName: 'Deposited',
      args: { account: staker.address },
      fromBlock: 0n,
      strict: true,
    })
    assert.deepEqual(
      deposits.map(({ args }) => args.eth),
      [STAKED],
    )

    // killed between its two transactions, and again after the second
    const nonce = () => client.getTransactionCount({ address: staker.address, blockTag: 'pending' })
    const before = await nonce()
    const restake = ['restake', 'all', '--lst', 'rETH', '--yes']
    await walk.killWhenItSends(/^allow the LRT to take/, ...restake)
    assert.ok((await nonce()) <= before + 1)
    await walk.killWhenItSends(/^restake/, ...restake)
    assert.match(
      await walk.must(...restake),
      /An earlier run of this command was cut short after it had done everything/,
    )
    assert.equal(await nonce(), before + 2)
    const restaked = await walk.show()
    assert.ok(restaked.shares > STAKED && restaked.lstValue === 0n, 'the rate is below one after the slash')
    await walk.must('request-withdrawal', 'all', '--yes')
    assert.ok((await walk.show()).pending === restaked.shares)
    // the network's other tests go on meanwhile
    leaving = walk.run('claim', '--wait', '3m', '--yes')
    leaving.catch(() => {})
  })

  it('goes on without the killed signer’s operator, which signs nothing and says why', async () => {
    let problem: string | undefined
    await eventually(async () => {
      problem = (await health(node(3))).find(({ name, ok }) => name === 'signer' && !ok)?.problem
      return problem !== undefined
    }, 'the node does not say that its signer is gone')
    assert.match(problem ?? '', /the remote signer at https:\S+ is not there \(connection refused\)/)
    assert.equal(await nodeHealth(node(3)), 503)
    const [since, signed] = [unsignedAt + INTERVAL_MS, await signedBy(node(3))]
    await eventually(() => certifiedSince(since).length >= 3, 'no three rounds were certified meanwhile')
    assert.deepEqual(certifiedBy(node(3), since), [])
    assert.equal(await signedBy(node(3)), signed)
    const requests = await metric(node(3), 'lariat_remote_signer_requests_total')
    assert.ok((requests.get('{outcome="unavailable"}') ?? 0) > 0)
    await node(3).signer?.restart()
  })

  async function rotate(of: TestnetNode, keystore: string): Promise<void> {
    const { configFile, account } = of.operator
    // made before, so that its keystore is as cheap to open as the others of a testnet
    const { prompt } = scriptedPrompt([], { interactive: false })
    await createSuccessor(keystore, {}, { log: silentLog, prompt, strength: 'devnet' })
    const ended = await lariat('keys', 'rotate', '--config', configFile, '--yes')
    assert.equal(ended.code, 0, ended.stderr)
    assert.match(ended.stdout, /replace the BLS key with prices, 0x\w+…\w+, by 0x\w+…\w+/)
    const key = await registeredKey(testnet, account.address)
    rotated.push({ of, at: Date.now(), signed: await signedBy(of), refused: await refused(of), key })
    const { keys } = await tabledKeys(testnet, account.address)
    assert.ok(!keys.includes(key), 'the tables that there are keep the old key')
  }

  it('lets an operator replace its BLS key', async () => {
    await rotate(node(1), join(node(1).operator.folder, 'keys', 'bls.json'))
  })

  it('answers like a Chainlink feed, by ABI and by raw selectors', async () => {
    const client = createPublicClient({ transport: http(testnet.summary.rpcUrl) })
    const abi = parseAbi([
      'function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)',
      'function decimals() view returns (uint8)',
      'function description() view returns (string)',
    ])
    for (const name of FEEDS) {
      const address = testnet.summary.addresses.feeds[name]
      assert.ok(address !== undefined, `no feed ${name}`)
      const contract = { address, abi } as const
      assert.equal(await client.readContract({ ...contract, functionName: 'description' }), name)
      const blockNumber = await client.getBlockNumber()
      const [roundId, answer, startedAt, updatedAt, answeredInRound] = await client.readContract({
        ...contract,
        functionName: 'latestRoundData',
        blockNumber,
      })
      assert.ok(roundId > 0n && answer > 0n && startedAt > 0n && updatedAt > 0n)
      assert.equal(answeredInRound, roundId)
      const raw = async (data: Hex): Promise<Hex> =>
        (await client.call({ to: address, data, blockNumber })).data ?? '0x'
      assert.equal(BigInt(await raw('0x313ce567')), SERIES_FEEDS.includes(name) ? 8n : 18n)
      assert.deepEqual(
        decodeAbiParameters(
          [{ type: 'uint80' }, { type: 'int256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'uint80' }],
          await raw('0xfeaf968c'),
        ),
        [roundId, answer, startedAt, updatedAt, answeredInRound],
      )
    }
  })

  it('serves the latest certified round with its proof on every node', async () => {
    for (const { operator } of testnet.nodes) {
      const response = await fetch(`${operator.api}/v1/prices`)
      assert.equal(response.status, 200)
      const { prices } = (await response.json()) as { prices: { feed: string; proof: string[] }[] }
      assert.deepEqual(prices.map(({ feed }) => feed).sort(), FEEDS)
      for (const { proof } of prices) assert.ok(proof.length > 0)
    }
  })

  it('has the operator back when its signer is', async () => {
    const restarted = Date.now()
    const whole = async () => (await health(node(3))).every(({ name, ok }) => name !== 'signer' || ok)
    await eventually(whole, 'the node does not find its signer again')
    await eventually(() => certifiedBy(node(3), restarted).length > 0, 'it is in no certificate again')
  })

  it('lets an operator replace a BLS key that its remote signer holds, beside which the new one is put', async () => {
    await rotate(node(3), join(node(3).operator.folder, 'signer', 'bls.json'))
  })

  it('goes on when one of four is killed: no round is missed after the first five seconds', async () => {
    await node(0).kill('SIGKILL')
    killedAt = Date.now()
    await assert.rejects(fetch(`${node(0).operator.api}/healthz`))
    await eventually(
      () => certifiedSince(killedAt + RECOVERY_MS).length >= 6,
      'no six rounds were certified without the killed operator',
      40_000,
    )
    await testnet.collector.poll()
    const { operators } = testnet.collector.facts()
    assert.deepEqual(
      operators.filter(({ up }) => !up).map(({ address }) => address),
      [node(0).operator.account.address],
    )
  })

  it('takes the restarted operator back within ten seconds', async () => {
    restartedAt = Date.now()
    await node(0).restart()
    const signed = async () => {
      try {
        return (await metric(node(0), 'lariat_guard_signatures_total')).get('{kind="certify"}') ?? 0
      } catch {
        return 0 // it does not listen yet
      }
    }
    await eventually(async () => (await signed()) > 0, 'the restarted operator certified nothing', REJOIN_MS)
    const own = node(0).operator.account.address.toLowerCase()
    await eventually(
      () => certifiedSince(restartedAt).some(({ signers }) => signers.includes(own)),
      'the restarted operator is in no certificate',
      REJOIN_MS - (Date.now() - restartedAt),
    )
    await eventually(
      async () => (await fetch(`${node(0).operator.api}/healthz`)).status === 200,
      'the restarted operator is not healthy',
    )
    assert.equal(await nodeHealth(node(0)), 200)
  })

  it('pays its operators and their stakers, who see and could claim it by the root on chain', async () => {
    const { rewards, rpcUrl, addresses, lrt } = testnet.summary
    assert.ok(rewards !== null && lrt !== null && addresses.rewardsCoordinator !== undefined)
    const client = createPublicClient({ transport: http(rpcUrl) })
    const coordinator = { address: addresses.rewardsCoordinator, abi: rewardsCoordinatorAbi } as const
    const accounts = await client.readContract({ address: lrt.vault, abi: lrtVaultAbi, functionName: 'operators' })
    const stakers = accounts.flatMap(({ operator, account }) => [operator, account])

    // everybody is in the newest distribution, and it gives out what was paid, but for roundings
    let undivided = -1n
    await eventually(
      async () => {
        const [{ root }, paid] = await Promise.all([
          client.readContract({ ...coordinator, functionName: 'getCurrentClaimableDistributionRoot' }),
          client.readContract({
            ...{ address: rewards.token, abi: erc20Abi },
            functionName: 'balanceOf',
            args: [coordinator.address],
          }),
        ])
        if (BigInt(root) === 0n) return false
        const file = rewards.source.replace('{root}', root)
        const distribution = await parseDistribution(await readFile(file, 'utf8'), file)
        const earners = distribution.map(({ earner }) => earner)
        undivided = paid - distribution.flatMap(({ tokens }) => tokens).reduce((sum, each) => sum + each.cumulative, 0n)
        return stakers.every((staker) => earners.includes(staker.toLowerCase() as Address)) && undivided < 1_000n
      },
      'no distribution gives everybody what was paid',
      45_000,
    )
    assert.ok(undivided >= 0n, `${-undivided} more was given out than paid`)

    const paying = await client.getContractEvents({
      ...coordinator,
      eventName: 'OperatorDirectedAVSRewardsSubmissionCreated',
      fromBlock: 0n,
      strict: true,
    })
    for (const { args } of paying) assert.deepEqual([args.caller, args.avs], [rewards.payer, addresses.priceFeeds])

    const { configFile, account } = node(1).operator
    const shown = await lariat('rewards', 'show', '--config', configFile)
    assert.equal(shown.code, 0, shown.stderr)
    assert.match(shown.stdout, /earned \d+\.\d+…? tstPAY, claimed 0 tstPAY/)
    assert.match(shown.stdout, /claimable now: /)
    const planned = await lariat('rewards', 'claim', '--calldata', '--config', configFile)
    assert.equal(planned.code, 0, planned.stderr)
    const { to, data } = JSON.parse(planned.stdout) as { to: Address; data: Hex }
    assert.equal(to, coordinator.address)
    await client.call({ account: account.address, to, data })
    await assert.rejects(client.call({ account: node(2).operator.account.address, to, data }))
  })

  it('ends the newcomer’s way with LSTs in hand, worth what was staked', async () => {
    const { code, err } = await leaving
    assert.equal(code, 0, err)
    const { staker } = testnet.summary
    const { eth, shares, pending, lstValue, symbols } = await new StakeWalk(staker.config).show()
    assert.deepEqual([shares, pending], [0n, 0n])
    assert.deepEqual(symbols, ['stETH', 'rETH', 'cbETH'])
    // gains of a minute at most above, roundings below
    assert.ok(lstValue > (STAKED * 9_999n) / 10_000n && lstValue < (STAKED * 10_050n) / 10_000n, `${lstValue}`)
    const spent = 1_000n * 10n ** 18n - STAKED - eth
    assert.ok(spent > 0n && spent < 10n ** 17n, `gas took ${spent}`)
  })

  it('keeps the guard right: nothing refused but what lies before a start, and no second payload seen', async () => {
    for (const each of testnet.nodes) {
      const refusals = await metric(each, 'lariat_guard_refusals_total')
      refusals.delete('{reason="before-floor"}')
      assert.equal(sum(refusals), 0, `${each.operator.name}: ${JSON.stringify([...refusals])}`)
      assert.equal(sum(await metric(each, 'lariat_equivocations_seen_total')), 0)
    }
  })

  it('tells its risk: stake, concentration, and an LRT that is backed and on its peg', async () => {
    const read = async () => {
      const { risk } = (await (await fetch(`${node(1).operator.api}/v1/status`)).json()) as { risk: RiskBody | null }
      return risk
    }
    let risk = await read()
    await eventually(
      async () => {
        risk = await read()
        return risk?.failures.length === 0 && BigInt(risk.operator?.loss ?? 0) > 0n && (risk.lrt?.backing ?? 0) > 0
      },
      'no figures of risk were read',
      30_000,
    )
    const { operator, services, lrt } = risk ?? assert.fail('no figures of risk')
    assert.ok(BigInt(operator?.loss ?? 0) <= BigInt(operator?.stake ?? 0))
    assert.deepEqual([operator?.unvalued, operator?.redistributing, operator?.complete], [[], [], true])
    assert.equal(services.length, 1)
    for (const { name, shares, toStop, slashable, complete } of services) {
      assert.deepEqual([name, shares.length, toStop, complete], ['prices', 4, 2, true])
      assert.ok(BigInt(slashable ?? 0) > BigInt(operator?.loss ?? 0))
    }
    assert.ok(typeof lrt?.backing === 'number' && lrt.backing >= 1 - 1e-6, `backing ${lrt?.backing}`)
    assert.deepEqual([lrt.unreserved, lrt.redistributable], ['0', []])
    for (const { state } of [lrt.market, ...lrt.lsts]) assert.equal(state, 'ok')
    assert.deepEqual(
      (await health(node(1))).filter(({ name, ok }) => name.startsWith('risk: ') && !ok),
      [],
    )
  })

  it('tells exactly the metrics that docs/metrics.md lists, but for those of the services that it does not serve', async () => {
    const text = await (await fetch(`${node(1).operator.api}/metrics`)).text()
    const told = [...text.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name)
    const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
    const listed = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
    const served = listed.filter((name) => !/^lariat_(randomness|shares|bridge)_/.test(name ?? ''))
    assert.ok(served.length < listed.length)
    assert.deepEqual(told.sort(), served.sort())
  })

  it('reports what chain and nodes say, every value within what the series allows', async () => {
    const report = reportSchema.parse({ ...testnet.summary, ...(await testnet.collector.report()) })
    assert.deepEqual(Object.keys(report.feeds).sort(), FEEDS)
    assert.ok(checkHistory(report, series) >= FEEDS.length * report.certificates)
    assert.ok(report.certificates + report.missed.length === report.rounds)
    const genesis = testnet.chain.timeOf(0n)
    const late = report.missed.filter(({ slot }) => {
      const at = genesis + slot * INTERVAL_MS
      return [killedAt, unsignedAt].every((then) => at < then - INTERVAL_MS || at > then + RECOVERY_MS)
    })
    assert.deepEqual(late, [])
    assert.deepEqual(testnet.problems, [])
  })

  it('signs by the old key until the next epoch, by the new one from then on, and misses no slot', async () => {
    assert.equal(rotated.length, 2)
    for (const { of, at, signed, refused: before, key } of rotated) {
      let from = 0
      await eventually(
        async () => {
          const { keys, activatesAt } = await tabledKeys(testnet, of.operator.account.address)
          from = 1_000 * (activatesAt[keys.indexOf(key)] ?? Number.POSITIVE_INFINITY)
          return certifiedBy(of, from).length >= 3
        },
        `the new key of ${of.operator.name} is in no epoch in which three rounds were certified with it`,
        60_000,
      )
      // the table of a round's epoch has one of the keys, and no certificate passes by the other
      const old = certifiedBy(of, at).filter(({ triggeredAt }) => triggeredAt < from)
      assert.ok(old.length > 0)
      const rounds = certifiedSince(at + INTERVAL_MS).length
      const since = (await signedBy(of)) - signed
      assert.ok(since >= rounds, `${of.operator.name} signed ${since} of ${rounds} rounds`)
      assert.equal(await refused(of), before)
    }
  })

  it('leaves nothing running', async () => {
    const before = processesOf(testnet.folder)
    assert.equal(before.length, 5) // and a signer
    await testnet.stop()
    assert.deepEqual(before.filter(alive), [])
    await assert.rejects(fetch(testnet.summary.rpcUrl))
  })
})

const serviceOf = ({ summary: { rpcUrl, addresses } }: Testnet) => ({
  client: createPublicClient({ transport: http(rpcUrl) }),
  contract: { address: addresses.priceFeeds, abi: serviceManagerAbi } as const,
})

/** The BLS key that an operator has registered, 96 bytes. */
async function registeredKey(testnet: Testnet, operator: Address): Promise<Hex> {
  const { client, contract } = serviceOf(testnet)
  const key = await client.readContract({ ...contract, functionName: 'keyOf', args: [operator] })
  return bytesToHex(publicKeyToBytes(decodeG1(hexToBytes(key))))
}

/** Of each epoch, the first one first: the operator's key, and when it activates (Unix second). */
async function tabledKeys(
  testnet: Testnet,
  operator: Address,
): Promise<{ readonly keys: readonly Hex[]; readonly activatesAt: readonly number[] }> {
  const { client, contract } = serviceOf(testnet)
  const latest = await client.readContract({ ...contract, functionName: 'latestEpoch' })
  const numbers = Array.from({ length: Number(latest) }, (_, i) => BigInt(i + 1))
  const epochs = await Promise.all(
    numbers.map(async (number) => {
      const [{ activatesAt }, [operators, keys]] = await Promise.all([
        client.readContract({ ...contract, functionName: 'epochInfo', args: [number] }),
        client.readContract({ ...contract, functionName: 'epochRows', args: [number, 0n, 100n] }),
      ])
      return { key: keys[operators.indexOf(operator)] ?? '0x', activatesAt: Number(activatesAt) }
    }),
  )
  return { keys: epochs.map(({ key }) => key), activatesAt: epochs.map(({ activatesAt }) => activatesAt) }
}
