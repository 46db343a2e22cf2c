import assert from 'node:assert/strict'
import * as z from 'zod'
import { address, defineService, identical } from '../../../../src/avs/api.ts'
import { type Plugins, parseConfig } from '../../../../src/node/config/load.ts'
import type { LariatError } from '../../../../src/util/errors.ts'

const CONTRACT = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const plugins: Plugins = {
  square: async () =>
    defineService({
      name: 'square',
      configSchema: z.strictObject({ contract: address() }),
      triggers: () => [],
      agreement: identical(),
      observe: async () => 1n,
      payload: () => `0x${'00'.repeat(32)}`,
    }),
}

const parse = (chains: string) =>
  parseConfig(
    'node.yaml',
    `dataDir: ./data
chain: {id: 1, rpc: [{url: http://127.0.0.1:8545}], deployment: d.json, singleProvider: true}
operator: {address: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"}
keys:
  bls: {keystore: b, passwordFile: p}
  ecdsa: {keystore: e, passwordFile: p}
services: [{use: square, contract: "${CONTRACT}"}]
${chains}`,
    plugins,
  )

async function problems(chains: string): Promise<readonly string[]> {
  const error = await parse(chains).then(
    () => assert.fail('it was accepted'),
    (thrown: LariatError) => thrown,
  )
  assert.equal(error.code, 'config.invalid')
  return error.details.problems as string[]
}

const two = '[{url: "http://one.example/k-5ecret"}, {url: "http://two.example"}]'

describe('the section chains', () => {
  it('is empty when left out', async () => {
    assert.deepEqual((await parse('')).chains, {})
  })

  it('names chains, each with providers and what is known of it', async () => {
    const genesisHash = `0x${'Ab'.repeat(32)}`
    const { chains } = await parse(
      `chains:\n  base: {id: 8453, rpc: ${two}, genesisHash: "${genesisHash}", pollInterval: 2s}\n  dev-2: {id: 5, rpc: [{url: "http://x"}], singleProvider: true}`,
    )
    assert.deepEqual(Object.keys(chains), ['base', 'dev-2'])
    assert.deepEqual(
      { ...chains.base, rpc: chains.base?.rpc.length },
      { id: 8453, rpc: 2, singleProvider: false, genesisHash: genesisHash.toLowerCase(), pollInterval: 2_000 },
    )
    assert.equal(chains['dev-2']?.pollInterval, 1_000)
    assert.equal(chains['dev-2']?.genesisHash, undefined)
  })

  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      'the chain of the stake again',
      `base: {id: 1, rpc: ${two}}`,
      /chains\.base\.id \(9:14\): chain 1 is there already, as chain — correct the id/,
    ],
    [
      'two names for one chain',
      `base: {id: 5, rpc: ${two}}\n  other: {id: 5, rpc: ${two}}`,
      /chains\.other\.id .*as chains\.base/,
    ],
    [
      'the name of the chain of the stake',
      `stake: {id: 5, rpc: ${two}}`,
      /chains\.stake \(9:3\): .* — give this one another name/,
    ],
    ['a name with other characters', `Base_1: {id: 5, rpc: ${two}}`, /chains\.Base_1 .*/],
    [
      'a single provider',
      'base: {id: 5, rpc: [{url: "http://x.example/k-5ecret"}]}',
      /chains\.base\.rpc \(9:17\): a single provider .* set chains\.base\.singleProvider: true/,
    ],
    [
      'one provider twice',
      'base: {id: 5, rpc: [{url: "http://x.example/k-5ecret"}, {url: "http://X.example/k-5ecret"}]}',
      /chains\.base\.rpc .*twice/,
    ],
    ['a chain without providers', 'base: {id: 5, rpc: []}', /chains\.base\.rpc .*at least one provider/],
    [
      'a URL that is none',
      'base: {id: 5, rpc: [{url: "ws://k-5ecret"}, {url: x}]}',
      /chains\.base\.rpc\[0\]\.url .*http:\/\/ or https/,
    ],
    ['a hash that is none', `base: {id: 5, rpc: ${two}, genesisHash: "0x12"}`, /chains\.base\.genesisHash .*32 bytes/],
    [
      'an interval out of bounds',
      `base: {id: 5, rpc: ${two}, pollInterval: 1h}`,
      /chains\.base\.pollInterval .*50ms to 1m/,
    ],
    ['an unknown key', `base: {id: 5, rpc: ${two}, singelProvider: true}`, /did you mean singleProvider\?/],
    [
      'more than 16',
      Array.from({ length: 17 }, (_, i) => `c${i}: {id: ${i + 2}, rpc: ${two}}`).join('\n  '),
      /chains .*at most 16 chains/,
    ],
  ]
  for (const [what, chains, expected] of refused) {
    it(`refuses ${what}, and shows no secret of a URL`, async () => {
      const found = await problems(`chains:\n  ${chains}`)
      assert.ok(
        found.some((line) => expected.test(line)),
        found.join('\n'),
      )
      assert.ok(!found.join().includes('k-5ecret'), found.join('\n'))
    })
  }
})
