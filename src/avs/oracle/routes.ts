import type { CertifiedSlots, Context, Route } from 'lariat/avs'
import type { Prices } from './codec.ts'
import type { OracleConfig } from './config.ts'
import { roundView, rowsOf, sourcesView } from './present.ts'
import { BadQuery, Query } from './query.ts'
import type { OracleState } from './state.ts'

/** Rounds in one answer of the history: at 150 feeds that is 3 MB of JSON. */
const MAX_HISTORY = 200
const DEFAULT_HISTORY = 50

type Handler = Route<OracleConfig, OracleState, Prices>['handle']
type Answer = Awaited<ReturnType<Handler>>

const answering =
  (handler: Handler): Handler =>
  async (context) => {
    try {
      return await handler(context)
    } catch (error) {
      if (error instanceof BadQuery) return { status: 400, body: { error: error.message } }
      throw error
    }
  }

const notFound = (error: string): Answer => ({ status: 404, body: { error } })

/** The latest certified round, or the one of `?slot=`. */
const latest: Handler = async (context) => {
  const slot = new Query(context.query, ['slot']).slot('slot')
  const round = slot === undefined ? context.certified.latest() : roundAt(context.certified, slot)
  if (round === undefined) {
    return notFound(slot === undefined ? 'no round has been certified yet' : `slot ${slot} has no certificate here`)
  }
  const { epoch } = round.certificate.statement
  const signers = await context.state.signers.of(epoch, round.certificate.absent)
  return { status: 200, body: roundView(frameOf(context), round, signers) }
}

/** Certified rounds, newest first, from slot `from` to slot `to`, both included. */
const history: Handler = async (context) => {
  const query = new Query(context.query, ['from', 'to', 'limit'])
  const [fromSlot, toSlot] = [query.slot('from'), query.slot('to')]
  const limit = query.limit('limit', DEFAULT_HISTORY, MAX_HISTORY)
  if (fromSlot !== undefined && toSlot !== undefined && fromSlot > toSlot) {
    throw new BadQuery(`from=${fromSlot} is after to=${toSlot}`)
  }
  const rounds = context.certified.list({
    ...(fromSlot === undefined ? {} : { fromSlot }),
    ...(toSlot === undefined ? {} : { toSlot }),
    limit,
  })
  return { status: 200, body: { rounds: rounds.map((round) => rowsOf(frameOf(context), round)) } }
}

/** Every source as it stands now: last quote, age, and why it is left out. */
const sources: Handler = async ({ query, state, clock }) => {
  new Query(query, [])
  return { status: 200, body: sourcesView(state, clock.now()) }
}

function roundAt(certified: CertifiedSlots<Prices>, slot: bigint) {
  return certified.list({ fromSlot: slot, toSlot: slot, limit: 1 })[0]
}

const frameOf = ({ state, config, chain }: Context<OracleConfig> & { state: OracleState }) => ({
  feeds: state.feeds.current(),
  genesis: state.genesis,
  interval: state.interval,
  contract: config.contract,
  chainId: chain.chainId,
})

/** What the price service answers over HTTP. Slots and answers are decimal strings, times Unix seconds. */
export const routes: readonly Route<OracleConfig, OracleState, Prices>[] = [
  { path: '/v1/prices', handle: answering(latest) },
  { path: '/v1/prices/history', handle: answering(history) },
  { path: '/v1/prices/sources', handle: answering(sources) },
]
