import type { KeyValueStore, Log } from 'lariat/avs'
import type { Correction, Tip, TreeView } from '../ports.ts'
import { FastTree, type FastTreeOptions } from './fast.ts'
import { Handlers } from './handlers.ts'
import { FastLedger } from './ledger.ts'
import type { SourceMetrics, TreeLabels } from './metrics.ts'

export interface FastTipsOptions extends FastTreeOptions {
  readonly store: KeyValueStore
  readonly metrics: Pick<SourceMetrics, 'corrections'>
  readonly labels: TreeLabels
  readonly log: Log
  /** Whether nothing may be handed over now. */
  readonly isHeld: () => boolean
}

/** Fast tips, and what becomes of them. */
export class FastTips {
  readonly onTip: Handlers<Tip>
  readonly onCorrected: Handlers<Correction>
  readonly #options: FastTipsOptions
  readonly #ledger: FastLedger
  readonly #tree: FastTree

  constructor(options: FastTipsOptions) {
    const { store, log } = options
    this.#options = options
    this.onTip = new Handlers('fast checkpoints', log)
    this.onCorrected = new Handlers('corrections', log)
    this.#ledger = new FastLedger(store)
    this.#tree = new FastTree(options, (tip) => this.#take(tip))
  }

  view(): TreeView | undefined {
    return this.#tree.view()
  }

  corrections(): readonly Correction[] {
    return this.#ledger.corrections(this.#options.final)
  }

  /** A tip that is final: where it came so soon, or this node so late, that there was none of its index before, it is one now. */
  final(tip: Tip): void {
    if (!this.#ledger.has(tip.index)) this.onTip.call(tip)
  }

  /** All up to this block is final: compares, and goes on from there. */
  rebase(block: bigint): void {
    const { final, metrics, labels, log } = this.#options
    const { undone, corrections } = this.#ledger.settle(final, block)
    for (const { index, root } of undone) {
      metrics.corrections.inc(labels)
      log.error('a fast checkpoint is not what became final: its block was undone', { index, root })
    }
    for (const correction of corrections) {
      const { wrong, right } = correction
      log.error('a fast checkpoint was corrected', { index: wrong.index, root: wrong.root, right: right.root })
      this.onCorrected.call(correction)
    }
    this.#tree.rebase(block)
  }

  async stop(): Promise<void> {
    await this.#tree.stop()
  }

  #take(tip: Tip): boolean {
    if (this.#options.isHeld()) return false
    // First: what is handed over may be signed at once.
    if (this.#ledger.add(tip, tip.block)) this.onTip.call(tip)
    return true
  }
}
