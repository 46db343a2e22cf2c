import { address, MAX_LOCATION } from 'lariat/avs'
import * as z from 'zod'
import { relayField } from './relay/config.ts'

/** Mailboxes of one section: each costs its chain's providers a few requests a block. */
const MAX_MAILBOXES = 16
/** Blocks that a fast checkpoint can lie behind the newest; what is further behind is final on most chains. */
const MAX_FAST = 64

const mailbox = z.strictObject({
  chain: z
    .string()
    .min(1)
    .meta({
      description: 'Its chain: `stake`, or a name of the section chains',
      examples: ['base'],
    }),
  domain: z
    .int()
    .min(1)
    .max(0xffff_ffff)
    .meta({ description: 'Number of the chain in messages', examples: [8453] }),
  mailbox: address().meta({
    description: 'The Mailbox contract',
    examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
  }),
  hook: address().meta({
    description: 'The MerkleTreeHook, whose tree is attested to',
    examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
  }),
  from: z
    .int()
    .min(0)
    .meta({ description: 'First block that can have messages', examples: [18_422_522] }),
  fast: z
    .int()
    .min(1)
    .max(MAX_FAST)
    .optional()
    .meta({
      description:
        'Sign fast checkpoints too, of blocks that lie so many behind the newest: never slashable, may be undone',
      examples: [2],
    }),
  treeSlot: z
    .int()
    .min(0)
    .optional()
    .meta({
      description: 'First slot of the tree in the hook’s storage, for a hook that is neither Lariat’s nor Hyperlane’s',
      examples: [151],
    }),
  acknowledge: z
    .string()
    .regex(/^[0-9a-f]{8}$/, 'expected the eight hexadecimal digits that the halt is named by')
    .optional()
    .meta({
      description:
        'Name of a halt that an operator has looked into: the tree is read anew and signed again (docs/bridge.md)',
      examples: ['1a2b3c4d'],
    }),
  ism: address()
    .optional()
    .meta({
      description: 'The BridgeIsm that judges messages which arrive here',
      examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
    }),
  storage: z
    .string()
    .max(MAX_LOCATION)
    .regex(/^[a-z0-9+]+:\/\/[!-~]+$/, 'expected where the files lie, such as s3://bucket/region')
    .optional()
    .meta({
      description:
        'Signs checkpoints of the tree for unmodified relayers of Hyperlane too, with `keys.checkpoints`: where they find the files, as it is announced to them (docs/bridge.md)',
      examples: ['s3://checkpoints/eu-north-1'],
    }),
  pause: z
    .boolean()
    .default(false)
    .meta({
      description:
        'Whether this operator wants the module of `ism` paused: more than a third of the weight stops it, and a quorum that does not want it any more opens it again',
      examples: [true],
    }),
  relay: relayField()
    .optional()
    .meta({ description: 'Whether, and how, this node delivers messages that arrive here; needs `ism`' }),
})

/** Routes, and synthetics of one, whose supply is watched: two reads each every two seconds. */
const MAX_ROUTES = 16
const MAX_SYNTHETICS = 16

const route = z.strictObject({
  chain: z
    .string()
    .min(1)
    .meta({ description: 'Chain on which tokens are locked', examples: ['stake'] }),
  collateral: address().meta({
    description: 'The contract that keeps them (LrtCollateral)',
    examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
  }),
  synthetics: z
    .array(
      z.strictObject({
        chain: z
          .string()
          .min(1)
          .meta({ description: 'Chain on which they are minted', examples: ['base'] }),
        token: address().meta({
          description: 'The token there (LrtSynthetic)',
          examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
        }),
      }),
    )
    .min(1)
    .max(MAX_SYNTHETICS)
    .meta({ description: 'Where they are minted' }),
})

/** Configuration of the bridge service. */
export const bridgeConfigSchema = z
  .strictObject({
    contract: address().meta({
      description: 'The BridgeService contract',
      examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
    }),
    mailboxes: z
      .array(mailbox)
      .min(1)
      .max(MAX_MAILBOXES)
      .refine((all) => distinct(all.map(({ chain }) => chain)), 'one mailbox for each chain')
      .refine((all) => distinct(all.map(({ domain }) => domain)), 'a domain of its own for each mailbox')
      .refine((all) => all.every(({ ism, relay }) => relay === undefined || ism !== undefined), 'relay needs ism')
      .meta({ description: 'Where messages come from and go to' }),
    routes: z.array(route).max(MAX_ROUTES).default([]).meta({
      description:
        'Tokens that are locked on one chain and minted on others, believed by finalized checkpoints: while more is minted than is locked, nothing is attested to, and the modules are to be paused',
    }),
  })
  .refine(
    ({ mailboxes, routes }) =>
      routes.every(({ synthetics }) => synthetics.every(({ chain }) => mailboxes.some((one) => one.chain === chain))),
    'a chain of a synthetic needs a mailbox: its domain is what tokens are locked for',
  )

export type BridgeConfig = z.output<typeof bridgeConfigSchema>
export type MailboxConfig = BridgeConfig['mailboxes'][number]

function distinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length
}
