import { parseAbi } from 'viem'
import { LariatError } from '../../util/errors.ts'
import { rewardsCoordinatorAbi } from '../abi/rewardsCoordinator.ts'
import { isReverted } from '../errors.ts'

/** The coordinator's ABI with the errors of tokens (ERC-6093), which come up through a claim. */
export const claimingAbi = [
  ...rewardsCoordinatorAbi,
  ...parseAbi([
    'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
    'error ERC20InvalidReceiver(address receiver)',
  ]),
] as const

/** What a refusal of the RewardsCoordinator means to whoever claims, by the error's name. */
const REFUSALS: Readonly<Record<string, string>> = {
  UnauthorizedCaller:
    'the sending account is neither the earner nor the claimer that it set: send from that account, or have the earner call setClaimerFor',
  EarningsNotGreaterThanClaimed: 'this was claimed already, by this account or another program: nothing is left to do',
  RootDisabled: 'the root was disabled after it was posted: wait for the next distribution',
  RootNotActivated: 'the root is not active yet: claim after its activation time',
  InvalidClaimProof: 'the proof does not fit the root: the distribution is not the one that was posted',
  InvalidEarnerLeafIndex: 'the proof of the earner does not fit its place in the distribution',
  InvalidTokenLeafIndex: 'the proof of a token does not fit its place among the earner’s tokens',
  InputArrayLengthMismatch: 'the claim is malformed: its lists differ in length',
  InvalidProofLength: 'the claim is malformed: a proof is not a multiple of 32 bytes',
  EmptyRoot: 'the root is empty, which proves nothing',
  CurrentlyPaused: 'the coordinator is paused: try again later',
  SafeERC20FailedOperation: 'the token refused the transfer: the coordinator may hold too little of it as yet',
  ERC20InsufficientBalance:
    'the coordinator holds less of the token than the distribution promises: the AVS has yet to pay in',
  ERC20InvalidReceiver: 'the token refuses the recipient: name another with --recipient',
}

/** A revert of the RewardsCoordinator in plain words, as `rewards.refused`; any other error as it is. */
export function explainRewards(error: unknown): unknown {
  if (!isReverted(error)) return error
  const name = String(error.details.error)
  const meaning = REFUSALS[name]
  if (meaning === undefined) return error
  return new LariatError('rewards.refused', `the claim was refused (${name}): ${meaning}`, { error: name }, error)
}
