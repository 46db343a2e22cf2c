import {
  CHECKPOINTS_KEPT,
  type Checkpoints,
  type Hex,
  type KeptCertificates,
  LariatError,
  type RouteHeaders,
  type RouteReply,
  VERSION,
} from 'lariat/avs'
import { contradiction } from '../attest/streams.ts'
import type { Source } from '../ports.ts'
import { type Checkpoint, checkpointPayload, Level, streamService } from '../statements.ts'
import { type CheckpointValue, type Signed, signedAnnouncement, signedCheckpoint } from './hyperlane.ts'

/** Files that are kept in memory, 1 MB; what is asked for again after that is signed again, which gives the same. */
const MAX_KEPT = 2_000

const PUBLIC: RouteHeaders = { 'access-control-allow-origin': '*' }
const LATEST: RouteHeaders = { ...PUBLIC, 'cache-control': 'no-cache' }
/** A checkpoint of a final block never changes. */
const FIXED: RouteHeaders = { ...PUBLIC, 'cache-control': 'public, max-age=31536000, immutable' }

/** Codes of errors by which the key says that it signs nothing now, or not this. */
const REFUSALS = /^(guard|sign|signer)\./

/** What the files are made of. */
export interface ValidatorOptions {
  readonly checkpoints: Checkpoints
  readonly certificates: KeptCertificates
  /** Where relayers find the files, by domain. */
  readonly locations: ReadonlyMap<number, string>
  /** Why nothing is to be signed now of any tree; undefined while it may be. */
  readonly held: () => string | undefined
}

/**
 * The files that an unmodified relayer of Hyperlane reads from a validator’s storage. What is signed here is what a quorum of operators attested to as
 * final, and nothing else: it is nobody’s statement, and what is slashable are the certificates.
 */
export class ValidatorStorage {
  readonly #options: ValidatorOptions
  readonly #kept = new Map<string, Signed<CheckpointValue>>()
  /** The last file that is being made: one at a time, so that who asks for many keeps no statement waiting at the guard. */
  #making: Promise<unknown> = Promise.resolve()

  constructor(options: ValidatorOptions) {
    this.#options = options
  }

  /**
   * `/v1/bridge/validator/{domain}/{file}`.
   * @param mailbox 32 bytes
   * @throws LariatError `bridge.signature`
   */
  async page(source: Source, mailbox: Hex, file: string): Promise<RouteReply> {
    const { checkpoints, locations } = this.#options
    const { domain } = source
    const location = locations.get(domain)
    if (location === undefined) return missing(`this node signs no checkpoints of domain ${domain} for relayers`)
    if (file === 'announcement.json') {
      const announcement = { domain, mailbox, location }
      return asked(async () => {
        const signature = await checkpoints.announce(announcement)
        return { status: 200, body: signedAnnouncement(checkpoints.address, announcement, signature), headers: LATEST }
      })
    }
    if (file === 'metadata_latest.json') return { status: 200, body: { git_sha: `lariat-${VERSION}` }, headers: LATEST }
    const newest = this.#newest(source)
    if (typeof newest === 'string') return missing(newest)
    if (file === 'checkpoint_latest_index.json') return { status: 200, body: newest.index, headers: LATEST }
    const [, digits] = /^checkpoint_(0|[1-9]\d{0,9})_with_id\.json$/.exec(file) ?? []
    if (digits === undefined) {
      return missing(
        'there are checkpoint_latest_index.json, checkpoint_N_with_id.json, announcement.json and metadata_latest.json',
      )
    }
    const index = Number(digits)
    if (index > newest.index) return missing(`no certificate covers leaf ${index}`)
    const checkpoint = source.checkpoint(index)
    if (checkpoint === undefined || index <= newest.index - CHECKPOINTS_KEPT)
      return missing(`of a tree the newest ${CHECKPOINTS_KEPT} checkpoints are signed: take a newer one than ${index}`)
    return asked(async () => ({ status: 200, body: await this.#file(source, checkpoint), headers: FIXED }))
  }

  /**
   * The newest checkpoint that a quorum certified and that this node’s own tree has too. Its root stands for all leaves before it, and so for the
   * checkpoints of these as well. Text says why there is none.
   */
  #newest(source: Source): Checkpoint | string {
    const { certificates, held } = this.#options
    const why = held() ?? source.halted() ?? source.chain.distrust()?.reason ?? contradiction(source, certificates)
    if (why !== undefined) return why
    const tip = source.tip()
    if (tip === undefined) return `the tree of domain ${source.domain} is empty, or not read yet`
    const service = streamService(source, Level.finalized)
    const [kept] = certificates.list({ service, fromSlot: 0n, toSlot: BigInt(tip.index), limit: 1 })
    const own = kept && source.checkpoint(Number(kept.certificate.statement.slot))
    if (own === undefined || checkpointPayload(own) !== kept?.certificate.statement.payload)
      return 'there is no certificate yet'
    return own
  }

  async #file(source: Source, checkpoint: Checkpoint): Promise<Signed<CheckpointValue>> {
    const { domain, hook } = source
    const key = `${domain}/${checkpoint.index}/${checkpoint.root}`
    const made = this.#making.then(async () => {
      const known = this.#kept.get(key)
      if (known !== undefined) return known
      const signature = await this.#options.checkpoints.sign({ ...checkpoint, domain, hook })
      return signedCheckpoint(source, checkpoint, signature)
    })
    this.#making = made.catch(() => undefined)
    const file = await made
    this.#kept.delete(key)
    this.#kept.set(key, file)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
    return file
  }
}

function missing(error: string): RouteReply {
  return { status: 404, body: { error }, headers: LATEST }
}

/** What is made with the key; when that refuses, relayers may ask again. */
async function asked(make: () => Promise<RouteReply>): Promise<RouteReply> {
  try {
    return await make()
  } catch (error) {
    if (!(error instanceof LariatError) || !REFUSALS.test(error.code)) throw error
    return { status: 503, body: { error: error.message, code: error.code }, headers: LATEST }
  }
}
