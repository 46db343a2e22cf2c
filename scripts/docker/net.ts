import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { compose } from './lab.ts'

/** ms for one answer, and between looks. */
const ANSWER_MS = 5_000
const LOOK_MS = 500

/** JSON of an answer 200; undefined for every other, and for none. */
export async function ask(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
    const text = await response.text()
    return response.status === 200 ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

/** The first value of `probe` that is not undefined. @throws AssertionError naming `what` after `ms` */
export async function within<T>(ms: number, what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const from = performance.now()
  for (;;) {
    const value = await probe()
    if (value !== undefined) {
      process.stdout.write(`${what}: after ${((performance.now() - from) / 1_000).toFixed(1)} s\n`)
      return value
    }
    assert.ok(performance.now() - from < ms, `${what}: not within ${ms / 1_000} s`)
    await sleep(LOOK_MS)
  }
}

/** An operator's node as it is reached from the machine. */
export interface Operator {
  /** 1 for the first. */
  readonly number: number
  readonly container: string
  readonly service: string
}

export const operatorsOf = (project: string, count: number): Operator[] =>
  Array.from({ length: count }, (_, i) => ({
    ...{ number: i + 1, service: `operator-${i + 1}`, container: `${project}-operator-${i + 1}` },
  }))

/** Base URL of its HTTP server; another one after a start of the container. */
export const apiOf = ({ number }: Operator): string =>
  `http://${compose('port', '--index', String(number), 'operator', '9520')}`

const slots = z.object({
  slots: z.array(
    z.object({ slot: z.coerce.number(), outcome: z.string(), signers: z.array(z.string().toLowerCase()) }),
  ),
})

export type Round = z.infer<typeof slots>['slots'][number]

/** The newest certified rounds of prices that a node tells of, newest first; none when it does not answer. */
export async function roundsOf(api: string): Promise<readonly Round[]> {
  const answer = slots.safeParse(await ask(`${api}/v1/slots?service=prices&limit=20`))
  return answer.success ? answer.data.slots.filter(({ outcome }) => outcome !== 'missed') : []
}

const operatorAddress = z.object({ operator: z.string() })

/** The operator's address, lower case, as signers of rounds are named. */
export async function addressOf(api: string): Promise<string | undefined> {
  const answer = operatorAddress.safeParse(await ask(`${api}/v1/status`))
  return answer.success ? answer.data.operator.toLowerCase() : undefined
}

/** Whether it says so itself where it is published; false while its container starts, of which the engine tells no port. */
export async function isHealthy(operator: Operator): Promise<boolean> {
  try {
    return (await ask(`${apiOf(operator)}/healthz`)) !== undefined
  } catch {
    return false
  }
}

const beaconRound = z.object({ round: z.int().positive() })

/** The beacon's newest round at a node. */
export async function newestBeacon(api: string, hash: string): Promise<number | undefined> {
  const answer = beaconRound.safeParse(await ask(`${api}/${hash}/public/latest`))
  return answer.success ? answer.data.round : undefined
}

const life = z.object({
  randomness: z.object({ hash: z.string(), round: z.int().nullable() }).nullable(),
  bridge: z.object({ sent: z.int(), delivered: z.int() }).nullable(),
})

/** What the service `life` tells. */
export async function readLife(): Promise<z.infer<typeof life> | undefined> {
  const answer = life.safeParse(await ask('http://127.0.0.1:8700/status'))
  return answer.success ? answer.data : undefined
}

const vector = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
})

/** Values of a query to Prometheus by `instance`. */
export async function query(text: string): Promise<ReadonlyMap<string, number>> {
  const answer = vector.safeParse(await ask(`http://127.0.0.1:9090/api/v1/query?query=${encodeURIComponent(text)}`))
  if (!answer.success) return new Map()
  return new Map(answer.data.data.result.map(({ metric, value }) => [metric.instance ?? '', Number(value[1])]))
}
