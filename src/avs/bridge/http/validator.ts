import type { Hex, RouteHeaders, RouteReply } from 'lariat/avs'
import type { Source } from '../ports.ts'
import {
  type CheckpointSigner,
  type CheckpointValue,
  type Signed,
  signedAnnouncement,
  signedCheckpoint,
} from './hyperlane.ts'

/** Signatures that are kept in memory, 1 MB; one that is asked for again after that is made again, which is the same. */
const MAX_KEPT = 2_000

const PUBLIC: RouteHeaders = { 'access-control-allow-origin': '*' }
const LATEST: RouteHeaders = { ...PUBLIC, 'cache-control': 'no-cache' }
/** A checkpoint of a final block never changes. */
const FIXED: RouteHeaders = { ...PUBLIC, 'cache-control': 'public, max-age=31536000, immutable' }

/**
 * The files that an unmodified relayer of Hyperlane reads from a validator’s storage, by the checkpoints of final blocks. They are
 * signed with an ECDSA key and are nobody’s statement: what is slashable are the certificates.
 */
export class ValidatorStorage {
  readonly #signer: CheckpointSigner
  readonly #kept = new Map<string, Promise<Signed<CheckpointValue>>>()

  constructor(signer: CheckpointSigner) {
    this.#signer = signer
  }

  /**
   * `/v1/bridge/validator/{domain}/{file}`.
   * @param mailbox 32 bytes
   * @throws LariatError `bridge.signature`; whatever the signer throws
   */
  async page(source: Source, mailbox: Hex, file: string): Promise<RouteReply> {
    const tip = source.tip()
    const missing = (error: string): RouteReply => ({ status: 404, body: { error }, headers: LATEST })
    if (file === 'announcement.json') {
      return { status: 200, body: await signedAnnouncement(this.#signer, source.domain, mailbox), headers: LATEST }
    }
    if (source.halted() !== undefined) return missing(`this node halted the stream of domain ${source.domain}`)
    if (file === 'checkpoint_latest_index.json') {
      return tip === undefined ? missing('there is no message yet') : { status: 200, body: tip.index, headers: LATEST }
    }
    const [, digits] = /^checkpoint_(0|[1-9]\d{0,9})_with_id\.json$/.exec(file) ?? []
    if (digits === undefined)
      return missing('there are checkpoint_latest_index.json, checkpoint_N_with_id.json and announcement.json')
    const index = Number(digits)
    const checkpoint = source.checkpoint(index)
    if (checkpoint === undefined) return missing(`no final block has leaf ${index}`)
    const key = `${source.domain}/${index}/${checkpoint.root}`
    const known = this.#kept.get(key) ?? signedCheckpoint(this.#signer, source, checkpoint)
    this.#kept.delete(key)
    this.#kept.set(key, known)
    known.catch(() => this.#kept.delete(key))
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
    return { status: 200, body: await known, headers: FIXED }
  }
}
