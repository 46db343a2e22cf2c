import { toJson } from '../../util/json.ts'
import type { Errand } from './carryOut.ts'
import type { View } from './connection.ts'
import type { Plan, Step } from './plan.ts'
import type { Terminal } from './terminal.ts'
import { atBlock, groups } from './words.ts'

interface Landed {
  readonly hash: string
  readonly blockNumber: bigint
  readonly gasUsed: bigint
}

export interface Printer {
  resuming(what: string): void
  resumed(what: string, outcome: 'success' | 'reverted' | 'replaced'): void
  plan(plan: Plan, errand: Errand, view: View): void
  landed(step: Step, index: number, count: number, receipt: Landed): void
  after(plan: Plan, view: View): void
}

const OUTCOMES = {
  success: 'it is in a block',
  reverted: 'it failed in its block; the plan below does it again if it is still needed',
  replaced: 'another transaction took its place; the plan below does it again if it is still needed',
} as const

export function printer(json: boolean, { out }: Terminal): Printer {
  if (json) return jsonPrinter(out)
  const facts = ({ notes, later }: Plan, view: View) => {
    for (const note of notes) out(`  ${note}`)
    for (const { what, fromBlock } of later) {
      out(`  later: ${what}${fromBlock === undefined ? '' : `, from ${atBlock(fromBlock, view)} on`}`)
    }
  }
  return {
    resuming: (what) => out(`An earlier run sent a transaction: ${what}. Waiting for it …`),
    resumed: (what, outcome) => out(`  ${what}: ${OUTCOMES[outcome]}`),
    plan(plan, { title, account, deployment }, view) {
      out(`${title} ${account} on ${deployment.name} (chain ${deployment.chainId}), block ${groups(view.block.number)}`)
      for (const [i, { what, consequences }] of plan.steps.entries()) {
        out(`${i + 1}. ${what}`)
        for (const consequence of consequences) out(`   - ${consequence}`)
      }
      if (plan.steps.length === 0) out('Nothing to send.')
      facts(plan, view)
    },
    landed: ({ what }, index, count, { hash, blockNumber, gasUsed }) =>
      out(`done ${index + 1}/${count}: ${what} (block ${groups(blockNumber)}, ${groups(gasUsed)} gas, ${hash})`),
    after(plan, view) {
      if (plan.steps.length > 0) out('More can be done now: run the command again.')
      facts(plan, view)
    },
  }
}

/** One object a line, each with `event`: resuming, resumed, plan, landed, after. */
function jsonPrinter(out: (line: string) => void): Printer {
  const emit = (event: string, fields: Record<string, unknown>) => out(toJson({ event, ...fields }))
  const plain = ({ steps, notes, later }: Plan, view: View) => ({
    block: view.block.number,
    steps: steps.map(({ what, consequences, to, functionName, args }) => ({
      what,
      consequences,
      to,
      function: functionName,
      args,
    })),
    notes,
    later,
  })
  return {
    resuming: (what) => emit('resuming', { what }),
    resumed: (what, outcome) => emit('resumed', { what, outcome }),
    plan: (plan, { title, account, chain }, view) =>
      emit('plan', { [title.toLowerCase()]: account, chainId: chain.id, ...plain(plan, view) }),
    landed: ({ what }, _index, _count, { hash, blockNumber, gasUsed }) =>
      emit('landed', { what, hash, blockNumber, gasUsed }),
    after: (plan, view) => emit('after', plain(plan, view)),
  }
}
