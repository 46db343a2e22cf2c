import { formatEther } from 'viem'
import type { Clock } from '../../util/clock.ts'
import type { CheckName } from '../selfcheck/catalogue.ts'
import { type SelfCheck, warn } from '../selfcheck/types.ts'
import type { RiskFigures, ServiceRisk } from './figures.ts'
import type { RiskMonitor } from './monitor.ts'
import type { Peg } from './peg.ts'

/** Looks that may be missed before the figures count as old. */
const MISSED = 3
/** Parts of a million that the backing may be below 1: what rounding and the vault's virtual shares make. */
const BACKED = 1 - 1e-6
/** Digits of amounts and of percentages. */
const DIGITS = 4

/** ms: the figures are in memory, and their age is a check of its own. */
const EVERY_MS = 10_000
const TRUST_MS = 60_000

/** What the node's operator should know of its risk. None of it keeps the node from its work, so that none makes it ill. */
export function riskChecks(monitor: RiskMonitor, clock: Clock, services: readonly string[]): SelfCheck[] {
  const check = (name: CheckName, find: (figures: RiskFigures) => string | undefined, service?: string): SelfCheck => ({
    name,
    ...(service === undefined ? {} : { service }),
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    run: () => {
      const figures = monitor.current()
      const found = figures === undefined ? undefined : find(figures)
      return found === undefined ? undefined : warn(found)
    },
  })
  const ofService = (name: string, find: (service: ServiceRisk) => string | undefined) => (figures: RiskFigures) => {
    const service = figures.services.find((each) => each.name === name)
    return service === undefined ? undefined : find(service)
  }
  return [
    check('risk: figures', (figures) => checkFigures(figures, clock.now(), monitor.refreshMs)),
    check('risk: redistribution', checkRedistribution),
    ...services.flatMap((name) => [
      check('risk: concentration', ofService(name, checkConcentration), name),
      check('risk: value secured', ofService(name, checkSecured), name),
    ]),
    check('risk: LRT operators', checkLrtOperators),
    check('risk: LRT backing', checkBacking),
    check('risk: markets', checkMarkets),
  ]
}

function checkFigures({ at, failures }: RiskFigures, now: number, refreshMs: number): string | undefined {
  if (failures.length > 0) return failures.map(({ problem }) => problem).join('; ')
  return now - at > MISSED * refreshMs
    ? `the figures are ${Math.round((now - at) / 1_000)} s old: check the providers`
    : undefined
}

function checkLrtOperators({ lrt }: RiskFigures): string | undefined {
  const list = lrt?.redistributable ?? []
  return list.length === 0
    ? undefined
    : `operators of the LRT allocate to sets that keep what they slash: ${list.join(', ')}; its curator can remove them, and its holders leave`
}

function checkRedistribution({ operator }: RiskFigures): string | undefined {
  const sets = operator?.redistributing ?? []
  if (sets.length === 0) return undefined
  const names = sets.map(({ set, recipient }) => `set ${set.id} of ${set.avs} (to ${recipient})`)
  return `stake is allocated to sets that keep what they slash: ${names.join(', ')}; deallocate with lariat operator deallocate unless you trust them with it`
}

function checkConcentration({ concentration }: ServiceRisk): string | undefined {
  const [largest] = concentration?.shares ?? []
  if (concentration?.toStop !== 1 || largest === undefined) return undefined
  return `${largest.operator} alone holds ${percent(largest.share)} of the weight and can keep every certificate from its quorum: more stake with others, or maxShareBps in its contract, would mend it`
}

function checkSecured({ secured, stake, securedRatio }: ServiceRisk): string | undefined {
  if (secured === undefined || stake === undefined) return undefined
  if (securedRatio !== undefined && securedRatio <= 1) return undefined
  return `${ether(secured)} ETH rest on it (risk.secured), and ${ether(stake.slashable)} ETH can be slashed: an attack may gain more than it loses`
}

function checkBacking({ lrt }: RiskFigures): string | undefined {
  if (lrt === undefined || !lrt.steady) return undefined
  const { ratio, assets, liabilities, unreserved } = lrt
  if (unreserved > 0n) return `the vault lacks ${ether(unreserved)} ETH of what it promised to leavers`
  return ratio === undefined || ratio >= BACKED
    ? undefined
    : `the LRT's assets are ${ether(assets)} ETH and its shares stand for ${ether(liabilities)} ETH`
}

function checkMarkets({ lrt }: RiskFigures): string | undefined {
  const pegs: [string, Peg][] = [
    ...(lrt?.market === undefined ? [] : [['the LRT', lrt.market] as [string, Peg]]),
    ...(lrt?.lsts ?? []).map((peg): [string, Peg] => [peg.token, peg]),
  ]
  const alarms = pegs.flatMap(([name, peg]) => alarmOf(name, peg) ?? [])
  return alarms.length === 0 ? undefined : alarms.join('; ')
}

function alarmOf(name: string, { state, ratio, age }: Peg): string | undefined {
  if (state === 'ok') return undefined
  if (state === 'invalid') return `the market feed of ${name} has no valid answer`
  if (state === 'stale') return `the market feed of ${name} is ${Math.round(age)} s old`
  return `${name} trades at ${percent(ratio ?? 0)} of its own rate`
}

const percent = (part: number) => `${Number((part * 100).toFixed(2))}%`

function ether(wei: bigint): string {
  const [whole = '0', fraction = ''] = formatEther(wei).split('.')
  const digits = fraction.slice(0, DIGITS).replace(/0+$/, '')
  return digits === '' ? whole : `${whole}.${digits}`
}
