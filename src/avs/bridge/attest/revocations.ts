import {
  type ChainLog,
  type Context,
  describe,
  type EpochTable,
  type FedTask,
  type Hex,
  identical,
  onFeed,
  type Strand,
} from 'lariat/avs'
import { serviceManagerAbi } from '../abi/serviceManager.ts'
import type { BridgeConfig } from '../config.ts'
import { REVOCATIONS_SERVICE, revocationPayload, revocationSlot } from '../statements.ts'
import { everyBeat } from './beat.ts'

const DEADLINE_MS = 10_000
/** Blocks of one reading of logs: what the chain port takes at a time. */
const PAGE_BLOCKS = 10_000n
/** Revocations that are remembered; epochs whose rows can count are few. */
const MAX_KEPT = 64

/** Rows of an epoch that had no weight any more after a block. */
export interface Revocation {
  readonly epoch: bigint
  readonly atBlock: bigint
  /** Bitmap of rows as `Certificate.absent`. */
  readonly revoked: Uint8Array
}

type Uses = Pick<Context<BridgeConfig>, 'epochs' | 'certificates' | 'clock' | 'log' | 'chain' | 'config'>

/** Which rows of the live epochs lost their weight, and after which block, as all operators read it from final logs. */
export class Revocations {
  readonly #uses: Uses
  /** The newest of each epoch, with how many rows it names. */
  readonly #newest = new Map<bigint, Revocation & { readonly count: number }>()
  #looking: Promise<void> | undefined
  /** Number of the newest final block. */
  #final: bigint | undefined

  constructor(uses: Uses) {
    this.#uses = uses
  }

  /** Follows final blocks until the returned function is called. */
  follow(): () => void {
    return this.#uses.chain.heads('finalized', ({ number }) => {
      this.#final = number
    })
  }

  list(): readonly Revocation[] {
    return [...this.#newest.values()]
  }

  /** Looks for rows that lost their weight since; one look at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    const { epochs, clock, log } = this.#uses
    const active = epochs.at(clock.now() / 1_000)
    if (active === undefined) return
    for (const number of [active.number - 1n, active.number, active.number + 1n]) {
      const table = epochs.byNumber(number)
      if (table === undefined || table.revoked.size === (this.#newest.get(number)?.count ?? 0)) continue
      try {
        const found = await this.#read(table)
        if (found === undefined) continue
        this.#newest.set(number, found)
        const [oldest] = this.#newest.keys()
        if (this.#newest.size > MAX_KEPT && oldest !== undefined) this.#newest.delete(oldest)
      } catch (error) {
        log.warn('revocations cannot be read yet', { epoch: number, error: describe(error) })
      }
    }
  }

  /** All revocations of the epoch since it was built; the block is that of the last one. */
  async #read(table: EpochTable): Promise<(Revocation & { readonly count: number }) | undefined> {
    const { chain, config } = this.#uses
    const contract = { address: config.contract, abi: serviceManagerAbi } as const
    const { builtAtBlock } = await chain.read({ ...contract, functionName: 'epochInfo', args: [table.number] })
    const block = this.#final
    if (block === undefined) return undefined
    const logs: ChainLog[] = []
    for (let from = builtAtBlock; from <= block; from += PAGE_BLOCKS) {
      const last = from + PAGE_BLOCKS - 1n
      const range = { from, to: last < block ? last : block }
      logs.push(...(await chain.logs({ ...contract, eventName: 'WeightRevoked', ...range })))
    }
    const rows = new Set<number>()
    let atBlock = 0n
    for (const { args, blockNumber } of logs) {
      const { epoch, operator } = args as { epoch: bigint; operator: string }
      if (epoch !== table.number) continue
      const row = table.members.find((member) => member.operator.toLowerCase() === operator.toLowerCase())?.index
      if (row === undefined) continue
      rows.add(row)
      atBlock = blockNumber
    }
    return rows.size === 0
      ? undefined
      : { epoch: table.number, atBlock, revoked: bitmapOf(rows, table.members.length), count: rows.size }
  }
}

/** Bitmap of rows, trailing zero bytes left out. */
export function bitmapOf(rows: ReadonlySet<number>, count: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(count / 8))
  for (const row of rows) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7))
  let end = bits.length
  while (end > 0 && bits[end - 1] === 0) end--
  return bits.slice(0, end)
}

/** The strand of revocations, signed under the epoch that is active. */
export function revocationStrand<State>(revocations: Revocations): Strand<BridgeConfig, State> {
  return {
    name: 'revocations',
    serviceId: REVOCATIONS_SERVICE,
    triggers: (context) => [onFeed<Revocation>((begin) => feedRevocations(context, revocations, begin))],
    agreement: identical(),
    observe: async ({ task }): Promise<Revocation> => task.args,
    payload: ({ epoch, revoked }: Revocation): Hex => revocationPayload(epoch, revoked),
  }
}

export function feedRevocations(
  uses: Uses,
  revocations: Revocations,
  begin: (task: FedTask<Revocation>) => boolean,
): () => void {
  const { epochs, certificates, clock, log } = uses
  let ended = false
  const beginMissing = () => {
    for (const revocation of revocations.list()) {
      const slot = revocationSlot(revocation.atBlock, revocation.epoch)
      const known = certificates.list({ service: REVOCATIONS_SERVICE, fromSlot: slot, toSlot: slot, limit: 1 })
      const built = epochs.byNumber(revocation.epoch)
      if (known.length > 0 || built === undefined) continue
      begin({ slot, postedAt: built.activatesAt * 1_000, deadlineMs: DEADLINE_MS, args: revocation })
    }
  }
  const look = () => {
    revocations.look().then(
      () => {
        if (!ended) beginMissing()
      },
      (error: unknown) => log.error('unexpected', { error: describe(error) }),
    )
  }
  const ends = [revocations.follow(), epochs.onChange(look), everyBeat(clock, look)]
  return () => {
    ended = true
    for (const end of ends) end()
  }
}
