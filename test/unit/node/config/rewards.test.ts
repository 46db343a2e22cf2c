import assert from 'node:assert/strict'
import { rewardsSchema } from '../../../../src/node/config/rewards.ts'

const schema = rewardsSchema('/etc/lariat')
const TOKEN = '0x5FbDB2315678afecb367f032d93F642f64180aa3'

/** Places and messages of what is wrong. */
function problems(value: unknown): string[] {
  const parsed = schema.safeParse(value)
  assert.ok(!parsed.success, 'it was accepted')
  return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('the section rewards', () => {
  it('takes URLs as they are and paths relative to the configuration', () => {
    const source = (text: string) => schema.parse({ source: text }).source
    assert.equal(source('https://x.example/{date}/a.json?k=v'), 'https://x.example/{date}/a.json?k=v')
    assert.equal(source('rewards/{root}.json'), '/etc/lariat/rewards/{root}.json')
    assert.equal(source('/data/{index}-{end}.json'), '/data/{index}-{end}.json')
  })

  it('refuses braces that mean nothing, and what is no place', () => {
    assert.deepEqual(problems({ source: 'a/{day}.json' }), ['source: braces hold one of root, index, end, date'])
    assert.deepEqual(problems({ source: 'https://' }), ['source: expected a path or an http(s) URL'])
    assert.deepEqual(problems({ source: '' }), ['source: expected a path or URL'])
    assert.equal(problems({}).length, 1)
    assert.equal(problems({ source: 'a', sauce: 1 }).length, 1)
  })

  it('claims by itself only when told so, at times that cron knows', () => {
    assert.equal(schema.parse({ source: 'a' }).claim, undefined)
    const claim = (value: unknown) => ({ source: 'a', claim: value })
    assert.deepEqual(schema.parse(claim({ schedule: '0 3 * * *' })).claim, { schedule: '0 3 * * *', minimum: [] })
    assert.match(problems(claim({ schedule: 'daily' }))[0] ?? '', /claim\.schedule: expected a cron expression/)
    assert.match(problems(claim({ schedule: '61 * * * *' }))[0] ?? '', /claim\.schedule/)
    assert.equal(problems(claim({})).length, 1)
  })

  it('takes least amounts as whole numbers in quotes', () => {
    const minimum = (amount: unknown) => ({
      source: 'a',
      claim: { schedule: '* * * * *', minimum: [{ token: TOKEN, amount }] },
    })
    const parsed = schema.parse(minimum('1000000000000000000000')).claim
    assert.deepEqual(parsed?.minimum, [{ token: TOKEN, amount: 10n ** 21n }])
    for (const amount of [5, '0', '1.5', '1e18', '-1']) {
      assert.match(problems(minimum(amount))[0] ?? '', /claim\.minimum\.0\.amount/)
    }
  })
})
