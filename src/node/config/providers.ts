import * as z from 'zod'

/** Providers of one chain; each is asked for every height that is signed over. */
const MAX_PROVIDERS = 16

const rpcUrl = () =>
  z
    .string()
    .max(2_048)
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'expected an http:// or https:// URL',
    )

/** The keys of every chain. */
export function chainShape() {
  return {
    id: z
      .int()
      .positive()
      .meta({ description: 'Chain id; every provider must answer with it', examples: [1] }),
    rpc: z
      .array(
        z.strictObject({
          url: rpcUrl().meta({ description: 'JSON-RPC over HTTP', examples: ['http://127.0.0.1:8545'] }),
        }),
      )
      .min(1, 'expected at least one provider')
      .max(MAX_PROVIDERS)
      .meta({
        description: 'Providers, by different people if possible; all that answer must agree',
        examples: [[{ url: 'http://127.0.0.1:8545' }]],
      }),
    singleProvider: z.boolean().default(false).meta({
      description:
        'Allows a single provider, which can then make this operator sign whatever it says: for test networks',
    }),
  }
}
