import { decodeEvidence, MAX_SLASHED_AT_ONCE, onChainTestimony } from '../../avs/evidence/onChain.ts'
import { serviceManagerAbi } from '../../chain/abi/serviceManager.ts'
import type { EvidenceCase } from '../../store/evidence.ts'
import type { Planner } from '../operator/perform.ts'
import type { Plan, Step } from '../operator/plan.ts'
import type { OperatorSession, View } from '../operator/session.ts'
import { amount, list } from '../operator/words.ts'
import { casesOf, casesOfId } from './open.ts'
import { kindWord, serviceWord } from './words.ts'

/**
 * Brings evidence on chain by hand: what the node does by itself, for one that is not running or cannot send. What was
 * slashed meanwhile is not in the plan.
 * @param id of one evidence, or its beginning; undefined for all that is open
 */
export function submitPlanner(id: string | undefined): Planner {
  return async (session, view): Promise<Plan> => {
    const all = casesOf(session.config.dataDir)
    const chosen = id === undefined ? all.filter(({ status }) => status === 'open') : casesOfId(all, id)
    const notes: string[] = chosen.length === 0 ? ['There is no evidence to be brought on chain.'] : []
    const steps: Step[] = []
    for (const cases of Map.groupBy(chosen, (one) => one.id).values()) {
      const left: EvidenceCase[] = []
      for (const one of cases) {
        if (await isPunished(view, one)) notes.push(`${one.operator} was slashed for epoch ${one.epoch} already.`)
        else left.push(one)
      }
      for (let i = 0; i < left.length; i += MAX_SLASHED_AT_ONCE) {
        steps.push(await stepOf(session, view, left.slice(i, i + MAX_SLASHED_AT_ONCE)))
      }
    }
    return { steps, notes, later: [] }
  }
}

function isPunished({ read }: View, { serviceManager, operator, service, epoch }: EvidenceCase): Promise<boolean> {
  return read({
    address: serviceManager,
    abi: serviceManagerAbi,
    functionName: 'punished',
    args: [operator, service, epoch],
  })
}

async function stepOf(session: OperatorSession, { read }: View, cases: readonly EvidenceCase[]): Promise<Step> {
  const [one] = cases as [EvidenceCase, ...EvidenceCase[]]
  const { first, second } = decodeEvidence(one.data)
  const operators = cases.map(({ operator }) => operator)
  const wad = await read({
    address: one.serviceManager,
    abi: serviceManagerAbi,
    functionName: 'equivocationWad',
    args: [],
  })
  const own = operators.some((operator) => operator.toLowerCase() === session.operator.toLowerCase())
  return {
    what: `slash ${list(operators)} for two payloads of slot ${one.slot} (${serviceWord(session.config, one.service)}, ${kindWord(one.kind)})`,
    consequences: [
      `Each loses ${amount(wad * 100n)} % of what it allocated to the service, and its weight in all live epochs.`,
      ...(own ? [`${session.operator} is this operator itself.`] : []),
    ],
    to: one.serviceManager,
    abi: serviceManagerAbi,
    functionName: 'slashEquivocation',
    args: [onChainTestimony(first), onChainTestimony(second), operators],
    by: 'anyone',
  }
}
