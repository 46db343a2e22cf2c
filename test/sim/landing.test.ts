import assert from 'node:assert/strict'
import { Tally } from '../../src/avs/aggregation/tally.ts'
import type { Landing } from '../../src/avs/api.ts'
import type { ChainLog } from '../../src/avs/ports.ts'
import { signatureFromBytes } from '../../src/bls/keys.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { createLocalSigner } from '../../src/signer/local.ts'
import { memoryGuardStore } from '../../src/store/memory.ts'
import { Kind, type Statement } from '../../src/types/statement.ts'
import { encodeMessage } from '../../src/types/wire/codec.ts'
import { type Address, bigToBytes, type Hex } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import type { Secret } from '../../src/util/secret.ts'
import { median } from '../support/services.ts'
import { DOMAIN, noChain, payloadOf, SERVICE } from '../support/simnet.ts'
import { type SimRun, simRun } from '../support/simrun.ts'

const SEED = 5
const TOPIC = `/lariat/2/31337/${DOMAIN.serviceManager.toLowerCase()}/${SERVICE.slice(2, 18)}`
const TRANSACTION: Hex = `0x${'ab'.repeat(32)}`

describe(`what the chain took (seed ${SEED})`, () => {
  let run: SimRun
  let handlers: ((log: ChainLog) => Promise<void>)[]
  beforeEach(async () => {
    handlers = []
    run = await simRun({
      count: 4,
      seed: SEED,
      definition: median({ observe: (_, slot) => slot }),
      chain: {
        ...noChain,
        watch({ eventName }, handler) {
          if (eventName === 'Took') handlers.push(handler)
          return () => undefined
        },
      },
    })
    await run.pass(4)
  })
  afterEach(() => run.stop())

  const take = async (landing: Landing) => {
    const log = { args: landing, transactionHash: TRANSACTION } as unknown as ChainLog
    for (const handler of handlers) await handler(log)
  }

  /** A true certificate of attempt 1 of a slot: what operators may sign beside attempt 0. */
  async function secondAttempt(slot: bigint, value: bigint): Promise<Uint8Array> {
    const statement: Statement = {
      service: SERVICE,
      kind: Kind.certify,
      epoch: 1n,
      slot,
      attempt: 1,
      payload: payloadOf(value),
    }
    const tally = new Tally(statement, DOMAIN, () => run.cast.table)
    for (const row of [0, 1, 2]) {
      const signer = createLocalSigner({
        secret: run.cast.secrets[row] as Secret<Uint8Array>,
        domain: DOMAIN,
        operator: run.cast.operators[row] as Address,
        store: memoryGuardStore(),
        clock: run.clock,
        log: silentLog,
        metrics: createMetrics(),
        startedAt: 0,
      })
      const signature = await signer.sign({ statement, triggeredAt: 1e13, window: { from: 0n, to: slot } })
      tally.add(row, signatureFromBytes(signature), { verified: true })
    }
    return encodeMessage({ type: 'certificate', ...tally.sum(), value: bigToBytes(value, 8) })
  }

  it('is recorded by every node, with its transaction', async () => {
    const slot = run.records(0).at(-1)?.slot as bigint
    await take({ slot, attempt: 0, payload: payloadOf(slot) })
    for (const index of [0, 1, 2, 3]) {
      const record = run.records(index).find((one) => one.slot === slot)
      assert.deepEqual([record?.outcome, record?.transaction], ['landed', TRANSACTION])
    }
  })

  it('is served, although another attempt was certified first', async () => {
    const slot = run.records(0).at(-1)?.slot as bigint
    const served = () => run.nodes[0]?.data.certificates.get(SERVICE, slot)
    await Promise.all([
      run.transports[1]?.send('peer-0', TOPIC, await secondAttempt(slot, 777n)),
      run.clock.advance(20),
    ])
    assert.deepEqual([served()?.attempt, served()?.payload], [0, payloadOf(slot)])

    await take({ slot, attempt: 1, payload: payloadOf(777n) })
    assert.deepEqual([served()?.attempt, served()?.payload], [1, payloadOf(777n)])
    const record = run.records(0).find((one) => one.slot === slot)
    assert.deepEqual([record?.attempt, record?.outcome, record?.transaction], [1, 'landed', TRANSACTION])
    // whoever never heard of that certificate goes on serving its own, and does not call it landed
    assert.equal(run.records(3).find((one) => one.slot === slot)?.outcome, 'certified')
  })
})
