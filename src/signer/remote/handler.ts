import type { Metrics } from '../../metrics/registry.ts'
import type { Domain } from '../../types/statement.ts'
import type { Clock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import { type Address, bytesToHex, type Hex } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import { type GuardOptions, SKEW_MARGIN_MS } from '../guard.ts'
import type { OperatorKeys } from '../operatorKeys.ts'
import type { StatementSigner } from '../signer.ts'
import { type GuardAnswer, keyId, PATHS, PROTOCOL_VERSION, parseProve, parseSign } from './protocol.ts'
import type { Reach } from './reach.ts'

/** What this signer signs for, by its own configuration: a request that names anything else is refused. */
export interface Serves {
  readonly operator: Address
  readonly chainId: number
  readonly genesisHash: Hex
  /** ServiceManagers. */
  readonly contracts: readonly Address[]
}

/** Watches the file of the signer's record. */
export interface RecordWatch {
  /** Why what is written now would be forgotten; undefined while the record's file is the one that was opened. Cheap. */
  gone(): string | undefined
  /** Whether the record takes a durable write, and whether it lies where it lasts. */
  look(): Promise<{ readonly problem: string | undefined; readonly warning: string | undefined }>
}

export interface HandlerOptions {
  readonly keys: OperatorKeys
  readonly serves: Serves
  readonly store: GuardOptions['store']
  readonly record: RecordWatch
  readonly reach: Reach
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** A request with its body read. */
export interface Asked {
  readonly method: string
  readonly path: string
  /** Parsed JSON; undefined when there was no body or it was no JSON. */
  readonly body: unknown
}

/** `body` is sent as JSON; `text` as it is, with its content type. */
export type Answer =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: number; readonly text: string; readonly contentType: string }

/** Answers requests. What it signs, it has judged by its own configuration, clock and record. */
export function createHandler(options: HandlerOptions): (asked: Asked) => Promise<Answer> {
  const { keys, serves, clock } = options
  const signers = new Map<string, StatementSigner>()
  for (const serviceManager of serves.contracts) {
    const { chainId, genesisHash } = serves
    const domain: Domain = { chainId, genesisHash, serviceManager }
    const { store, log, metrics } = options
    signers.set(
      serviceManager.toLowerCase(),
      keys.signer({ domain, operator: serves.operator, store, clock, log: log.child({ serviceManager }), metrics }),
    )
  }
  const requests = options.metrics.counter({
    name: 'lariat_signer_requests_total',
    help: 'Requests that the remote signer answered, by path and HTTP status',
    labels: {
      path: ['upcheck', 'keys', 'guard', 'metrics', 'sign', 'prove', 'other'],
      status: { of: 'HTTP statuses', atMost: 32 },
    },
  })

  async function sign(id: string, body: unknown): Promise<Answer> {
    const publicKey = await knownKey(id)
    const asked = parseSign(body) ?? badRequest()
    const signer = signerFor(asked.domain, asked.operator)
    const { statement, triggeredAt, window } = asked.request
    if (triggeredAt > clock.now() + SKEW_MARGIN_MS) {
      throw refused(`slot ${statement.slot} was triggered in the future by this machine's clock: check both clocks`)
    }
    options.reach.check(asked.domain.serviceManager, statement)
    const gone = options.record.gone()
    if (gone !== undefined) throw new LariatError('guard.unavailable', gone)
    const signature = await signer.sign({ statement, triggeredAt, window, publicKey })
    options.reach.signed(asked.domain.serviceManager, statement)
    return { status: 200, body: { signature: bytesToHex(signature) } }
  }

  async function prove(id: string, body: unknown): Promise<Answer> {
    const publicKey = await knownKey(id)
    const { domain, operator } = parseProve(body) ?? badRequest()
    signerFor({ ...domain, genesisHash: serves.genesisHash }, operator)
    const proof = await keys.prove(domain, operator, publicKey)
    options.log.warn('proved possession of the key, for a registration', { serviceManager: domain.serviceManager })
    return { status: 200, body: proof }
  }

  /** What keeps this signer from signing, if anything does, and its clock: two that differ refuse each other's slots. */
  async function tellGuard(): Promise<GuardAnswer & { version: number }> {
    const { problem = null, warning = null } = await options.record.look()
    const floors = [...signers.values()].map(({ floor }) => floor)
    return { version: PROTOCOL_VERSION, now: clock.now(), floor: Math.max(0, ...floors), problem, warning }
  }

  /** The key of that name: G1, uncompressed, 96 bytes. One that was added since the start is found by asking for it. */
  async function knownKey(id: string): Promise<Uint8Array> {
    const find = () => keys.publicKeys().find((key) => keyId(key) === id)
    const found = find() ?? ((await keys.reload()) > 0 ? find() : undefined)
    if (found === undefined) throw new LariatError('signer.unknown-key', 'this signer has no such key')
    return found
  }

  function signerFor(domain: Domain, operator: Address): StatementSigner {
    const signer = signers.get(domain.serviceManager.toLowerCase())
    const differs =
      domain.chainId !== serves.chainId
        ? `chain ${domain.chainId}`
        : domain.genesisHash.toLowerCase() !== serves.genesisHash.toLowerCase()
          ? `genesis ${domain.genesisHash}`
          : operator.toLowerCase() !== serves.operator.toLowerCase()
            ? `operator ${operator}`
            : signer === undefined
              ? `ServiceManager ${domain.serviceManager}`
              : undefined
    if (signer === undefined || differs !== undefined) {
      throw refused(`its configuration does not name ${differs ?? 'it'}: if it should, add that there`)
    }
    return signer
  }

  async function route({ method, path, body }: Asked): Promise<Answer> {
    if (method === 'GET' && path === PATHS.upcheck) return { status: 200, body: { status: 'OK' } }
    if (method === 'GET' && path === PATHS.keys) {
      await keys.reload() // a node asks when it looks for a key that it does not know
      return { status: 200, body: { version: PROTOCOL_VERSION, keys: keys.publicKeys().map(keyId), ...serves } }
    }
    if (method === 'GET' && path === PATHS.guard) return { status: 200, body: await tellGuard() }
    if (method === 'GET' && path === PATHS.metrics) {
      const { contentType, body: text } = await options.metrics.expose()
      return { status: 200, contentType, text }
    }
    if (method === 'POST' && path.startsWith(PATHS.sign)) return sign(path.slice(PATHS.sign.length), body)
    if (method === 'POST' && path.startsWith(PATHS.prove)) return prove(path.slice(PATHS.prove.length), body)
    return failure(
      404,
      'signer.not-found',
      'no such path; there are GET /upcheck, GET /keys, GET /guard, GET /metrics, POST /sign/:key, POST /prove/:key',
    )
  }

  return async (asked) => {
    let answer: Answer
    try {
      answer = await route(asked)
    } catch (error) {
      answer = answerOf(error, options.log)
    }
    requests.inc({ path: labelOf(asked.path), status: `${answer.status}` })
    return answer
  }
}

/** HTTP status of an error: 412 is what EIP-3030's signers answer when slashing protection refuses. */
function answerOf(error: unknown, log: Log): Answer {
  if (!(error instanceof LariatError)) {
    log.error('could not answer', { error })
    return failure(500, 'signer.internal', 'internal error; the log of the signer has it')
  }
  const { code, message } = error
  if (code === 'guard.unavailable') return failure(503, code, message)
  if (code.startsWith('guard.')) return failure(412, code, message)
  if (code === 'signer.unknown-key') return failure(404, code, message)
  if (code === 'signer.bad-request') return failure(400, code, message)
  if (code === 'signer.refused') {
    log.warn('refused a request', { reason: message })
    return failure(403, code, message)
  }
  log.error('could not answer', { error })
  return failure(500, 'signer.internal', message)
}

export function failure(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } }
}

function refused(why: string): LariatError<'signer.refused'> {
  return new LariatError('signer.refused', why)
}

function badRequest(): never {
  throw new LariatError(
    'signer.bad-request',
    `the body is not what version ${PROTOCOL_VERSION} of the protocol asks with`,
  )
}

type PathLabel = keyof typeof PATHS | 'other'

function labelOf(path: string): PathLabel {
  if (path === PATHS.upcheck) return 'upcheck'
  if (path === PATHS.keys) return 'keys'
  if (path === PATHS.guard) return 'guard'
  if (path === PATHS.metrics) return 'metrics'
  if (path.startsWith(PATHS.sign)) return 'sign'
  return path.startsWith(PATHS.prove) ? 'prove' : 'other'
}
