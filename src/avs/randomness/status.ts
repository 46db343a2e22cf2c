import { type Context, durationText, type StatusHook, type StatusLine } from 'lariat/avs'
import { bareHex, holdersOf, isSame } from './beacon/sharings.ts'
import type { SessionView } from './ceremony/steps.ts'
import type { RandomnessConfig } from './config.ts'
import type { RandomnessState } from './state.ts'

/** Rounds over which it is told how many this operator missed. */
const COUNTED = 100n
/** Rounds behind the clock that are no fault: the newest may be under way. */
const MAX_BEHIND = 2n

type Uses = Pick<Context<RandomnessConfig>, 'operator' | 'clock'> & {
  readonly state: {
    readonly engine: Pick<RandomnessState['engine'], 'chain' | 'missing' | 'participation'>
    readonly ceremony: Pick<RandomnessState['ceremony'], 'session'>
    readonly sharings: Pick<RandomnessState['sharings'], 'at'>
  }
}

/** The beacon: its chain, its newest round, whether this node makes rounds, and the key generation or resharing that is under way. */
export const randomnessStatus: StatusHook<Uses> = {
  json: `{ chain: { hash, period, round, time, due } | null, member, sharing: { number, shares, ofShares, threshold } | null,
      missed: { rounds, own, here }, session: { session, kind: "key generation" | "resharing", phase: "dealing" | "complaints" | "adding up" | "over", phaseEnd, dealt, dealers } | null }`,
  read(context) {
    const { clock, state } = context
    const chain = chainOf(context)
    const { member, sharing } = membershipOf(context)
    const missed = missedOf(context)
    const session = state.ceremony.session() ?? null
    return {
      lines: [
        ...chainLines(chain, clock.now() / 1_000),
        ...(chain === null ? [] : [memberLine(sharing), missedLine(missed, member)]),
        ...(session === null ? [] : [sessionLine(session)]),
      ],
      facts: { chain, member, sharing, missed, session },
    }
  },
}

/** `time` is the newest round's, Unix seconds; `due` is the newest round by the clock. */
function chainOf({ state }: Uses) {
  const { chain } = state.engine
  if (chain === undefined) return null
  const round = chain.latest?.round
  return {
    hash: bareHex(chain.group.chainHash),
    period: chain.group.schedule.period,
    round: round ?? null,
    time: round === undefined ? null : chain.timeOf(round) / 1_000,
    due: chain.current(),
  }
}

function chainLines(chain: ReturnType<typeof chainOf>, now: number): StatusLine[] {
  if (chain === null) return [{ about: 'beacon', text: 'its key has not been generated yet', state: 'ok' }]
  const { hash, period, round, time, due } = chain
  const every = `one every ${durationText(period)}`
  const behind = due - (round ?? 0n)
  const late = behind <= MAX_BEHIND ? '' : `; ${behind} ROUNDS BEHIND, ${due} is due`
  const age = time === null ? '' : `, ${durationText(now - time)} old`
  return [
    { about: 'chain hash', text: hash, state: 'ok' },
    { about: 'newest round', text: `${round ?? 'none'}${age}, ${every}${late}`, state: late === '' ? 'ok' : 'fail' },
  ]
}

/** In the sharing that makes the round of now. */
function membershipOf({ state, operator }: Uses) {
  const current = state.sharings.at(state.engine.chain?.current() ?? 0n)
  if (current === undefined) return { member: false, sharing: null }
  const shares = current.members.find((one) => isSame(one.operator, operator))?.shares ?? 0
  const ofShares = current.members.reduce((sum, member) => sum + member.shares, 0)
  return {
    member: holdersOf(current).some((holder) => isSame(holder, operator)),
    sharing: { number: current.sharing, shares, ofShares, threshold: current.threshold },
  }
}

function memberLine(sharing: ReturnType<typeof membershipOf>['sharing']): StatusLine {
  const about = 'member'
  if (sharing === null) return { about, text: 'not known yet: no sharing of the key is', state: 'warn' }
  const { number, shares, ofShares, threshold } = sharing
  const text =
    shares === 0
      ? `no: it has no share of sharing ${number}, and serves the rounds that others make`
      : `yes: ${shares} of the ${ofShares} shares of sharing ${number}, of which ${threshold} make a round`
  return { about, text, state: 'ok' }
}

/** `own` of the last `rounds` went without our true partials, as this node counted; `here` are missing on this node. */
function missedOf({ state, operator }: Uses) {
  const { chain, missing, participation } = state.engine
  const due = chain?.current() ?? 0n
  const { operators } = participation.conduct(due < COUNTED ? 1n : due - COUNTED + 1n, due)
  const own = operators.find((one) => isSame(one.operator, operator))
  return { rounds: own?.rounds ?? 0, own: own?.missed ?? 0, here: missing }
}

function missedLine({ rounds, own, here }: ReturnType<typeof missedOf>, isMember: boolean): StatusLine {
  const ours = isMember || rounds > 0 ? [`${own} of the last ${rounds} by this operator`] : []
  return {
    about: 'missed rounds',
    text: [...ours, `${here === 0 ? 'none is' : here === 1 ? '1 is' : `${here} are`} missing here`].join('; '),
    state: own + here === 0 ? 'ok' : 'warn',
  }
}

function sessionLine({ session, kind, phase, phaseEnd, dealt, dealers }: SessionView): StatusLine {
  const what = phase === 'over' ? 'its blocks are over' : `${phase} until block ${phaseEnd}`
  return { about: kind, text: `session ${session}: ${what}; ${dealt} of ${dealers} dealings are there`, state: 'ok' }
}
