import type { OperatorPosition, SetPosition, StrategyPosition } from '../../../chain/position.ts'
import { inTokens } from '../../rewards/words.ts'
import { same, strategyOf } from '../find.ts'
import { freeMagnitude, stakeText, tokensOf, tokenText } from '../stake.ts'
import { amount, atBlock, type BlockTimes, forBlocks, list, percent } from '../words.ts'
import type { OperatorReport, SetIdentity } from './read.ts'

const WAD = 10n ** 18n

/** The report for people, line by line. */
export function reportLines(report: OperatorReport, times: BlockTimes): string[] {
  const { position } = report
  return [
    ...delays(position, times),
    '',
    'Stake',
    ...stakeTable(report),
    ...(position.withdrawals.length === 0 ? [] : ['', 'Withdrawals', ...withdrawals(position, times)]),
    '',
    'Operator sets',
    ...(position.sets.length === 0
      ? ['  none']
      : position.sets.flatMap((place, i) => setLines(place, report.identities[i], position, times))),
    '',
    'Risk',
    ...riskLines(report),
    '',
    'Rewards',
    ...rewardLines(report),
  ]
}

function delays(position: OperatorPosition, times: BlockTimes): string[] {
  if (!position.isOperator) return ['  not registered as an operator: lariat operator register']
  const { allocationDelay, deallocationDelay, withdrawalDelay } = position
  const allocation = allocationDelay === undefined ? 'never set' : forBlocks(allocationDelay, times)
  return [
    `  registered; allocations count after ${allocation}, deallocations after ${forBlocks(deallocationDelay + 1, times)}, withdrawals after ${forBlocks(withdrawalDelay + 1, times)}`,
  ]
}

function stakeTable({ position, worths }: OperatorReport): string[] {
  const rows = position.strategies.map((strategy, i) => {
    const worth = worths[i]
    const lost = WAD - strategy.maxMagnitude
    return [
      strategy.symbol,
      tokenText(strategy, tokensOf(strategy, strategy.shares)),
      worth === undefined ? 'unknown' : `${amount((strategy.shares * worth) / WAD)} ETH`,
      tokenText(strategy, tokensOf(strategy, strategy.withdrawable)),
      percent(freeMagnitude(strategy), strategy.maxMagnitude),
      lost === 0n ? '' : percent(lost, WAD),
    ]
  })
  return table(['strategy', 'delegated', 'worth', 'of it own', 'free', 'slashed so far'], rows)
}

function withdrawals(position: OperatorPosition, times: BlockTimes): string[] {
  return position.withdrawals.map(({ withdrawal, shares, fromBlock }) => {
    const parts = withdrawal.strategies.map((address, i) => {
      const strategy = strategyOf(position, address)
      return tokenText(strategy, tokensOf(strategy, shares[i] ?? 0n))
    })
    const when =
      Number(times.now.number) >= fromBlock ? 'now (lariat operator exit)' : `from ${atBlock(fromBlock, times)} on`
    return `  ${list(parts)}: can be taken out ${when}`
  })
}

function setLines(
  place: SetPosition,
  identity: SetIdentity | undefined,
  position: OperatorPosition,
  times: BlockTimes,
): string[] {
  const { set, member, slashable, redistributesTo } = place
  const name = identity?.name === undefined ? set.avs : `${identity.name} (${set.avs})`
  const until = identity?.slashableUntil
  const risk =
    until === undefined
      ? 'nothing can be slashed'
      : Number.isFinite(until)
        ? `slashable through ${atBlock(until, times)}`
        : 'slashable'
  const state = member ? 'member' : slashable ? 'left' : 'not a member'
  const lines = [`  ${name}, set ${set.id}: ${state}, ${risk}`]
  if (redistributesTo !== undefined) {
    lines.push(`    ! what it slashes is not burned but goes to ${redistributesTo}, who gains by it`)
  }
  for (const { strategy: address, magnitude, pending } of place.allocations) {
    if (magnitude === 0n && pending === undefined) continue
    const strategy = strategyOf(position, address)
    const counted = place.strategies.some((one) => same(one, address)) ? '' : ' (not counted by the set)'
    const coming =
      pending === undefined
        ? ''
        : `; ${part(strategy, pending.magnitude)} from ${atBlock(pending.effectBlock, times)} on`
    lines.push(`    ${strategy.symbol}: ${part(strategy, magnitude)}${coming}${counted}`)
  }
  if (identity?.blsKey !== undefined) lines.push(`    BLS key ${short(withoutPadding(identity.blsKey))}`)
  if (identity?.registrarKey !== undefined) {
    lines.push(
      identity.registrarKey === 'wanting'
        ? '    ! the set demands a key in the KeyRegistrar, and there is none (lariat operator opt-in)'
        : `    key in the KeyRegistrar: hash ${short(identity.registrarKey)}`,
    )
  }
  if (identity?.peer !== undefined) lines.push(`    peer ${identity.peer.id} at ${list([...identity.peer.addresses])}`)
  return lines
}

function part(strategy: StrategyPosition, magnitude: bigint): string {
  return `${percent(magnitude, strategy.maxMagnitude)} (${stakeText(strategy, magnitude)})`
}

/** EIP-2537 pads each coordinate with 16 zero bytes. */
function withoutPadding(point: string): string {
  return point.replace(/^0x0{32}/, '0x')
}

function short(hex: string): string {
  return hex.length <= 24 ? hex : `${hex.slice(0, 18)}…${hex.slice(-6)}`
}

function riskLines({ risk, position, identities }: OperatorReport): string[] {
  const { stake, loss, byAvs, unvalued, redistributing, complete } = risk
  const nameOf = (avs: string) => identities[position.sets.findIndex(({ set }) => same(set.avs, avs))]?.name ?? avs
  return [
    `  worst joint loss ${amount(loss)} ETH of ${amount(stake)} ETH (${percent(loss, stake)})`,
    ...byAvs.map(({ avs, loss: own }) => `    ${nameOf(avs)}: ${amount(own)} ETH (${percent(own, stake)})`),
    ...redistributing.map(
      ({ set, recipient }) => `  ! set ${set.id} of ${nameOf(set.avs)} redistributes what it slashes, to ${recipient}`,
    ),
    ...(unvalued.length === 0 ? [] : [`  without a known worth, and in no figure: ${list([...unvalued])}`]),
    ...(complete ? [] : ['  there is more stake or more sets than are looked at: the figures are too small']),
  ]
}

function rewardLines({ rewards }: OperatorReport): string[] {
  if (rewards === undefined) return ['  no source of rewards is configured (rewards.source)']
  if (typeof rewards === 'string') return [`  cannot be read: ${rewards}`]
  if (rewards.length === 0) return ['  none']
  return rewards.map(
    ({ face, earned, claimed, claimable }) =>
      `  ${face.symbol}: earned ${inTokens(earned, face)}, claimed ${inTokens(claimed, face)}, claimable ${inTokens(claimable, face)}`,
  )
}

/** Columns as wide as their longest cell, two spaces apart. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}
