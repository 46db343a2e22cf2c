import { address } from 'lariat/avs'
import * as z from 'zod'

/** Rounds that are kept at most: 200 MB. */
const MAX_KEEP = 2_000_000

/** A fee of a hundred times the gas is no price any more. */
const MAX_MARGIN = 100

/** Configuration of the randomness service. */
export const randomnessConfigSchema = z.strictObject({
  contract: address().meta({
    description: 'The RandomnessService contract',
    examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
  }),
  keepRounds: z
    .int()
    .min(1_000)
    .max(MAX_KEEP)
    .default(1_000_000)
    .meta({
      description: 'Rounds that this node keeps and serves, the newest; a million are 100 MB, and 35 days of 3 s each',
      examples: [1_000_000],
    }),
  fulfill: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .meta({
          description: 'Whether this node brings rounds on chain that contracts ask for, and earns their fees',
          examples: [true],
        }),
      margin: z
        .number()
        .min(0)
        .max(MAX_MARGIN)
        .default(1.25)
        .meta({
          description:
            'What a fee must be worth of the gas that it costs; 0 fulfills whatever is asked, at the operator’s expense',
          examples: [1.25],
        }),
    })
    .prefault({})
    .meta({ description: 'Requests of contracts for randomness' }),
})

export type RandomnessConfig = z.output<typeof randomnessConfigSchema>
