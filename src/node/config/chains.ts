import * as z from 'zod'
import { duration } from '../../avs/api.ts'
import { STAKE_CHAIN } from '../../chain/chainLabel.ts'
import { DEFAULT_POLL_MS } from '../../chain/clients.ts'
import type { Hex } from '../../util/hex.ts'
import { type ConfigProblem, dotted, positionOf, type Source } from './problems.ts'
import { chainShape } from './providers.ts'

/** Chains beside that of the stake: each costs its providers a few requests a second. */
const MAX_CHAINS = 16
/** Names are those of folders and of metrics. */
const NAME_PATTERN = /^[a-z][a-z0-9-]{0,31}$/
/** ms: more often than any chain makes blocks; and so often that a block that is final is known within a minute. */
const LEAST_POLL_MS = 50
const MOST_POLL_MS = 60_000

/** The section `chains`. */
export function chainsSchema() {
  const chain = z.strictObject({
    ...chainShape(),
    genesisHash: z
      .string()
      .regex(/^0x[0-9a-fA-F]{64}$/, 'expected the hash of block 0, 32 bytes')
      .transform((text) => text.toLowerCase() as Hex)
      .optional()
      .meta({
        description:
          'Hash of block 0 that every provider must have; left out, what they agree on at the first start is kept and holds from then on',
        examples: ['0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3'],
      }),
    pollInterval: duration()
      .refine((ms) => ms >= LEAST_POLL_MS && ms <= MOST_POLL_MS, 'expected a duration from 50ms to 1m')
      .default(DEFAULT_POLL_MS)
      .meta({ description: 'Between two looks for a new block', examples: ['1s'] }),
  })
  return z
    .record(
      z.string().regex(NAME_PATTERN, 'expected a name of lower-case letters, digits and hyphens, at most 32'),
      chain,
    )
    .refine((chains) => Object.keys(chains).length <= MAX_CHAINS, `at most ${MAX_CHAINS} chains`)
    .default({})
    .meta({
      description:
        'Further chains that services read and write, by name. What goes wrong with one stops only what rests on it',
      examples: [{ base: { id: 8_453, rpc: [{ url: 'https://rpc.example' }] } }],
    })
}

/** Further chains by name. */
export type ChainsConfig = z.output<ReturnType<typeof chainsSchema>>
export type FurtherChainConfig = ChainsConfig[string]

interface Chains {
  readonly chain: { readonly id: number } & Provided
  readonly chains: ChainsConfig
}

interface Provided {
  readonly rpc: readonly { readonly url: string }[]
  readonly singleProvider: boolean
}

/** Each chain once, under a name of its own, with providers whose lies can be refuted. */
export function checkChains({ chain, chains }: Chains, source: Source): ConfigProblem[] {
  const problems = checkProviders(['chain'], chain, source)
  const places = new Map([[chain.id, 'chain']])
  for (const [name, further] of Object.entries(chains)) {
    const path = ['chains', name]
    if (name === STAKE_CHAIN) {
      problems.push({
        path: dotted(path),
        position: positionOf(source, path, 'key'),
        what: `${STAKE_CHAIN} is what services call the chain of the section chain`,
        mend: 'give this one another name',
      })
    }
    const before = places.get(further.id)
    if (before === undefined) places.set(further.id, dotted(path))
    else {
      const at = [...path, 'id']
      problems.push({
        path: dotted(at),
        position: positionOf(source, at, 'value'),
        what: `chain ${further.id} is there already, as ${before}`,
        mend: 'correct the id, or name each chain once',
      })
    }
    problems.push(...checkProviders(path, further, source))
  }
  return problems
}

function checkProviders(path: readonly string[], { rpc, singleProvider }: Provided, source: Source): ConfigProblem[] {
  const at = (what: string, mend: string): ConfigProblem => ({
    path: dotted([...path, 'rpc']),
    position: positionOf(source, [...path, 'rpc'], 'key'),
    what,
    mend,
  })
  const urls = rpc.map(({ url }) => new URL(url).href)
  if (new Set(urls).size < urls.length) {
    return [at('one provider is there twice', 'every provider counts once: remove the repetition')]
  }
  if (urls.length === 1 && !singleProvider) {
    return [
      at(
        'a single provider can make this operator sign whatever it says',
        `add a second one that other people run, or set ${dotted(path)}.singleProvider: true on a test network`,
      ),
    ]
  }
  return []
}
