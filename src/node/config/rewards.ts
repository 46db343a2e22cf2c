import { resolve } from 'node:path'
import cron from 'node-cron'
import * as z from 'zod'
import { address } from '../../avs/api.ts'
import { isUrl, SOURCE_PLACEHOLDERS } from '../../chain/rewards/source.ts'

/** Longest place of a distribution, characters: URLs beyond it are refused by servers. */
const MAX_SOURCE = 2_048
/** Tokens with a minimum of their own. */
const MAX_MINIMUMS = 64

/** The section `rewards`. @param folder relative paths are relative to it */
export function rewardsSchema(folder: string) {
  return z.strictObject({
    source: z
      .string()
      .min(1, 'expected a path or URL')
      .max(MAX_SOURCE)
      .refine(
        (text) =>
          [...text.matchAll(/\{([^}]*)\}/g)].every(([, name]) =>
            (SOURCE_PLACEHOLDERS as readonly (string | undefined)[]).includes(name),
          ),
        `braces hold one of ${SOURCE_PLACEHOLDERS.join(', ')}`,
      )
      .refine((text) => !isUrl(text) || URL.canParse(text), 'expected a path or an http(s) URL')
      .transform((text) => (isUrl(text) ? text : resolve(folder, text)))
      .meta({
        description:
          'File or URL of the distribution; {root}, {index}, {end} and {date} are those of the root that is claimed against',
        examples: ['https://rewards.example/{date}/claim-amounts.json'],
      }),
    recipient: address()
      .optional()
      .meta({
        description: 'Who gets what is claimed; the operator itself when left out',
        examples: ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8'],
      }),
    claim: z
      .strictObject({
        schedule: z
          .string()
          .max(128)
          .refine((text) => cron.validate(text), 'expected a cron expression, such as 0 3 * * *')
          .meta({
            description: 'When the daemon claims by itself, as a cron expression in UTC; without it, never',
            examples: ['0 3 * * *'],
          }),
        minimum: z
          .array(
            z.strictObject({
              token: address().meta({
                description: 'Token',
                examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
              }),
              amount: z
                .string()
                .regex(/^[1-9]\d{0,77}$/, 'expected a whole number in quotes')
                .transform(BigInt)
                .meta({ description: 'In its smallest unit, in quotes', examples: ['1000000000000000000'] }),
            }),
          )
          .max(MAX_MINIMUMS)
          .default([])
          .meta({
            description: 'Least amounts that are worth a claim; of other tokens any amount is',
            examples: [[{ token: '0x5FbDB2315678afecb367f032d93F642f64180aa3', amount: '1000000000000000000' }]],
          }),
      })
      .optional()
      .meta({ description: 'Automatic claims, off unless given' }),
  })
}

export type RewardsConfig = z.output<ReturnType<typeof rewardsSchema>>
