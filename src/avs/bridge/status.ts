import { type Context, durationText, type StatusHook, type StatusLine } from 'lariat/avs'
import type { Pausable } from './attest/pauses.ts'
import { contradiction } from './attest/streams.ts'
import type { BridgeConfig } from './config.ts'
import type { Relayer } from './relay/relayer.ts'
import type { BridgeState, Followed } from './state.ts'
import { Level, streamService } from './statements.ts'

/** Seconds that a message may wait before that is worth a second look. */
const LATE_S = 300

type Uses = Pick<Context<BridgeConfig>, 'certificates' | 'clock'> & {
  readonly state: Pick<BridgeState, 'sources' | 'modules' | 'supply' | 'relayers'>
}

/** Each tree and how far it is attested to, what is halted or paused, and what waits to be delivered. */
export const bridgeStatus: StatusHook<Uses> = {
  json: `{ streams: [{ chain, domain, level: "finalized" | "fast", messages, final: { index, time } | null, attested: { index, epoch, at } | null, halted: text | null }],
      modules: [{ chain, domain, paused: boolean | null, pause, held: text | null }], supply: text | null,
      deliveries: [{ origin, destination, waiting, oldest, reasons: { [reason]: number }, problem: text | null }] }`,
  read(context) {
    const { sources, modules, supply, relayers } = context.state
    const names = new Map(sources.map(({ source, config }) => [source.domain, config.chain]))
    const nameOf = (domain: number) => names.get(domain) ?? `domain ${domain}`
    const streams = sources.flatMap((followed) => streamsOf(context, followed))
    const held = modules.map((module) => moduleOf(module, nameOf(module.domain)))
    const deliveries = relayers.flatMap((relayer) => deliveriesOf(relayer))
    const minted = supply.problem() ?? null
    const now = context.clock.now() / 1_000
    return {
      lines: [
        ...streams.map((stream) => streamLine(stream, now)),
        ...held.flatMap(moduleLine),
        ...(minted === null ? [] : [{ about: 'supply', text: minted, state: 'fail' as const }]),
        ...deliveries.map((delivery) => deliveryLine(delivery, nameOf, now)),
      ],
      facts: { streams, modules: held, supply: minted, deliveries },
    }
  },
}

type Stream = ReturnType<typeof streamsOf>[number]

/** Of each level that is signed; times are Unix seconds. */
function streamsOf({ certificates }: Uses, { source, config }: Followed) {
  const tip = source.tip()
  const halted = source.halted() ?? contradiction(source, certificates) ?? null
  const levels = config.fast === undefined ? (['finalized'] as const) : (['finalized', 'fast'] as const)
  return levels.map((level) => {
    const [newest] = certificates.list({ service: streamService(source, Level[level]), limit: 1 })
    return {
      ...{ chain: config.chain, domain: source.domain, level, messages: source.count },
      final: tip === undefined ? null : { index: tip.index, time: tip.time / 1_000 },
      attested:
        newest === undefined
          ? null
          : {
              index: Number(newest.certificate.statement.slot),
              epoch: newest.certificate.statement.epoch,
              at: newest.verifiedAt / 1_000,
            },
      halted,
    }
  })
}

function streamLine({ chain, level, final, attested, halted }: Stream, now: number): StatusLine {
  const about = `${chain} ${level}`
  if (halted !== null) return { about, text: `HALTED: ${halted}`, state: 'fail' }
  if (final === null) return { about, text: 'no message in a final block yet', state: 'ok' }
  const newest = `the newest final one is ${final.index}, ${durationText(now - final.time)} old`
  if (attested === null) return { about, text: `attested to nothing yet; ${newest}`, state: 'warn' }
  const isBehind = level === 'finalized' && attested.index < final.index
  return {
    about,
    text: `attested to message ${attested.index}, ${durationText(now - attested.at)} ago, epoch ${attested.epoch}${isBehind ? `; ${newest}` : ''}`,
    state: 'ok',
  }
}

type HeldModule = ReturnType<typeof moduleOf>

function moduleOf(module: Pausable, chain: string) {
  const { known, domain } = module
  const held = module.held() ?? null
  return { chain, domain, paused: known?.isPaused ?? null, pause: known?.count ?? null, held }
}

/** Nothing is said of one that is open, as it should be. */
function moduleLine({ chain, paused, held }: HeldModule): StatusLine[] {
  if (held === null) return []
  return [
    { about: `module of ${chain}`, text: `${paused === true ? 'PAUSED' : 'to be paused'}: ${held}`, state: 'fail' },
  ]
}

type Delivering = ReturnType<typeof deliveriesOf>[number]

function deliveriesOf(relayer: Pick<Relayer, 'waiting' | 'problem'>) {
  const problem = relayer.problem() ?? null
  return relayer.waiting().map(({ origin, destination, reasons, oldest }) => ({
    ...{ origin, destination, problem },
    waiting: [...reasons.values()].reduce((sum, count) => sum + count, 0),
    oldest: oldest === undefined ? null : oldest / 1_000,
    reasons,
  }))
}

function deliveryLine(delivery: Delivering, nameOf: (domain: number) => string, now: number): StatusLine {
  const { origin, destination, waiting, oldest, reasons, problem } = delivery
  const about = `${nameOf(origin)} → ${nameOf(destination)}`
  if (waiting === 0)
    return { about, text: problem ?? 'nothing waits to be delivered', state: problem === null ? 'ok' : 'fail' }
  const why = [...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ')
  const age = oldest === null ? '' : `, the oldest for ${durationText(now - oldest)}`
  const isLate = oldest !== null && now - oldest > LATE_S
  const text = `${waiting} ${waiting === 1 ? 'message waits' : 'messages wait'}${age}: ${why}`
  return { about, text, state: problem !== null ? 'fail' : isLate ? 'warn' : 'ok' }
}
