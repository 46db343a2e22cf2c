import assert from 'node:assert/strict'
import { createMemoryEpochs } from '../../../src/chain/memoryEpochs.ts'
import { followRotation } from '../../../src/node/keyRotation.ts'
import type { EpochTable } from '../../../src/types/epoch.ts'
import { LariatError } from '../../../src/util/errors.ts'
import type { Address } from '../../../src/util/hex.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { type LogLine, recordingLog } from '../signer/fixtures.ts'

const START = 1_700_000_000
const OPERATOR: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const key = (n: number) => new Uint8Array(96).fill(n)

function table(number: bigint, publicKey: Uint8Array, activatesAt: number): EpochTable {
  const other = { index: 0, operator: `0x${'11'.repeat(20)}` as Address, publicKey: key(99), weight: 1n }
  return {
    number,
    activatesAt,
    endsAt: undefined,
    validUntil: activatesAt + 1_000,
    quorumBps: 6667,
    members: [other, { index: 1, operator: OPERATOR, publicKey, weight: 1n }],
    totalWeight: 2n,
    revoked: new Set(),
    revokedNow: new Set(),
  }
}

function setUp(tables: readonly EpochTable[]) {
  const clock = new SimClock(START * 1_000)
  const lines: LogLine[] = []
  const epochs = createMemoryEpochs(tables)
  const open: Uint8Array[] = [key(1)]
  /** Keys whose files lie there, to be opened by the next reload; an error is thrown. */
  const there: (Uint8Array | LariatError)[] = []
  let reloads = 0
  const keys = {
    publicKeys: () => open,
    async reload() {
      reloads++
      for (const found of there.splice(0)) {
        if (found instanceof LariatError) throw found
        open.push(found)
      }
    },
  }
  const end = followRotation({
    operator: OPERATOR.toLowerCase() as Address,
    keys,
    services: [{ name: 'square', epochs }],
    clock,
    log: recordingLog(lines),
  })
  return { clock, lines, epochs, open, there, end, reloads: () => reloads }
}

describe('a node whose BLS key is rotated', () => {
  it('opens the new key as soon as a table has it, before it activates', async () => {
    const { clock, lines, epochs, open, there, reloads } = setUp([table(1n, key(1), START - 100)])
    await clock.advance(60_000)
    assert.equal(reloads(), 0)
    there.push(key(2))
    epochs.set([table(1n, key(1), START - 100), table(2n, key(2), START + 100)])
    await clock.advance(100)
    assert.deepEqual(open, [key(1), key(2)])
    assert.deepEqual(
      lines.map(({ level, fields }) => [level, fields.epoch]),
      [['info', 2n]],
    )
    await clock.advance(60_000)
    assert.equal(reloads(), 1)
  })

  it('says once that the key is not there, looks again, and goes on when it is', async () => {
    const { clock, lines, open, there } = setUp([table(1n, key(1), START - 100), table(2n, key(2), START + 100)])
    await clock.advance(30_000)
    assert.deepEqual(
      lines.map(({ level }) => level),
      ['error'],
    )
    assert.match(lines[0]?.message ?? '', /put its keystore where lariat keys rotate made it/)
    there.push(new LariatError('keystore.wrong-password', 'bls-2.json: does not open'))
    await clock.advance(6_000)
    there.push(key(2))
    await clock.advance(6_000)
    assert.deepEqual(open, [key(1), key(2)])
    assert.deepEqual(
      lines.map(({ level }) => level),
      ['error', 'info'],
    )
  })

  it('tells why it cannot be opened', async () => {
    const { clock, lines, epochs, there } = setUp([])
    there.push(new LariatError('keystore.wrong-password', 'bls-2.json: does not open'))
    epochs.set([table(2n, key(2), START + 100)])
    await clock.advance(100)
    assert.equal(lines[0]?.fields.error, 'bls-2.json: does not open')
  })

  it('asks for no key of a table that has ended, nor after its own end', async () => {
    const { clock, epochs, reloads, end } = setUp([table(1n, key(7), START - 100), table(2n, key(1), START - 50)])
    await clock.advance(20_000)
    assert.equal(reloads(), 0)
    end()
    epochs.set([table(3n, key(8), START + 60)])
    await clock.advance(20_000)
    assert.equal(reloads(), 0)
  })
})
