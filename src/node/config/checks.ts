import { parseEther } from 'viem'
import * as z from 'zod'

const ether = () =>
  z
    .string()
    .regex(/^\d{1,12}(\.\d{1,18})?$/, 'expected an amount of ETH in quotes, such as "0.5"')
    .transform((text) => parseEther(text))

/** AVSs of one operator: the core itself allows any number. */
const MAX_AVSS = 1_000

/** The section `checks`: what the self-checks hold an operator to. */
export function checksSchema() {
  return z
    .strictObject({
      minBalance: ether()
        .optional()
        .meta({ description: 'ETH that the account which sends must have', examples: ['0.5'] }),
      minStake: ether()
        .optional()
        .meta({ description: 'ETH that each service must count the operator for', examples: ['32'] }),
      maxAvss: z
        .int()
        .min(1)
        .max(MAX_AVSS)
        .optional()
        .meta({ description: 'AVSs to which stake may be allocated at once', examples: [3] }),
      missedPercent: z
        .int()
        .min(0)
        .max(100)
        .default(25)
        .meta({ description: 'Per cent of the newest slots that may end without a certificate' }),
      volatileStorage: z.boolean().default(false).meta({
        description: 'Allows dataDir in memory, where a reboot forgets what was signed: for test networks',
      }),
    })
    .prefault({})
}

export type ChecksConfig = z.output<ReturnType<typeof checksSchema>>
