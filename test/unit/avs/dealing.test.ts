import assert from 'node:assert/strict'
import { dealServiceOf } from '../../../src/avs/context.ts'
import { type Dealing, dealerOf } from '../../../src/avs/dealing.ts'
import { publicKeyFromBytes, signatureFromBytes } from '../../../src/bls/keys.ts'
import { verify } from '../../../src/bls/verify.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { memoryDataStore, memoryGuardStore } from '../../../src/store/memory.ts'
import { statementDigest } from '../../../src/types/digest.ts'
import { Kind } from '../../../src/types/statement.ts'
import { silentLog } from '../../../src/util/log.ts'
import type { Secret } from '../../../src/util/secret.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { castOf, DOMAIN, fixedEpochs, payloadOf } from '../../support/simnet.ts'

describe('dealings', () => {
  const cast = castOf(2)
  const service = dealServiceOf('randomness')
  const store = memoryDataStore().keyValues.open('s', 'dealt', { version: 1, maxEntries: 1, maxValueBytes: 16 })
  const guard = memoryGuardStore()
  const clock = new SimClock()
  const start = (secret = cast.secrets[0]) =>
    dealerOf({
      service,
      signer: createLocalSigner({
        secret: secret as Secret<Uint8Array>,
        domain: DOMAIN,
        operator: cast.operators[0] as `0x${string}`,
        store: guard,
        clock,
        log: silentLog,
        metrics: createMetrics(),
      }),
      epochs: fixedEpochs(cast.table),
      clock,
      store: () => store,
    })
  const dealing = (changes: Partial<Dealing> = {}): Dealing => ({
    ...{ epoch: 1n, slot: 3n, payload: payloadOf(1n), triggeredAt: clock.now() + 5_000 },
    ...changes,
  })

  it('are signed with the key of their epoch, as a deal statement of their own service', async () => {
    const signature = await start()(dealing())
    const statement = { service, kind: Kind.deal, epoch: 1n, slot: 3n, attempt: 0, payload: payloadOf(1n) }
    const key = cast.table.members[0]?.publicKey as Uint8Array
    assert.ok(verify(statementDigest(DOMAIN, statement), publicKeyFromBytes(key), signatureFromBytes(signature)))
    assert.equal(service, '0xf3f3d095beeba32b6b36fec81e3dd31ef7a185833c6fbe492f35e9438c7c8129')
  })

  it('are signed with the key of an epoch that is over, for one that has left', async () => {
    const { members } = cast.table
    const epochs = {
      ...fixedEpochs(cast.table),
      membersOf: async (epoch: bigint) => (epoch === 7n ? members : undefined),
    }
    const signer = createLocalSigner({
      ...{ secret: cast.secrets[0] as Secret<Uint8Array>, domain: DOMAIN, store: memoryGuardStore() },
      ...{ operator: cast.operators[0] as `0x${string}`, clock, log: silentLog, metrics: createMetrics() },
    })
    const deal = dealerOf({
      service,
      signer,
      epochs,
      clock,
      store: () => memoryDataStore().keyValues.open('s', 'dealt', { version: 1, maxEntries: 1, maxValueBytes: 16 }),
    })
    const signature = await deal(dealing({ epoch: 7n }))
    const statement = { service, kind: Kind.deal, epoch: 7n, slot: 3n, attempt: 0, payload: payloadOf(1n) }
    const key = members[0]?.publicKey as Uint8Array
    assert.ok(verify(statementDigest(DOMAIN, statement), publicKeyFromBytes(key), signatureFromBytes(signature)))
    await assert.rejects(deal(dealing({ epoch: 8n })), { code: 'deal.unknown-epoch' })
  })

  it('are refused with another payload, and below the floor unless they are on record', async () => {
    const deal = start()
    await assert.rejects(deal(dealing({ payload: payloadOf(2n) })), { code: 'guard.conflict' })
    const early = { triggeredAt: clock.now() - 1 }
    await assert.rejects(deal(dealing({ ...early, payload: payloadOf(2n) })), { code: 'guard.before-floor' })
    await assert.rejects(deal(dealing({ ...early, slot: 4n })), { code: 'guard.before-floor' })
    assert.deepEqual(await deal(dealing(early)), await deal(dealing()))
  })

  it('are refused far above the highest session that was signed, also after a restart', async () => {
    await assert.rejects(start()(dealing({ slot: 3n + 257n })), { code: 'guard.outside-window' })
    await clock.advance(10_000)
    await start()(dealing({ slot: 3n + 257n }))
  })

  it('need a row in the table of their epoch', async () => {
    await assert.rejects(start()(dealing({ epoch: 2n })), { code: 'deal.unknown-epoch' })
    await assert.rejects(start(cast.secrets[1])(dealing({ slot: 9n })), { code: 'deal.not-a-member' })
  })
})
