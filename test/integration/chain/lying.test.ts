import assert from 'node:assert/strict'
import { encodeAbiParameters, keccak256, numberToHex } from 'viem'
import type { Chain } from '../../../src/chain/clients.ts'
import { createChainReader } from '../../../src/chain/serviceChain.ts'
import { CONTRADICTION_HOLD_MS } from '../../../src/chain/trust.ts'
import { createMetrics, type Metrics } from '../../../src/metrics/registry.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { blsSecretFromSeed } from '../../../src/signer/secrets.ts'
import { memoryGuardStore } from '../../../src/store/memory.ts'
import type { Statement } from '../../../src/types/statement.ts'
import { type Clock, systemClock } from '../../../src/util/clock.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { type AnvilTest, anvilTest, deploy } from '../../support/anvil.ts'
import { keepCall, keeper, keeperAbi } from '../../support/assembly.ts'
import { memoryCursors } from '../../support/chain.ts'
import { eventually as soon } from '../../support/eventually.ts'
import {
  emptyBlooms,
  forkedAt,
  inventingLogs,
  type LieAbout,
  type LyingRpc,
  leavingLogsOut,
  staleAt,
  startLyingRpc,
  wrongCalls,
  wrongHash,
  wrongStorage,
} from '../../support/lyingRpc.ts'

/** The longest that a loaded machine may take, ms. */
const PATIENCE_MS = 60_000
const eventually = (done: () => boolean, what: string) => soon(done, what, PATIENCE_MS)

/** What a statement rests on: the number of a log, and what the contract holds in the newest final block then. */
interface Fact {
  readonly n: bigint
  readonly value: bigint
  readonly block: bigint
}

const payloadOf = ({ n, value, block }: Fact): Hex =>
  keccak256(encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }], [n, value, block]))

/**
 * An operator that signs, for every final Ping, its number and the value that the contract holds: over three providers, some
 * of which lie. What is signed is compared with what the chain itself says.
 */
class Operator {
  readonly facts: Fact[] = []
  readonly signed: Statement[] = []
  readonly chain: Chain
  readonly metrics: Metrics

  constructor(chain: Chain, metrics: Metrics, contract: Address, clock: Clock) {
    this.chain = chain
    this.metrics = metrics
    const operator: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
    const signer = createLocalSigner({
      domain: { chainId: chain.id, genesisHash: chain.genesisHash, serviceManager: contract },
      operator,
      secret: blsSecretFromSeed(new Uint8Array(32).fill(7)),
      store: memoryGuardStore(),
      clock,
      log: silentLog,
      metrics,
    })
    const reader = createChainReader({ chain, log: silentLog, cursors: memoryCursors() })
    const query = {
      address: contract,
      abi: keeperAbi,
      eventName: 'Ping',
      finality: 'finalized',
      cursor: 'pings',
    } as const
    reader.watch(query, async ({ args }) => {
      const refusal = chain.trust.refuse()
      if (refusal !== undefined) throw refusal
      const { n } = args as { n: bigint }
      const block = reader.head('finalized').number
      const value = await reader.read({
        ...{ address: contract, abi: keeperAbi, functionName: 'value', args: [], block: 'finalized' },
      })
      // A head that came in between belongs to another fact.
      if (reader.head('finalized').number !== block) throw new Error('the head moved')
      const fact = { n, value: value as bigint, block }
      const statement: Statement = {
        ...{ service: keccak256('0x01'), kind: 1, epoch: 1n, slot: n, attempt: 0, payload: payloadOf(fact) },
      }
      const triggeredAt = signer.floor
      await signer.sign({ statement, triggeredAt, window: { from: 0n, to: 1_000n } })
      this.facts.push(fact)
      this.signed.push(statement)
    })
  }

  problem(): string | undefined {
    return this.chain.trust.refuse()?.code
  }

  /** The lies that were found out, by provider. */
  async liars(): Promise<Record<string, string[]>> {
    const { body } = await this.metrics.expose()
    const found: Record<string, string[]> = {}
    for (const [, provider = '', kind = ''] of body.matchAll(
      /lariat_chain_provider_lies_total\{chain="stake",provider="([^"]+)",kind="([^"]+)"\} [1-9]/g,
    )) {
      found[provider] = [...(found[provider] ?? []), kind]
    }
    return found
  }
}

describe('an operator with three providers', function () {
  this.timeout(150_000)
  let test: AnvilTest
  let contract: Address
  let rpcs: LyingRpc[]
  let ping: (n: bigint) => Promise<unknown>
  /** ms by which the operator's clock is ahead: graces pass without waiting. */
  let ahead: number

  beforeEach(async () => {
    ahead = 0
    test = await anvilTest({ genesisTime: Math.floor(Date.now() / 1_000) - 3_600 })
    rpcs = await Promise.all([0, 1, 2].map(() => startLyingRpc(test.anvil.rpcUrl)))
    const sender = test.sender(await test.open())
    contract = await deploy(sender, keeper)
    ping = (n) => sender.send({ what: 'a ping', to: contract, data: keepCall(n) })
    await test.rpc('anvil_mine', ['0x3'])
  })
  afterEach(async () => {
    await test.close()
    await Promise.all(rpcs.map((rpc) => rpc.close()))
  })

  async function operate(): Promise<Operator> {
    const metrics = createMetrics()
    const clock: Clock = { now: () => systemClock.now() + ahead, after: systemClock.after }
    const chain = await test.open({ rpc: rpcs.map(({ url }) => ({ url })), singleProvider: false, metrics, clock })
    return new Operator(chain, metrics, contract, clock)
  }

  function lying(count: number, lie: LieAbout): string[] {
    const liars = rpcs.slice(0, count)
    for (const rpc of liars) rpc.lie = lie
    return liars.map(({ name }) => name).sort()
  }

  /** Every fact that was signed over is one of the chain itself. */
  async function assertTrue({ facts, signed }: Operator): Promise<void> {
    assert.equal(new Set(facts.map(({ n }) => n)).size, facts.length, 'no slot twice')
    for (const [i, fact] of facts.entries()) {
      const value = await test.rpc('eth_getStorageAt', [contract, '0x0', numberToHex(fact.block)])
      assert.equal(fact.value, BigInt(value as Hex), `the value in block ${fact.block}`)
      assert.equal(signed[i]?.payload, payloadOf(fact))
    }
    const logs = (await test.rpc('eth_getLogs', [{ address: contract, fromBlock: '0x0', toBlock: 'latest' }])) as {
      data: Hex
    }[]
    const real = logs.map(({ data }) => BigInt(data))
    assert.deepEqual(
      facts.map(({ n }) => n),
      real.slice(0, facts.length),
      'in order, none left out, none invented',
    )
  }

  /** With how many liars; the last number is what every run tries, `npm run check:deep -- reorgs` all. */
  const refuted: readonly (readonly [string, LieAbout, string, readonly number[]])[] = [
    ['leaves logs out', leavingLogsOut, 'receipts', [1, 2]],
    ['says that blocks hold no logs', emptyBlooms, 'header', [1, 2]],
    ['invents logs', inventingLogs, 'receipts', [1, 2]],
    ['says another storage, and proves it falsely', wrongStorage, 'state', [1, 2]],
    ['says another result of a call', wrongCalls, 'call', [1, 2]],
    ['gives blocks another hash', wrongHash, 'header', [1]],
  ]
  for (const [what, lie, kind, counts] of refuted) {
    for (const count of process.env.LARIAT_LIES === 'all' ? counts : counts.slice(-1)) {
      it(`${count} of which ${what}, signs on, and names who lied`, async () => {
        const operator = await operate()
        await ping(1n)
        await test.rpc('anvil_mine', ['0x3'])
        await eventually(() => operator.facts.length === 1, 'nothing was signed while all were honest')
        const liars = lying(count, lie)
        for (const n of [2n, 3n]) {
          await ping(n)
          await test.rpc('anvil_mine', ['0x3'])
        }
        await eventually(() => operator.facts.length === 3, 'nothing was signed any more')
        await assertTrue(operator)
        const found = await operator.liars()
        const named = Object.keys(found).sort()
        assert.ok(named.length > 0 && named.every((name) => liars.includes(name)), `${named} of ${liars}`)
        assert.ok(Object.values(found).flat().includes(kind), `${JSON.stringify(found)}`)
      })
    }
  }

  it('one of which stands still, signs on', async () => {
    const operator = await operate()
    const { number } = operator.chain.heads.current('latest')
    const [stale] = lying(1, staleAt(number))
    // Half an hour goes by: the others are at the present, as far as our clock can tell.
    await test.rpc('evm_increaseTime', [1_800])
    await ping(1n)
    await test.rpc('anvil_mine', ['0x3'])
    await eventually(() => operator.facts.length === 1, 'nothing was signed')
    await assertTrue(operator)
    assert.equal(operator.chain.providers.standing().find(({ name }) => name === stale)?.status, 'stale')
    assert.deepEqual(await operator.liars(), {}, 'to be late is no lie')
  })

  const unresolved: readonly (readonly [string, (number: bigint) => LieAbout, number, string])[] = [
    ['are on a fork', (number) => forkedAt(number + 1n), 1, 'chain.contradiction'],
    ['are on a fork', (number) => forkedAt(number + 1n), 2, 'chain.contradiction'],
    ['stand still', (number) => staleAt(number), 2, 'chain.no-quorum'],
    ['give blocks another hash', () => wrongHash, 2, 'chain.no-quorum'],
  ]
  for (const [what, lie, count, code] of unresolved) {
    it(`${count} of which ${what}, signs nothing (${code}), and goes on when they are honest again`, async () => {
      const operator = await operate()
      await ping(1n)
      await test.rpc('anvil_mine', ['0x3'])
      await eventually(() => operator.facts.length === 1, 'nothing was signed while all were honest')
      lying(count, lie(operator.chain.heads.current('latest').number))
      await test.rpc('evm_increaseTime', [1_800])
      await ping(2n)
      await test.rpc('anvil_mine', ['0x3'])
      await eventually(() => {
        if (operator.problem() === undefined) ahead += 5_000
        return operator.problem() !== undefined
      }, 'it was not noticed')
      assert.equal(operator.problem(), code)
      assert.equal(operator.facts.length, 1)
      for (const rpc of rpcs) rpc.lie = undefined
      ahead += CONTRADICTION_HOLD_MS
      await eventually(() => {
        // A look that was under way may have heard the lie once more.
        if (operator.problem() !== undefined) ahead += 5_000
        return operator.facts.length === 2
      }, 'it does not go on')
      assert.equal(operator.problem(), undefined)
      await assertTrue(operator)
    })
  }

  it('that all agree on a chain without a block that was final, signs nothing any more', async () => {
    const operator = await operate()
    await ping(1n)
    await test.rpc('anvil_mine', ['0x5'])
    await eventually(() => operator.facts.length === 1, 'nothing was signed')
    lying(3, forkedAt(operator.chain.heads.current('finalized').number - 1n))
    await test.rpc('anvil_mine', ['0x3'])
    await eventually(() => operator.problem() === 'chain.reorged', 'it was not noticed')
    for (const rpc of rpcs) rpc.lie = undefined
    await ping(2n)
    await test.rpc('anvil_mine', ['0x3'])
    await eventually(() => operator.chain.heads.current('finalized').number > 8n, 'the heads stand still')
    assert.equal(operator.problem(), 'chain.reorged', 'somebody must look')
    assert.equal(operator.facts.length, 1)
  })
})
