import assert from 'node:assert/strict'
import { type Hex, hexToBytes, LariatError, SimClock } from 'lariat/avs'
import { Between, type BetweenOptions } from '../../../../../src/avs/randomness/ceremony/between.ts'
import { memoryLog } from '../../../../support/memoryLog.ts'

const key = (i: number): Hex => `0x${i.toString(16).padStart(2, '0').repeat(96)}`
const { signal } = new AbortController()

/** A vault that offers the first of `keys` that is not spent, and a chain on which `used` were registered before. */
function setting(keys: number[], chain: { onChain: Hex; usable: boolean; sharing?: bigint; used?: number[] }) {
  const sent: Hex[] = []
  const spent: [Hex, bigint][] = []
  const state = { sharing: 1n, used: [] as number[], landsIn: 105n, ...chain }
  const options = {
    chain: {
      read: async ({ functionName }: { functionName: string }) => {
        if (functionName === 'isOperator') return true
        if (functionName === 'encryptionKeyOf') return [state.onChain, state.usable]
        return functionName === 'latestSharing' ? state.sharing : 7n
      },
      write: async ({ args }: { args: [Hex] }) => {
        if (state.used.some((used) => key(used) === args[0])) {
          throw new LariatError('chain.reverted', 'used', { error: 'EncryptionKeyUsed' })
        }
        sent.push(args[0])
        return { blockNumber: state.landsIn }
      },
    },
    shares: {
      encryptionKey: async () => {
        const own = keys.map(key).find((one) => !spent.some(([gone]) => gone === one))
        assert.ok(own !== undefined)
        return { publicKey: hexToBytes(own), c: 1n, z: 2n }
      },
      spend: async (publicKey: Uint8Array, session: bigint) => {
        const own = keys.map(key).find((one) => Buffer.from(hexToBytes(one)).equals(publicKey))
        spent.push([own ?? '0x', session])
      },
    },
    ...{ clock: new SimClock(0), log: memoryLog(), operator: `0x${'01'.repeat(20)}` },
  }
  return { between: new Between(options as unknown as BetweenOptions), sent, spent, state }
}

const known = { latest: 104n, final: 102n, assembled: 1n }

describe('the encryption key of an operator', () => {
  it('is registered once, however long its block takes to be final', async () => {
    const { between, sent, spent, state } = setting([1], { onChain: '0x', usable: false })
    for (const final of [102n, 103n, 104n]) await between.register({ ...known, final }, signal)
    assert.deepEqual(sent, [key(1)])
    Object.assign(state, { onChain: key(1), usable: true })
    await between.register({ ...known, final: 105n }, signal)
    assert.deepEqual([sent.length, spent], [1, []])
  })

  it('waits for our shares when it is spent', async () => {
    const { between, sent, spent } = setting([1, 2], { onChain: key(1), usable: false, sharing: 2n })
    await between.register(known, signal)
    assert.deepEqual([sent, spent], [[], []])
  })

  it('is another one when it was spent on a sharing that the network has left behind', async () => {
    const { between, sent, spent } = setting([1, 2], { onChain: key(1), usable: false, sharing: 2n })
    await between.register({ ...known, assembled: 2n }, signal)
    assert.deepEqual(spent, [[key(1), 8n]])
    assert.deepEqual(sent, [key(2)])
  })

  it('is another one when a vault of an older copy offers one that had its turn', async () => {
    const { between, sent, spent } = setting([1, 2], { onChain: key(9), usable: true, used: [1] })
    await between.register(known, signal)
    // the newest block may know it because it was just registered
    assert.deepEqual([sent, spent], [[], []])
    await between.register({ ...known, final: 103n }, signal)
    assert.deepEqual([sent, spent], [[], []])
    await between.register({ ...known, final: 104n }, signal)
    assert.deepEqual(spent, [[key(1), 8n]])
    assert.deepEqual(sent, [key(2)])
  })

  it('is another one when the record of transactions says that it was registered long ago', async () => {
    const { between, sent, spent, state } = setting([1, 2], { onChain: key(9), usable: true })
    state.landsIn = 50n
    await between.register(known, signal)
    await between.register(known, signal)
    assert.deepEqual(spent, [[key(1), 8n]])
    assert.deepEqual(sent, [key(1), key(2)])
  })
})
