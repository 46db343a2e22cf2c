import * as z from 'zod'

// What of the node's answers is shown to people. What a node of before did not tell yet may be missing.

const head = z.object({ number: z.string(), timestamp: z.string() })
const peg = z.object({ ratio: z.number().nullable(), state: z.string() })

const risk = z.object({
  operator: z.object({ stake: z.string(), loss: z.string() }).nullable(),
  services: z.array(
    z.object({
      name: z.string(),
      slashable: z.string().nullable(),
      shares: z.array(z.object({ share: z.number() })),
      toStop: z.number().nullable(),
      toForge: z.number().nullable(),
    }),
  ),
  lrt: z
    .object({
      rate: z.string(),
      backing: z.number().nullable(),
      market: peg.nullable(),
      lsts: z.array(peg.extend({ token: z.string() })),
    })
    .nullable(),
  failures: z.array(z.object({ problem: z.string() })),
})

const line = z.object({ about: z.string(), text: z.string(), state: z.enum(['ok', 'warn', 'fail']) })

const service = z.object({
  name: z.string(),
  health: z.object({
    epoch: z.string().nullable(),
    member: z.boolean(),
    latestSlot: z.string().nullable(),
    latestCertifiedAt: z.number().nullish(),
  }),
  status: z.object({ lines: z.array(line) }).nullish(),
})

const check = z.object({
  name: z.string(),
  status: z.enum(['pass', 'warn', 'fail']),
  since: z.number(),
  stopsSigning: z.boolean().optional(),
  problem: z.string().optional(),
})

const warning = z.object({
  at: z.number(),
  level: z.enum(['warn', 'error']),
  message: z.string(),
  fields: z.record(z.string(), z.string()),
})

export const statusSchema = z.object({
  page: z.string(),
  health: z.object({
    healthy: z.boolean(),
    stopped: z.record(z.string(), z.string()),
    checks: z.array(check),
  }),
  status: z.object({
    version: z.string(),
    operator: z.string(),
    startedAt: z.number(),
    now: z.number(),
    chain: z.object({
      id: z.number(),
      head: head.nullish(),
      finalized: z.object({ number: z.string() }).nullish(),
      providers: z.number(),
    }),
    chains: z
      .array(
        z.object({
          name: z.string(),
          id: z.number(),
          head: head.nullable(),
          finalized: z.object({ number: z.string() }).nullable(),
          providers: z.number().nullable(),
          problem: z.object({ reason: z.string() }).nullable(),
        }),
      )
      .default([]),
    p2p: z.object({ peerId: z.string(), connected: z.array(z.string()) }),
    services: z.array(service),
    risk: risk.nullish(),
  }),
  warnings: z.array(warning).default([]),
})

export type ShownStatus = z.output<typeof statusSchema>
export type ShownRisk = z.output<typeof risk>
export type ShownService = z.output<typeof service>
export type ShownWarning = z.output<typeof warning>
