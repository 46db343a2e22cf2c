import { duration } from 'lariat/avs'
import * as z from 'zod'

/** Gas that a transaction may have (EIP-7825). */
const MAX_GAS = 16_777_216
/** What the module alone takes of the first message under a root with 200 operators, and some for the recipient. */
const MIN_GAS = 400_000
/** gwei per gas: nobody means more. */
const MAX_GAS_PRICE = 100_000
/** Origins that can be named for one destination. */
const MAX_ORIGINS = 64

/** How a node delivers messages to one mailbox. */
export const relaySchema = z.strictObject({
  from: z
    .array(z.int().min(0).max(0xffff_ffff))
    .min(1)
    .max(MAX_ORIGINS)
    .optional()
    .meta({ description: 'Domains whose messages are delivered; those of all mailboxes of the section when left out' }),
  ordered: z
    .boolean()
    .default(false)
    .meta({
      description:
        'Whether messages of one origin are delivered in their order alone: one that cannot be holds up all after it',
      examples: [false],
    }),
  maxGasPriceGwei: z
    .number()
    .gt(0)
    .max(MAX_GAS_PRICE)
    .default(50)
    .meta({ description: 'Price of gas above which deliveries wait, gwei', examples: [50] }),
  maxGas: z
    .int()
    .min(MIN_GAS)
    .max(MAX_GAS)
    .default(2_000_000)
    .meta({
      description: 'Gas that one delivery may take; a message that needs more is left to others',
      examples: [2_000_000],
    }),
  stagger: duration()
    .prefault('5s')
    .meta({
      description:
        'What each operator in the order of a message leaves to the one before it: two blocks, as the first one’s must be seen',
      examples: ['5s'],
    }),
})

export type RelayConfig = z.output<typeof relaySchema>

/** `relay` of a mailbox: `true` stands for an empty object, `false` for none. */
export const relayField = () =>
  z.union([z.boolean(), relaySchema]).transform((value): RelayConfig | undefined => {
    if (typeof value !== 'boolean') return value
    return value ? relaySchema.parse({}) : undefined
  })
