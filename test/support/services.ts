import * as z from 'zod'
import {
  type AnyService,
  address,
  defineService,
  identical,
  onBlock,
  onEvent,
  onInterval,
  report,
  type Submission,
} from '../../src/avs/api.ts'
import { bigToBytes, bytesToBig, bytesToHex } from '../../src/util/hex.ts'
import { ASKED, type AskedArgs } from './simChain.ts'

/** Seconds between slots of the test services. */
export const INTERVAL = 2

const configSchema = z.strictObject({
  contract: address(),
  genesis: z.number(),
  interval: z.number().default(INTERVAL),
})

/** What a test wants to know of, and decide about, a service's hooks. */
export interface Script {
  /** This operator's observation of a slot. */
  observe: (operator: string, slot: bigint) => bigint
  /** Called for each submission; `not-due` when left out. */
  submit?: (operator: string, slot: bigint) => Submission
}

const number = {
  encode: (value: bigint) => bigToBytes(value, 8),
  decode(bytes: Uint8Array): bigint {
    if (bytes.length !== 8) throw new RangeError('expected 8 bytes')
    return bytesToBig(bytes)
  },
}
const payload = (value: bigint) => bytesToHex(bigToBytes(value, 32))

/** Identical agreement: everyone certifies the square of the slot, or what the script says. */
export const square = (script: Script): AnyService =>
  defineService({
    name: 'square',
    configSchema,
    triggers: ({ config }) => [onInterval({ genesis: config.genesis, interval: config.interval })],
    agreement: identical(),
    observe: async ({ operator, task }) => script.observe(operator, task.slot),
    payload,
    submit: async ({ operator, task }) => script.submit?.(operator, task.slot) ?? { status: 'not-due' },
  })

/** Identical agreement over a chain: everyone certifies what the script says of a final block, or of a task that was asked for. */
export const onChain = (trigger: 'block' | 'event', script: Pick<Script, 'observe'>): AnyService =>
  defineService({
    name: trigger === 'block' ? 'checkpoints' : 'tasks',
    configSchema,
    triggers: ({ config: { contract } }) => [
      trigger === 'block'
        ? onBlock({ every: 3n, deadlineMs: 2_000 })
        : onEvent<AskedArgs>({
            ...{ address: contract, abi: [], eventName: ASKED, deadlineMs: 2_000 },
            slot: ({ args }) => args.id,
          }),
    ],
    agreement: identical(),
    observe: async ({ operator, task: { slot, args } }) =>
      (args as AskedArgs | undefined)?.number ?? script.observe(operator, slot),
    payload,
    submit: async () => ({ status: 'not-due' }),
  })

/** Report agreement: the median of numbers; a follower's band is 100 either side. */
export const median = (script: Script): AnyService =>
  defineService({
    name: 'median',
    configSchema,
    triggers: ({ config }) => [onInterval({ genesis: config.genesis, interval: config.interval })],
    agreement: report<bigint, bigint, z.infer<typeof configSchema>>({
      observation: number,
      value: number,
      compute(observed) {
        const sorted = observed.map(({ observation }) => observation).sort((a, b) => Number(a - b))
        return sorted[(sorted.length - 1) >> 1] ?? { refused: 'no observations' }
      },
      check: (value, own) => (value > own + 100n || value + 100n < own ? `${value} is far from ${own}` : undefined),
    }),
    observe: async ({ operator, task }) => script.observe(operator, task.slot),
    payload,
    landing: ({ config }) => ({ address: config.contract, abi: [], eventName: 'Took', of: ({ args }) => args }),
    submit: async ({ operator, task }) => script.submit?.(operator, task.slot) ?? { status: 'not-due' },
  })
