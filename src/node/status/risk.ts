import type { Address } from '../../util/hex.ts'
import { amount, shortAddress } from '../operator/words.ts'
import type { Row } from './rows.ts'
import type { ShownRisk } from './schema.ts'

/** What the operator has at stake, and the LRT. */
export function operatorRows(risk: ShownRisk | null): Row[] {
  if (risk === null) return [{ about: 'stake', text: 'not read yet' }]
  const { operator, lrt, failures } = risk
  return [
    ...(operator === null
      ? []
      : [
          {
            about: 'stake',
            text: `${ether(operator.stake)}, of which ${ether(operator.loss)} can be lost at the worst${partOf(operator.loss, operator.stake)}`,
          },
        ]),
    ...(lrt === null ? [] : lrtRows(lrt)),
    ...failures.map(({ problem }): Row => ({ about: 'risk', text: problem, colour: 'yellow' })),
  ]
}

function lrtRows({ rate, backing, market, lsts }: NonNullable<ShownRisk['lrt']>): Row[] {
  const backed = backing === null ? '' : `, backed by ${cent(backing, 2)}`
  const peg = market === null ? '' : `, at the market ${pegWords(market)}`
  return [
    {
      about: 'LRT',
      text: `worth ${ether(rate)}${backed}${peg}`,
      colour: market !== null && market.state !== 'ok' ? 'yellow' : undefined,
    },
    // tokens whose market is as it should be are on the status page
    ...lsts
      .filter(({ state }) => state !== 'ok')
      .map(
        ({ token, ...one }): Row => ({
          about: shortAddress(token as Address),
          text: `at the market ${pegWords(one)}`,
          colour: 'yellow',
          isPart: true,
        }),
      ),
  ]
}

function pegWords({ ratio, state }: { readonly ratio: number | null; readonly state: string }): string {
  const of = ratio === null ? 'of no price' : `${cent(ratio, 2)} of that`
  return state === 'ok' ? of : `${of} (${state.toUpperCase()})`
}

/** How secure a service is: what could be slashed, and how many operators stop it or forge. */
export function securityRow(risk: ShownRisk | null, name: string): Row[] {
  const found = risk?.services.find((one) => one.name === name)
  if (found === undefined) return []
  const { slashable, shares, toStop, toForge } = found
  const largest = Math.max(0, ...shares.map(({ share }) => share))
  const facts = [
    ...(slashable === null ? [] : [`${ether(slashable)} slashable`]),
    ...(shares.length === 0 ? [] : [`the largest operator has ${cent(largest, 1)}`]),
    ...(toStop === null ? [] : [`${toStop} stop it`]),
    ...(toForge === null ? [] : [`${toForge} forge`]),
  ]
  return facts.length === 0 ? [] : [{ about: 'security', text: facts.join(', '), isPart: true }]
}

/** Digits of ether after the point that are shown. */
const DIGITS = 4

const ether = (wei: string) => `${amount(BigInt(wei) / 10n ** BigInt(18 - DIGITS), DIGITS)} ETH`
const cent = (ratio: number, digits: number) => `${(ratio * 100).toFixed(digits)} %`

function partOf(part: string, whole: string): string {
  return BigInt(whole) === 0n ? '' : ` (${cent(Number((BigInt(part) * 10_000n) / BigInt(whole)) / 10_000, 0)})`
}
