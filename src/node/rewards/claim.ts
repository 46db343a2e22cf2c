import { getAddress, isAddress, zeroAddress } from 'viem'
import { rewardsCoordinatorAbi } from '../../chain/abi/rewardsCoordinator.ts'
import type { EarnerRewards, TokenRewards } from '../../chain/rewards/ledger.ts'
import type { RewardsClaim } from '../../chain/rewards/tree.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import type { ExitCode } from '../exit.ts'
import { type CommandOptions, type Planner, perform } from '../operator/perform.ts'
import type { Later, Plan, Step } from '../operator/plan.ts'
import type { OperatorSession, View } from '../operator/session.ts'
import type { Terminal } from '../operator/terminal.ts'
import { list } from '../operator/words.ts'
import { type OpenedRewards, openRewards } from './open.ts'
import { atTime, faceOf, inTokens, rootNotes } from './words.ts'

export interface ClaimOptions extends CommandOptions {
  /** Who gets the tokens; `rewards.recipient` of the configuration, or the operator, unless given. */
  readonly recipient?: Address | undefined
  /** Only these tokens; all unless given. */
  readonly tokens?: readonly Address[] | undefined
}

/**
 * Claims what the operator has earned and not claimed yet. What was claimed meanwhile is not claimed again: the plan comes
 * from the chain, and the coordinator counts.
 * @throws LariatError what `perform` throws, `config.rewards`, `deployment.rewards`, `rewards.…`
 */
export function claimRewards(options: ClaimOptions, terminal?: Terminal): Promise<ExitCode> {
  let opened: OpenedRewards | undefined
  const planner: Planner = (session, view) => {
    opened ??= openRewards(session.config, session.deployment, session.clock)
    return planClaim(opened, options, session, view)
  }
  return perform(options, planner, terminal)
}

async function planClaim(
  { coordinator, ledger }: OpenedRewards,
  options: ClaimOptions,
  { operator, config, sending }: OperatorSession,
  { read, block }: View,
): Promise<Plan> {
  const now = Number(block.timestamp)
  const rewards = await ledger.look({ read, now }, operator)
  const notes = rootNotes(rewards, now)
  const wanted = wantedTokens(rewards, options.tokens)
  if (wanted.length === 0) return { steps: [], notes: [...notes, 'Nothing to claim.'], later: [] }
  if (!rewards.active) return { steps: [], notes, later: laterOf(rewards) }
  if (sending !== undefined) checkClaimer(rewards, sending.account)
  const recipient = options.recipient ?? config.rewards?.recipient ?? operator
  const steps: Step[] = []
  for (const claim of await rewards.claims(wanted.map(({ token }) => token))) {
    await checkClaim(read, coordinator, claim)
    steps.push(await stepOf(claim))
  }
  return { steps, notes, later: [] }

  async function stepOf(claim: RewardsClaim): Promise<Step> {
    const parts = await Promise.all(
      claim.tokenLeaves.map(async ({ token }) => {
        const face = await faceOf(read, token)
        return inTokens(wanted.find((entry) => same(entry.token, token))?.claimable ?? 0n, face)
      }),
    )
    const whose = same(recipient, operator) ? 'the operator itself' : `${recipient}, which is not the operator`
    return {
      what: `claim ${list(parts)}`,
      consequences: [
        `The tokens go to ${whose}.`,
        ...(same(rewards.claimer, operator) ? [] : [`Only the claimer ${rewards.claimer} can send this.`]),
      ],
      to: coordinator,
      abi: rewardsCoordinatorAbi,
      functionName: 'processClaim',
      args: [claim, recipient],
      // who may is the coordinator's own rule, not the PermissionController's
      by: 'anyone',
    }
  }
}

/** @throws LariatError `chain.reverted` with the reason that the coordinator would refuse the claim for, or what `read` throws */
export async function checkClaim(read: View['read'], coordinator: Address, claim: RewardsClaim): Promise<void> {
  await read({ address: coordinator, abi: rewardsCoordinatorAbi, functionName: 'checkClaim', args: [claim] })
}

/** @throws LariatError `rewards.not-claimer` */
export function checkClaimer({ claimer, earner }: EarnerRewards, account: Address): void {
  if (same(claimer, account)) return
  throw new LariatError(
    'rewards.not-claimer',
    same(claimer, earner)
      ? `only ${earner} itself can claim its rewards, and keys.ecdsa is the key of ${account}: have the operator call setClaimerFor(${earner}, ${account}) on the RewardsCoordinator, or use --calldata`
      : `only ${claimer}, the claimer that ${earner} set, can claim its rewards, and keys.ecdsa is the key of ${account}: send from the claimer's account, or use --calldata`,
    { claimer, account },
  )
}

/** @throws LariatError `usage.token` for one that the distribution has no earnings of */
function wantedTokens({ tokens, earner }: EarnerRewards, only: readonly Address[] | undefined): TokenRewards[] {
  for (const token of only ?? []) {
    if (tokens.some((entry) => same(entry.token, token))) continue
    throw new LariatError(
      'usage.token',
      `${earner} has earned nothing of ${token}: lariat rewards show lists its tokens`,
      {
        token,
      },
    )
  }
  const chosen = only === undefined ? tokens : tokens.filter(({ token }) => only.some((one) => same(one, token)))
  return chosen.filter(({ claimable }) => claimable > 0n)
}

function laterOf({ root }: EarnerRewards): Later[] {
  if (root === undefined) return []
  return [{ what: `claim, once root ${root.index} is active at ${atTime(root.activatedAt)}`, fromBlock: undefined }]
}

function same(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** An address of the command line. @throws LariatError `usage.address` */
export function parseAddress(text: string, option: string): Address {
  if (!isAddress(text) || text.toLowerCase() === zeroAddress) {
    throw new LariatError('usage.address', `${option} ${text}: expected a 20-byte address with a correct checksum`, {
      option,
    })
  }
  return getAddress(text)
}
