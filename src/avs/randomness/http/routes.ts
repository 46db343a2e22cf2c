import { type Clock, chainInfo, type Route, type RouteHeaders, type RouteReply, randomness, until } from 'lariat/avs'
import type { Chain } from '../beacon/node.ts'
import { bareHex } from '../beacon/sharings.ts'
import type { RandomnessConfig } from '../config.ts'
import type { Round } from '../rounds/store.ts'
import type { RandomnessState } from '../state.ts'

/**
 * A request for a round whose time has come waits this long for it, ms: clients ask at its very time, and it takes some
 * milliseconds to make. No longer, as the network may be down.
 */
const WAIT_MS = 3_000
/** And this long before its time, by our clock: a client's clock may be a little ahead, ms. */
const EARLY_MS = 50
/** Requests that wait at a time; more are told 404 at once, as each occupies one of the server's places. */
const MAX_WAITING = 32
/** Rounds and what a chain is never change, seconds. */
const FOREVER_S = 31_536_000

const PUBLIC: RouteHeaders = { 'access-control-allow-origin': '*' }
const FRESH: RouteHeaders = { ...PUBLIC, 'cache-control': 'no-cache, max-age=0, must-revalidate' }
const FIXED: RouteHeaders = { ...PUBLIC, 'cache-control': `public, max-age=${FOREVER_S}, immutable` }

const notFound = (error: string): RouteReply => ({ status: 404, body: { error }, headers: FRESH })

/** A round as drand tells it. There is no `previous_signature`: rounds are not chained. */
function roundView({ round, signature }: Round) {
  return { round: Number(round), randomness: bareHex(randomness(signature)), signature: bareHex(signature) }
}

const chains = (chain: Chain | undefined): RouteReply => ({
  status: 200,
  body: chain === undefined ? [] : [bareHex(chain.group.chainHash)],
  headers: FRESH,
})

function info({ group }: Chain): RouteReply {
  const { schedule, publicKey, groupHash } = group
  return { status: 200, body: chainInfo({ schedule, publicKey, groupHash }), headers: FIXED }
}

/** The chain in short; `latest` is null before its first round. */
function chainView({ group, latest: round }: Chain) {
  return {
    hash: bareHex(group.chainHash),
    period: chainInfo({ schedule: group.schedule, publicKey: group.publicKey, groupHash: group.groupHash }).period,
    latest: round === undefined ? null : roundView(round),
  }
}

/** The newest round; caches may keep it until the next is due. */
function latest(chain: Chain, clock: Clock): RouteReply {
  const round = chain.latest
  if (round === undefined) return notFound('there is no round yet')
  const next = chain.timeOf(round.round + 1n)
  const seconds = Math.max(0, Math.floor((next - clock.now()) / 1_000))
  return {
    status: 200,
    body: roundView(round),
    headers: {
      ...PUBLIC,
      'cache-control': `public, max-age=${seconds}, must-revalidate`,
      expires: new Date(next).toUTCString(),
      'last-modified': new Date(chain.timeOf(round.round)).toUTCString(),
    },
  }
}

/** A round by its number: 404 for the future; of one that is being made now the answer waits until it is there. */
async function numbered(chain: Chain, text: string, clock: Clock, signal: AbortSignal): Promise<RouteReply> {
  if (!/^[1-9]\d{0,18}$/.test(text)) return notFound('a round is a number from 1')
  const number = BigInt(text)
  const kept = chain.rounds.get(number)
  if (kept !== undefined) return fixed(chain, kept)
  const since = clock.now() - chain.timeOf(number)
  if (since < -EARLY_MS) return notFound(`round ${text} is in the future`)
  if (since >= WAIT_MS || chain.waiters >= MAX_WAITING) return notFound(`round ${text} is not known here`)
  const limit = until(clock, chain.timeOf(number) + WAIT_MS, signal)
  try {
    return fixed(chain, await chain.wait(number, limit.signal))
  } catch {
    return notFound(`round ${text} is not known here yet`)
  } finally {
    limit.done()
  }
}

function fixed(chain: Chain, round: Round): RouteReply {
  const made = new Date(chain.timeOf(round.round)).toUTCString()
  return { status: 200, body: roundView(round), headers: { ...FIXED, 'last-modified': made } }
}

/** `current` is the newest round here, `expected` the newest by the clock; ill when more than one is missing. */
function health(chain: Chain | undefined): RouteReply {
  const current = Number(chain?.latest?.round ?? 0n)
  const expected = Number(chain?.current() ?? 0n)
  const isWell = chain !== undefined && expected - current <= 1
  return { status: isWell ? 200 : 503, body: { current, expected }, headers: FRESH }
}

/** Rounds in one answer of who took part. */
const MAX_PARTICIPATION = 1_000

type Handler = Route<RandomnessConfig, RandomnessState, Value>['handle']
type Value = unknown

const ofChain =
  (answer: (chain: Chain, context: Parameters<Handler>[0]) => RouteReply | Promise<RouteReply>): Handler =>
  async (context) => {
    const { chain } = context.state.engine
    const known = chain !== undefined && bareHex(chain.group.chainHash) === context.params.hash?.toLowerCase()
    return known ? answer(chain, context) : notFound('no such chain; GET /chains lists those there are')
  }

/** drand's HTTP API for the one chain of this node, and who took part in which round as this node saw it. */
export const routes: readonly Route<RandomnessConfig, RandomnessState, Value>[] = [
  { path: '/chains', handle: async ({ state }) => chains(state.engine.chain) },
  { path: '/{hash}/info', handle: ofChain(info) },
  { path: '/{hash}/public/latest', handle: ofChain((chain, { clock }) => latest(chain, clock)) },
  {
    path: '/{hash}/public/{round}',
    handle: ofChain((chain, { params, clock, signal }) => numbered(chain, params.round ?? '', clock, signal)),
  },
  { path: '/health', handle: async ({ state }) => health(state.engine.chain) },
  {
    path: '/v1/randomness/participation',
    handle: async ({ state, query }) => {
      const { chain } = state.engine
      const current = chain?.current() ?? 0n
      const limit = Number(query.get('limit') ?? 100)
      if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PARTICIPATION) {
        return { status: 400, body: { error: `limit: expected 1 to ${MAX_PARTICIPATION}` } }
      }
      const rounds = state.engine.participation.list(1n, current, limit)
      return { status: 200, body: { current, chain: chain === undefined ? null : chainView(chain), rounds } }
    },
  },
]
