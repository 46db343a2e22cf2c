import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseDistribution, renderDistribution } from '../../../../src/chain/rewards/distribution.ts'
import { LariatError } from '../../../../src/util/errors.ts'

const A = '0x00000000000000000000000000000000000000aA'
const B = '0x00000000000000000000000000000000000000Bb'
const line = (earner: string, token: string, amount: unknown, more = {}) =>
  JSON.stringify({ earner, token, cumulative_amount: amount, ...more })

async function refused(text: string, what: RegExp): Promise<void> {
  await assert.rejects(parseDistribution(text, 'file.json'), (error: unknown) => {
    assert.ok(error instanceof LariatError && error.code === 'rewards.distribution')
    assert.match(error.message, /file\.json/)
    assert.match(error.message, what)
    return true
  })
}

describe('distributions of rewards', () => {
  it('are read from a list or from lines, sorted by earner and token', async () => {
    const entries = [line(B, B, '3'), line(B, A, '2'), line(A, B, '1')]
    const expected = [
      { earner: A.toLowerCase(), tokens: [{ token: B.toLowerCase(), cumulative: 1n }] },
      {
        earner: B.toLowerCase(),
        tokens: [
          { token: A.toLowerCase(), cumulative: 2n },
          { token: B.toLowerCase(), cumulative: 3n },
        ],
      },
    ]
    assert.deepEqual(await parseDistribution(` [${entries.join(',')}]`, 'x'), expected)
    assert.deepEqual(await parseDistribution(`${entries.join('\r\n')}\n\n`, 'x'), expected)
  })

  it('may carry the day, as EigenLayer publishes them', async () => {
    const [entry] = await parseDistribution(line(A, B, '5', { snapshot: 1_724_000_000 }), 'x')
    assert.equal(entry?.tokens[0]?.cumulative, 5n)
  })

  it('are refused with the place that is wrong', async () => {
    await refused('', /no entries/)
    await refused('[]', /no entries/)
    await refused('[1', /all: it is not JSON/)
    await refused(`${line(A, B, '1')}\n{`, /line 2: it is not JSON/)
    await refused('"text"', /line 1: .*expected object/)
    await refused(`[${line(A, B, '1')}, null]`, /entry 1/)
    await refused(line('0x12', B, '1'), /line 1: earner: expected a 20-byte address/)
    await refused(line(A, B, '1', { extra: 1 }), /extra/)
  })

  it('take amounts as whole numbers in quotes that fit 256 bits', async () => {
    const most = (1n << 256n) - 1n
    assert.equal((await parseDistribution(line(A, B, `${most}`), 'x'))[0]?.tokens[0]?.cumulative, most)
    await refused(line(A, B, `${most + 1n}`), /does not fit 256 bits/)
    for (const amount of [1e18, '1e18', '01', '-1', '1.5', '', '9'.repeat(79)]) {
      await refused(line(A, B, amount), /cumulative_amount/)
    }
  })

  it('have one entry for each earner and token, however the addresses are written', async () => {
    await refused(
      `${line(A, B, '1')}\n${line(A.toLowerCase(), B.toUpperCase().replace('X', 'x'), '2')}`,
      /line 2: .*two entries/,
    )
  })

  it('are what they were after writing and reading', async () => {
    const address = fc.integer({ min: 0, max: 20 }).map((n) => `0x${n.toString(16).padStart(40, '0')}`)
    const entries = fc.uniqueArray(fc.tuple(address, address, fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })), {
      minLength: 1,
      selector: ([earner, token]) => earner + token,
    })
    await fc.assert(
      fc.asyncProperty(entries, async (list) => {
        const text = list.map(([earner, token, amount]) => line(earner, token, `${amount}`)).join('\n')
        const parsed = await parseDistribution(text, 'x')
        assert.deepEqual(await parseDistribution(renderDistribution(parsed), 'y'), parsed)
        assert.equal(
          parsed.reduce((sum, { tokens }) => sum + tokens.length, 0),
          list.length,
        )
      }),
      { numRuns: 50 },
    )
  })
})
