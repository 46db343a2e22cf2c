import * as z from 'zod'
import { LariatError } from '../util/errors.ts'
import { duration } from './operator/words.ts'
import type { NodeStatus } from './statusCommand.ts'

/** What of `/healthz` and `/v1/status` is shown to people. */
const schema = z.object({
  health: z.object({
    healthy: z.boolean(),
    stopped: z.record(z.string(), z.string()),
    checks: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['pass', 'warn', 'fail']),
        since: z.number(),
        stopsSigning: z.boolean().optional(),
        problem: z.string().optional(),
      }),
    ),
  }),
  status: z.object({
    version: z.string(),
    operator: z.string(),
    startedAt: z.number(),
    now: z.number(),
    chain: z.object({
      id: z.number(),
      head: z.object({ number: z.string(), timestamp: z.string() }),
      finalized: z.object({ number: z.string() }),
      providers: z.number(),
    }),
    chains: z
      .array(
        z.object({
          name: z.string(),
          id: z.number(),
          head: z.object({ number: z.string(), timestamp: z.string() }).nullable(),
          finalized: z.object({ number: z.string() }).nullable(),
          providers: z.number().nullable(),
          problem: z.object({ reason: z.string() }).nullable(),
        }),
      )
      .default([]),
    p2p: z.object({ peerId: z.string(), connected: z.array(z.string()) }),
    services: z.array(
      z.object({
        name: z.string(),
        health: z.object({ epoch: z.string().nullable(), member: z.boolean(), latestSlot: z.string().nullable() }),
      }),
    ),
  }),
})

/** How a node is, for people: what is wrong first. @throws LariatError `status.malformed` for an answer of another version */
export function statusText(status: NodeStatus): string {
  const parsed = schema.safeParse(status)
  if (!parsed.success) {
    throw new LariatError(
      'status.malformed',
      'the running node answers in another form than this lariat knows: use the version that runs, or --json',
      {},
      parsed.error,
    )
  }
  const { health, status: node } = parsed.data
  const { checks } = health
  const passed = checks.filter((check) => check.status === 'pass').length
  const wrong = (['fail', 'warn'] as const).flatMap((each) => checks.filter((check) => check.status === each))
  const width = Math.max(0, ...wrong.map(({ name }) => name.length))
  const head = node.chain.head
  return [
    `${health.healthy ? 'well' : 'ILL'}: lariat ${node.version}, operator ${node.operator}, running for ${duration(node.now - node.startedAt)}`,
    `chain ${node.chain.id}: block ${head.number} (${duration(node.now - Number(head.timestamp))} old), finalized ${node.chain.finalized.number}, providers: ${node.chain.providers}`,
    ...node.chains.map(({ name, id, head, finalized, providers, problem }) => {
      const seen =
        head === null || finalized === null
          ? 'not followed'
          : `block ${head.number} (${duration(node.now - Number(head.timestamp))} old), finalized ${finalized.number}, providers: ${providers}`
      return `chain ${name} (${id}): ${seen}${problem === null ? '' : `; NOTHING IS SIGNED OVER IT: ${problem.reason}`}`
    }),
    `peer id ${node.p2p.peerId}, connected operators: ${node.p2p.connected.length}`,
    ...node.services.map(({ name, health: { epoch, member, latestSlot } }) => {
      const place = epoch === null ? 'no epoch' : `epoch ${epoch}${member ? '' : ', not a member'}`
      const signs = health.stopped[name] === undefined ? '' : '; NOTHING IS SIGNED'
      return `service ${name}: ${place}, newest certificate: ${latestSlot === null ? 'none' : `slot ${latestSlot}`}${signs}`
    }),
    '',
    `${passed} of ${checks.length} self-checks pass${wrong.length === 0 ? '' : ':'}`,
    ...wrong.map(({ name, status: each, since, stopsSigning, problem = '' }) => {
      const stops = stopsSigning === true ? ' [stops signing]' : ''
      return `${each.toUpperCase()}  ${name.padEnd(width)}  ${problem} (for ${duration(node.now - since)})${stops}`
    }),
  ].join('\n')
}
