import assert from 'node:assert/strict'
import type { ChainReader } from '../../../../src/chain/types.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { publishEigenMetrics, slashedCursor } from '../../../../src/node/eigen/metrics.ts'
import { memoryDataStore } from '../../../../src/store/memory.ts'
import type { EpochTable } from '../../../../src/types/epoch.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

const OPERATOR: Address = `0x${'0A'.repeat(20)}`
const [PRICES, BRIDGE]: [Address, Address] = [`0x${'Ab'.repeat(20)}`, `0x${'cd'.repeat(20)}`]

describe('metrics of the AVS node specification', () => {
  const { journal, cursors } = memoryDataStore()
  let table: EpochTable | undefined
  async function publish() {
    const metrics = createMetrics()
    const chain = { read: async ({ address }: { address: Address }) => (address === PRICES ? 0 : 7) }
    const onSlashes = await publishEigenMetrics({
      ...{ metrics, journal, cursors, clock: new SimClock(), operator: OPERATOR },
      chain: chain as unknown as Pick<ChainReader, 'read'>,
      services: [
        { name: 'prices', contract: PRICES, lines: [], table: () => table },
        { name: 'bridge', contract: BRIDGE, lines: [], table: () => undefined },
      ],
    })
    const lines = async () => (await metrics.expose()).body.split('\n').filter((line) => line.startsWith('eigen_'))
    return { onSlashes, lines }
  }
  const tableOf = (revoked: readonly number[]): EpochTable => ({
    ...{ number: 3n, activatesAt: 0, endsAt: undefined, validUntil: 1, quorumBps: 6_667, totalWeight: 12n },
    members: [{ index: 0, operator: OPERATOR.toLowerCase() as Address, publicKey: new Uint8Array(96), weight: 5n }],
    ...{ revoked: new Set(), revokedNow: new Set(revoked) },
  })

  it('tell the weight by operator set and service, as it is when they are scraped', async () => {
    const { lines } = await publish()
    const stake = async () => (await lines()).filter((line) => line.startsWith('eigen_registered_stakes'))
    const [prices, bridge] = ['quorum_number="0",quorum_name="prices"', 'quorum_number="7",quorum_name="bridge"']
    const told = (weight: number) => [
      `eigen_registered_stakes{${prices}} ${weight}`,
      `eigen_registered_stakes{${bridge}} 0`,
    ]
    assert.deepEqual(await stake(), told(0))
    table = tableOf([])
    assert.deepEqual(await stake(), told(5))
    table = tableOf([0])
    assert.deepEqual(await stake(), told(0))
  })

  it('tell a slash for good, also after it was acknowledged and the node restarted', async () => {
    const { onSlashes, lines } = await publish()
    assert.ok((await lines()).includes('eigen_slashing_status{avs="prices"} 0'))
    const slash = { block: 9n, transaction: '0x', set: { avs: PRICES.toLowerCase() as Address, id: 0 } } as const
    onSlashes([{ ...slash, wad: 1n, description: '' }])
    assert.ok((await lines()).includes('eigen_slashing_status{avs="prices"} 1'))
    onSlashes([])
    const restarted = await publish()
    assert.ok((await restarted.lines()).includes('eigen_slashing_status{avs="prices"} 1'))
    assert.ok((await restarted.lines()).includes('eigen_slashing_status{avs="bridge"} 0'))
    assert.equal(cursors.get(slashedCursor(PRICES)), 9n)
  })

  it('have a score without labels', async () => {
    const { lines } = await publish()
    assert.ok((await lines()).includes('eigen_performance_score 100'))
  })
})
