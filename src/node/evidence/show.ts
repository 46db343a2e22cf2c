import { decodeEvidence } from '../../avs/evidence/onChain.ts'
import type { EvidenceCase } from '../../store/evidence.ts'
import { toJson } from '../../util/json.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { processTerminal, type Terminal } from '../operator/terminal.ts'
import { PLUGINS } from '../plugins.ts'
import { casesOf, casesOfId } from './open.ts'
import { formWord, kindWord, STATUS_WORDS, serviceWord, timeWord } from './words.ts'

export interface ListOptions {
  /** Configuration file. */
  readonly config: string
  /** One JSON object a line instead of text. */
  readonly json?: boolean | undefined
}

/** Lists the cases that this node knows, newest first. @throws LariatError `config.…`, `store.…` */
export async function listEvidence(options: ListOptions, terminal: Terminal = processTerminal()): Promise<ExitCode> {
  const config = await loadConfig(options.config, PLUGINS, { ecdsa: false })
  const cases = casesOf(config.dataDir)
  if (options.json === true) {
    for (const one of cases) terminal.out(toJson(plainCase(config, one)))
    return Exit.ok
  }
  if (cases.length === 0) terminal.out('This node knows of no operator that signed two payloads for one slot.')
  for (const one of cases) {
    const service = serviceWord(config, one.service)
    terminal.out(`${one.id}  ${one.status}`)
    terminal.out(
      `  ${one.operator} signed twice: ${service}, ${kindWord(one.kind)}, slot ${one.slot}, attempt ${one.attempt}, epoch ${one.epoch}`,
    )
    terminal.out(`  seen ${timeWord(one.seenAt)}; ${STATUS_WORDS[one.status]} (${timeWord(one.changedAt)})`)
  }
  return Exit.ok
}

/** Shows one evidence whole. @throws LariatError `config.…`, `store.…`, `usage.evidence` */
export async function showEvidence(
  options: ListOptions & { readonly id: string },
  terminal: Terminal = processTerminal(),
): Promise<ExitCode> {
  const config = await loadConfig(options.config, PLUGINS, { ecdsa: false })
  const cases = casesOfId(casesOf(config.dataDir), options.id)
  const [one] = cases
  if (one === undefined) return Exit.ok
  const { first, second } = decodeEvidence(one.data)
  if (options.json === true) {
    const operators = cases.map((each) => plainCase(config, each))
    terminal.out(toJson({ id: one.id, serviceManager: one.serviceManager, first, second, cases: operators }))
    return Exit.ok
  }
  terminal.out(`Evidence ${one.id}`)
  terminal.out(`  ServiceManager ${one.serviceManager}`)
  terminal.out(`  ${serviceWord(config, one.service)}, ${kindWord(one.kind)}, slot ${one.slot}, attempt ${one.attempt}`)
  for (const side of [first, second]) {
    terminal.out(`  payload ${side.statement.payload} under epoch ${side.statement.epoch}: ${formWord(side)}`)
  }
  for (const { operator, status, changedAt, transaction, note } of cases) {
    terminal.out(`  ${operator}: ${STATUS_WORDS[status]} (${timeWord(changedAt)})`)
    if (note !== null) terminal.out(`    ${note}`)
    if (transaction !== null) terminal.out(`    transaction ${transaction}`)
  }
  terminal.out('  lariat evidence submit brings it on chain; with --calldata anybody can send it.')
  return Exit.ok
}

function plainCase(config: LoadedConfig, { data: _, service, kind, ...rest }: EvidenceCase) {
  return { ...rest, service: serviceWord(config, service), serviceId: service, kind: kindWord(kind) }
}
