import { parseEther } from 'viem'
import * as z from 'zod'
import { duration } from '../../avs/api.ts'

/** ms: less often than blocks come, as each round of reads takes some tens of calls of every provider; at least daily. */
const LEAST_REFRESH_MS = 10_000
const MOST_REFRESH_MS = 86_400_000
const DAY_MS = 86_400_000
const MAX_HEARTBEAT_MS = 30 * DAY_MS
/** Services whose secured value is stated. */
const MAX_SECURED = 32

/** The section `risk`. */
export function riskSchema() {
  return z
    .strictObject({
      refresh: duration()
        .refine((ms) => ms >= LEAST_REFRESH_MS && ms <= MOST_REFRESH_MS, 'expected a duration from 10s to 1d')
        .default(60_000)
        .meta({ description: 'Between two looks at the figures of risk', examples: ['1m'] }),
      secured: z
        .record(
          z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected the name of a service'),
          z
            .string()
            .regex(/^\d{1,12}(\.\d{1,18})?$/, 'expected an amount of ETH in quotes, such as "1500"')
            .transform((text) => parseEther(text)),
        )
        .refine((secured) => Object.keys(secured).length <= MAX_SECURED, `at most ${MAX_SECURED} services`)
        .default({})
        .meta({
          description:
            'ETH that rests on what a service certifies, by its name: no contract knows it, so it is as true as who states it',
          examples: [{ prices: '1500' }],
        }),
      market: z
        .strictObject({
          heartbeat: duration()
            .refine((ms) => ms >= 1_000 && ms <= MAX_HEARTBEAT_MS, 'expected a duration from 1s to 30d')
            .default(DAY_MS)
            .meta({ description: "Age at which the LRT's market feed is stale", examples: ['1d'] }),
          depegBps: z.int().min(1).max(9_999).default(200).meta({
            description: 'Basis points that the LRT may be cheaper at its market than by its rate',
          }),
        })
        .prefault({}),
    })
    .prefault({})
}

export type RiskConfig = z.output<ReturnType<typeof riskSchema>>
