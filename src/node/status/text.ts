import type { Colour } from '../../util/colours.ts'
import { durationText } from '../../util/duration.ts'
import { LariatError } from '../../util/errors.ts'
import { groups } from '../operator/words.ts'
import type { NodeStatus } from './read.ts'
import { operatorRows, securityRow } from './risk.ts'
import { type Paint, type Row, rowLines, wrapped } from './rows.ts'
import { type ShownService, type ShownStatus, statusSchema } from './schema.ts'
import { warningRows } from './warnings.ts'

/** Columns of the widest text, as long as the terminal has as many. */
const WIDTH = 100

export interface Look {
  /** Columns of the terminal; undefined where there is none. */
  readonly columns?: number | undefined
  readonly paint: Paint
}

const PLAIN: Look = { paint: (_colour, text) => text }
const COLOURS = { ok: undefined, warn: 'yellow', fail: 'red' } as const

/**
 * How a node is, for people, in lines of at most 100 characters.
 * @throws LariatError `status.malformed` for an answer of another version
 */
export function statusText(status: NodeStatus, { columns, paint }: Look = PLAIN): string {
  const parsed = statusSchema.safeParse(status)
  if (!parsed.success) {
    throw new LariatError(
      'status.malformed',
      'the running node answers in another form than this lariat knows: use the version that runs, or --json',
      {},
      parsed.error,
    )
  }
  const shown = parsed.data
  const { health, status: node } = shown
  const width = Math.min(columns ?? WIDTH, WIDTH)
  const verdict = health.healthy ? paint('green', 'well') : paint('red', 'ILL')
  return [
    `${verdict}: lariat ${node.version}, running for ${durationText(node.now - node.startedAt)}`,
    '',
    ...rowLines([...nodeRows(shown), ...node.services.flatMap((one) => serviceRows(one, shown))], width, paint),
    '',
    ...checkLines(shown, width, paint),
    ...warningRows(shown.warnings, node.now, width, paint),
  ].join('\n')
}

function nodeRows({ page, status: { operator, now, chain, chains, p2p, risk } }: ShownStatus): Row[] {
  const connected = p2p.connected.length
  return [
    { about: 'operator', text: operator },
    { about: 'status page', text: page },
    { about: `chain ${chain.id}`, text: seenText(chain, now) ?? 'no block seen yet' },
    ...chains.map((one): Row => {
      const about = `chain ${one.name} (${one.id})`
      const text = seenText(one, now) ?? 'not followed'
      if (one.problem === null) return { about, text }
      return { about, text: `${text}; NOTHING IS SIGNED OVER IT: ${one.problem.reason}`, colour: 'red' }
    }),
    {
      about: 'peers',
      text: `${connected} operator${connected === 1 ? '' : 's'} connected; this node is ${p2p.peerId}`,
    },
    ...operatorRows(risk ?? null),
  ]
}

/** The newest block of a chain, and the newest final one; undefined before they are known. */
function seenText({ head, finalized, providers }: ShownStatus['status']['chains'][number] | Stake, now: number) {
  if (head == null || finalized == null) return undefined
  const by = providers === null ? '' : `, ${providers} provider${providers === 1 ? '' : 's'}`
  const age = durationText(now - Number(head.timestamp))
  return `block ${groups(BigInt(head.number))}, ${age} old, final ${groups(BigInt(finalized.number))}${by}`
}
type Stake = ShownStatus['status']['chain']

function serviceRows({ name, health, status }: ShownService, shown: ShownStatus): Row[] {
  const { now, risk } = shown.status
  const { epoch, member, latestSlot, latestCertifiedAt } = health
  const place = epoch === null ? 'no epoch' : `epoch ${epoch}${member ? '' : ', NOT A MEMBER'}`
  const age = latestCertifiedAt == null ? '' : `, ${durationText(now - latestCertifiedAt / 1_000)} old`
  const newest = latestSlot === null ? 'no certificate yet' : `newest certificate slot ${latestSlot}${age}`
  const stopped = shown.health.stopped[name] !== undefined
  return [
    {
      about: name,
      text: `${place}, ${newest}${stopped ? '; NOTHING IS SIGNED' : ''}`,
      colour: stopped ? 'red' : epoch === null || !member ? 'yellow' : undefined,
    },
    ...securityRow(risk ?? null, name),
    ...(status?.lines ?? []).map(({ about, text, state }) => ({ about, text, colour: COLOURS[state], isPart: true })),
  ]
}

/** What fails, then what warns; the others are counted. */
function checkLines({ health: { checks }, status: { now } }: ShownStatus, width: number, paint: Paint): string[] {
  const passed = checks.filter(({ status }) => status === 'pass').length
  const wrong = (['fail', 'warn'] as const).flatMap((each) => checks.filter(({ status }) => status === each))
  const names = Math.max(0, ...wrong.map(({ name }) => name.length))
  return [
    `${passed} of ${checks.length} self-checks pass${wrong.length === 0 ? '' : ':'}`,
    ...wrong.flatMap(({ name, status, since, stopsSigning, problem = '' }) => {
      const colour: Colour = status === 'fail' ? 'red' : 'yellow'
      const start = `${status.toUpperCase()}  ${name.padEnd(names)}  `
      const stops = stopsSigning === true ? ' [stops signing]' : ''
      const text = `${problem} (for ${durationText(now - since)})${stops}`
      const lines = wrapped(text, Math.max(30, width - start.length))
      return lines.map((line, i) => `${i === 0 ? paint(colour, start) : ' '.repeat(start.length)}${line}`)
    }),
  ]
}
