import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import type { CommandContext, ServiceCommand } from '../../../../src/avs/api.ts'
import { encrypt, timeOf } from '../../../../src/avs/randomness/commands/encrypt.ts'
import { get, info, verify } from '../../../../src/avs/randomness/commands/rounds.ts'
import { chainInfo } from '../../../../src/bls/threshold/chain.ts'
import { randomness } from '../../../../src/bls/threshold/rounds.ts'
import { startThreshold } from '../../../../src/bls/threshold/start.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { dealGroup, signatureBySecret } from '../../../support/beacon.ts'

const URL = 'http://node:9520'

describe('lariat randomness', () => {
  const schedule = { genesis: 1_700_000_000n, period: 3 }
  const clock = new SimClock(1_700_000_000_000 + 61_000)
  let dealt: ReturnType<typeof dealGroup>
  let pages: Record<string, unknown>
  let hash: string

  const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const page = (round: bigint) => {
    const signature = signatureBySecret(dealt, round)
    return { round: Number(round), randomness: hexOf(randomness(signature)), signature: hexOf(signature) }
  }
  before(async () => {
    await startThreshold()
    dealt = dealGroup(5, schedule)
    hash = dealt.group.chainHash.slice(2)
  })
  beforeEach(() => {
    pages = {
      [`${URL}/chains`]: [hash],
      [`${URL}/${hash}/info`]: chainInfo(dealt.group),
      [`${URL}/${hash}/public/latest`]: page(21n),
      [`${URL}/${hash}/public/7`]: page(7n),
    }
  })

  async function run(
    command: ServiceCommand,
    args: readonly string[],
    options: CommandContext['options'] = {},
    input = '',
  ): Promise<{ isWell: boolean; text: string }> {
    let text = ''
    const isWell = await command.run({
      args,
      options: { url: `${URL}/`, ...options },
      http: {
        async getJson(url) {
          const found = pages[url]
          if (found === undefined) throw new LariatError('http.status', `${url} answered 404`)
          return found
        },
      },
      clock,
      signal: new AbortController().signal,
      write(more) {
        text += more
      },
      read: async () => Buffer.concat(await Readable.from([Buffer.from(input)]).toArray()),
    })
    return { isWell, text }
  }

  it('get prints a round, the newest or the one that is named', async () => {
    const { text } = await run(get, [])
    assert.match(text, new RegExp(`round\\s+21, 2023-11-14T22:14:20.000Z\nrandomness\\s+${page(21n).randomness}\n`))
    const json = JSON.parse((await run(get, ['7'], { json: true, chain: `0x${hash.toUpperCase()}` })).text)
    assert.deepEqual(json, { ...page(7n), time: '2023-11-14T22:13:38.000Z' })
  })

  it('get refuses what does not verify, whatever of it is false', async () => {
    for (const wrong of [
      { ...page(8n), round: 7 },
      { ...page(7n), randomness: page(8n).randomness },
      { ...page(7n), signature: page(8n).signature },
      page(8n),
    ]) {
      pages[`${URL}/${hash}/public/7`] = wrong
      await assert.rejects(run(get, ['7']), { code: 'randomness.false' })
    }
    pages[`${URL}/${hash}/public/7`] = { round: '7' }
    await assert.rejects(run(get, ['7']), { code: 'randomness.answer' })
    await assert.rejects(run(get, ['x']), { code: 'usage.randomness' })
  })

  it('believes no node that tells of another key than the chain’s', async () => {
    const other = dealGroup(6, schedule).group
    pages[`${URL}/${hash}/info`] = { ...chainInfo(other), hash }
    await assert.rejects(run(get, [], { chain: hash }), { code: 'randomness.answer' })
    pages[`${URL}/chains`] = []
    await assert.rejects(run(get, []), { code: 'randomness.no-chain' })
  })

  it('verify says whether a signature is a round’s, with a node or with the key alone', async () => {
    const { signature, randomness: told } = page(7n)
    const publicKey = hexOf(dealt.group.publicKey)
    assert.ok((await run(verify, ['7', signature])).text.includes(told))
    pages = {}
    assert.ok((await run(verify, ['7', `0x${signature}`], { publicKey })).isWell)
    assert.ok(!(await run(verify, ['8', signature], { publicKey })).isWell)
    await assert.rejects(run(verify, ['8', 'ab'], { publicKey }), { code: 'usage.randomness' })
  })

  it('info tells what the chain is', async () => {
    const { text } = await run(info, [])
    assert.match(text, new RegExp(`chain hash\\s+${hash}\n`))
    assert.match(text, /period\s+3 s\n/)
    assert.match(text, /round\s+21\n/)
    assert.deepEqual(JSON.parse((await run(info, [], { json: true })).text), { ...chainInfo(dealt.group) })
  })

  it('encrypt makes what tlock-js decrypts with the round, and with no other', async () => {
    const { text } = await run(encrypt, [], { until: '2023-11-14T22:23:21Z' }, 'sealed bid')
    const { timelockDecrypt } = await import('tlock-js')
    const asked: number[] = []
    const decrypt = (signatureOf: (round: number) => bigint) =>
      timelockDecrypt(text, {
        options: { disableBeaconVerification: false, noCache: false },
        chain: () => ({ baseUrl: URL, info: async () => ({ ...chainInfo(dealt.group) }) }),
        latest: () => Promise.reject(new Error('not asked for')),
        get: async (round) => {
          asked.push(round)
          return { ...page(signatureOf(round)), round }
        },
      })
    assert.equal((await decrypt(BigInt)).toString(), 'sealed bid')
    assert.deepEqual(asked, [202]) // 22:23:21 is 601 s after genesis, and a round comes every 3 s
    await assert.rejects(decrypt((round) => BigInt(round) - 1n))
  })

  it('encrypt takes a time, or how long from now, that has not passed', () => {
    assert.equal(timeOf('90s', 1_000), 91_000)
    assert.equal(timeOf('2h', 0), 7_200_000)
    assert.equal(timeOf('2027-01-01T00:00:00Z', 0), Date.UTC(2027, 0, 1))
    for (const wrong of ['', 'tomorrow', '10', '2020', '1970-01-01T00:00:00Z']) {
      assert.throws(() => timeOf(wrong, 1_000), { code: 'usage.randomness' }, wrong)
    }
  })
})
