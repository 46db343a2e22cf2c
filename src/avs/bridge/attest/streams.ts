import { type Context, identical, type KeptCertificates, LariatError, onFeed, type Strand } from 'lariat/avs'
import type { BridgeConfig } from '../config.ts'
import type { Source, Tip } from '../ports.ts'
import { type Checkpoint, checkpointPayload, Level, streamService } from '../statements.ts'
import { everyBeat } from './beat.ts'

/** Until a checkpoint is given up and begun anew, ms: many times what agreement takes. */
const DEADLINE_MS = 10_000

/** Corrections of fast checkpoints that are seen to, the newest ones. */
const CORRECTED = 16

/**
 * The strand of a tree's checkpoints: each operator computes them by itself, of final blocks, or under `fast` of new ones.
 * @param problem why nothing is to be attested to now
 */
export function streamStrand<State>(
  source: Source,
  level: Level,
  problem: () => string | undefined,
): Strand<BridgeConfig, State> {
  const service = streamService(source, level)
  const name = `${source.chain.name}-${level === Level.finalized ? 'finalized' : 'fast'}`
  return {
    name,
    serviceId: service,
    restsOn: [source.chain.name],
    triggers: (context) => [
      onFeed<Tip>((begin) => {
        const start = (tip: Tip) =>
          begin({ slot: BigInt(tip.index), postedAt: tip.time, deadlineMs: DEADLINE_MS, args: tip })
        const endTips = source.onTip(level, (tip) => void start(tip))
        if (level === Level.fast) return endTips
        // The index may lie within a block, and so be no tip's: what corrects a fast checkpoint is one of the very same index.
        const endCorrections = source.onCorrected(({ right }) => void start(right))
        const endBeat = everyBeat(context.clock, () => {
          const tip = source.tip()
          if (tip !== undefined && !isCertified(context, service, tip)) start(tip)
          for (const { right } of source.corrections().slice(-CORRECTED)) {
            if (!isCertified(context, service, right, right.index)) start(right)
          }
        })
        return () => {
          endTips()
          endCorrections()
          endBeat()
        }
      }),
    ],
    agreement: identical(),
    observe: async ({ task, certificates }): Promise<Checkpoint> => {
      const wrong = problem()
      if (wrong !== undefined) throw new LariatError('observe.bridge-supply', wrong, { domain: source.domain })
      return observeCheckpoint(source, level, task.args, contradiction(source, certificates))
    },
    payload: checkpointPayload,
  }
}

/**
 * The checkpoint of a tip, as this node's own tree has it.
 * @param contradicted why the tree is not to be trusted
 * @throws LariatError `observe.bridge-halted`, `observe.bridge-contradicted`
 */
export function observeCheckpoint(source: Source, level: Level, tip: Tip, contradicted?: string): Checkpoint {
  const halted = source.halted()
  if (halted !== undefined) throw new LariatError('observe.bridge-halted', halted, { domain: source.domain })
  if (contradicted !== undefined) {
    throw new LariatError('observe.bridge-contradicted', contradicted, { domain: source.domain })
  }
  const { root, index, messageId } = tip
  if (level === Level.finalized) {
    const own = source.checkpoint(index)
    if (own?.root !== root || own.messageId !== messageId) {
      throw new LariatError(
        'observe.bridge-contradicted',
        `the tree of domain ${source.domain} has another root for index ${index} than its tip had`,
        { domain: source.domain, index },
      )
    }
  }
  return { root, index, messageId }
}

/** Certificates that are compared with this node's own tree. */
const COMPARED = 2

/**
 * What is wrong when a quorum certified another tree than this node's providers show: one of the two is false, so that nothing more is signed
 * of it here; undefined when there is none.
 */
export function contradiction(source: Source, certificates: KeptCertificates): string | undefined {
  const service = streamService(source, Level.finalized)
  const toSlot = BigInt(source.count) - 1n
  if (toSlot < 0n) return undefined
  for (const { certificate } of certificates.list({ service, fromSlot: 0n, toSlot, limit: COMPARED })) {
    const { slot, payload } = certificate.statement
    const own = source.checkpoint(Number(slot))
    if (own === undefined || checkpointPayload(own) === payload) continue
    return (
      `a quorum of operators certified another tree of ${source.chain.name} (domain ${source.domain}, index ${slot}) than this node’s ` +
      'providers show: nothing of it is signed here; compare them with others, and replace those that lie'
    )
  }
  return undefined
}

/** Whether a certificate of the epoch of now covers the tip. @param upTo index of the last checkpoint that will do */
export function isCertified(
  { certificates, epochs, clock }: Pick<Context<BridgeConfig>, 'certificates' | 'epochs' | 'clock'>,
  service: `0x${string}`,
  { index }: Tip,
  upTo?: number,
): boolean {
  const active = epochs.at(clock.now() / 1_000)
  const [newest] = certificates.list({ service, limit: 1, ...(upTo === undefined ? {} : { toSlot: BigInt(upTo) }) })
  if (newest === undefined || newest.certificate.statement.slot < BigInt(index)) return false
  return active === undefined || newest.certificate.statement.epoch >= active.number
}
