/**
 * Why the restaking core refused, by the name of its error: what, why, and how to mend it. Names are those of EigenLayer
 * v1.12 and of contracts/core; where one name means different things in two contracts, the sentence holds for both.
 */
export const CORE_REFUSALS: Readonly<Record<string, string>> = {
  // delegation
  ActivelyDelegated:
    'the account is delegated already (an operator is, to itself, for good); use another account, or undelegate a staker first',
  NotActivelyDelegated: 'the account is not delegated to anybody; delegate it first',
  OperatorNotRegistered: 'this account is not registered as an operator; run `lariat operator register` first',
  OperatorsCannotUndelegate:
    'an operator is delegated to itself for good and cannot undelegate; take its own stake out with `lariat operator exit`',
  CallerCannotUndelegate:
    'only the staker, its operator or that one’s delegation approver may undelegate it; send it from one of these',
  OnlyStrategyManagerOrEigenPodManager:
    'only the core’s own managers of deposits may call this; the deployment file mixes two cores if ours did',
  OnlyEigenPodManager: 'only the core’s manager of validators may call this; nothing of ours should',
  OnlyAllocationManager: 'only the core’s AllocationManager may call this; go through the core instead',
  OnlyDelegationManager: 'only the core’s DelegationManager may call this; go through it instead',
  FullySlashed:
    'all stake in this strategy was slashed, so nothing new can be deposited or delegated in it; use another strategy or operator',
  SaltSpent: 'this signature’s salt was used before; have the approver sign with another one',
  InvalidSignature:
    'the signature is not the one that was asked for; sign again with the right key, chain and contract',
  SignatureExpired: 'the signature has expired; have it signed again with a later expiry',

  // withdrawals
  WithdrawalDelayNotElapsed:
    'the withdrawal has not been in the queue for the whole delay; run the command again from the block that it names',
  WithdrawalNotQueued:
    'there is no such withdrawal in the queue: it was completed, or is of another account; look at `lariat operator status`',
  WithdrawerNotCaller: 'only the account that queued the withdrawal may complete it; send it from there',

  // deposits and strategies
  MaxStrategiesExceeded: 'the account holds as many strategies as the core allows; withdraw all of one first',
  OnlyStrategyWhitelister: 'only the core’s whitelister may admit strategies; ask whoever runs the core',
  SharesAmountTooHigh: 'more shares than the account has; ask for less',
  SharesAmountZero: 'the amount is worth no share; use a larger one',
  StakerAddressZero: 'the staker’s address is zero; name a real one',
  StrategyAlreadyInSlash: 'the strategy is in this slash already; nothing is to be done',
  StrategyNotFound: 'the account has no deposit in this strategy; name another one',
  StrategyNotWhitelisted: 'the core takes no deposits in this strategy; use one that it has admitted',
  NewSharesZero: 'the deposit is too small to be worth one share; deposit more',
  OnlyStrategyManager: 'only the core’s StrategyManager may call a strategy; deposit through it',
  OnlyUnderlyingToken: 'the strategy takes its own token only; use that one',
  TotalSharesExceedsMax: 'the strategy would hold more shares than it can count; deposit less',
  WithdrawalAmountExceedsTotalDeposits: 'more shares than the strategy has; ask for less',
  BalanceExceedsMaxTotalDeposits: 'the strategy is full; deposit less, or wait until its limit is raised',
  MaxPerDepositExceedsMax: 'the limit of one deposit is above that of all; set it lower',
  SafeERC20FailedOperation:
    'the token refused the transfer; see that the account has enough of it and has approved the core’s StrategyManager',
  ERC20InsufficientBalance: 'the account has too few tokens; get more, or use less',
  ERC20InvalidApprover: 'the account that approves is the zero address; name a real one',
  ERC20InvalidReceiver: 'the tokens would go to the zero address; name a real receiver',
  ERC20InvalidSender: 'the tokens would come from the zero address; name a real sender',
  ERC20InvalidSpender: 'the approval is for the zero address; name a real spender',
  ERC20InsufficientAllowance: 'the token was not approved for that much; approve more first',

  // operator sets and allocations
  AlreadyMemberOfSet:
    'the operator is in this set, or left it and can still be slashed there; one that left may join again when that is over (`lariat operator status` has the block)',
  NotMemberOfSet: 'the operator is not in this set; nothing is to be left',
  InvalidOperator: 'this account is not registered as an operator; run `lariat operator register` first',
  InvalidOperatorSet: 'the core has no such operator set; check the AVS’s address and the number of the set',
  InvalidAVSRegistrar: 'the AVS’s registrar is no contract, or is not one for it; that is the AVS’s to mend',
  InvalidCaller:
    'the account that sends may not do this for the other one; have it appointed in the PermissionController, or send from the account itself',
  InvalidPermissions:
    'the account that sends was not given this right by the operator; call setAppointee with the operator’s account, or send from that',
  InvalidStrategy: 'this strategy cannot be used here; name one that the core and the set list',
  InvalidRedistributionRecipient:
    'slashed stake cannot go to this address; the AVS has to name one that is not the zero address or the core’s burn address',
  InvalidWadToSlash: 'the part to slash is not between 0 and 1 (1e18); correct it',
  InsufficientMagnitude:
    'more than is free was to be allocated: all sets together get at most the whole stake; deallocate from another set first (it takes the deallocation delay), or allocate less',
  ModificationAlreadyPending:
    'a change of this allocation is pending, and there can be one at a time; run the command again when it has taken effect (`lariat operator status` has the block)',
  SameMagnitude: 'the allocation has this magnitude already; nothing is to be changed',
  NonexistentAVSMetadata:
    'the AVS has not announced itself to the core (updateAVSMetadataURI); that is the AVS’s to mend',
  OperatorNotSlashable: 'the operator is not in the set, and was not lately; it cannot be slashed',
  OperatorSetAlreadyMigrated: 'this set was moved to the newer slasher already; nothing is to be done',
  SlasherNotSet: 'the set has no slasher; that is the AVS’s to mend',
  StrategiesMustBeInAscendingOrder: 'the strategies are not in ascending order of their addresses; sort them',
  StrategyAlreadyInOperatorSet: 'the set has this strategy already; nothing is to be added',
  StrategyNotInOperatorSet: 'the set does not count this strategy; name one of its own',
  UninitializedAllocationDelay:
    'the operator never set its allocation delay; run `lariat operator allocation-delay BLOCKS`, and wait until it counts',

  // rights
  NotAdmin: 'only the account itself, or an admin of it, may change who is appointed; send it from there',
  AdminAlreadyPending: 'this admin was proposed already; it has to accept',
  AdminAlreadySet: 'this account is an admin already; nothing is to be done',
  AdminNotPending: 'this account was not proposed as admin; propose it first',
  AdminNotSet: 'this account is no admin; nothing is to be removed',
  AppointeeAlreadySet: 'this account has the right already; nothing is to be done',
  AppointeeNotSet: 'this account does not have the right; nothing is to be taken back',
  CannotHaveZeroAdmins: 'the last admin cannot be removed; name another one first',

  // set-up and general
  AlreadyConnected: 'the core’s parts were put together before; nothing is to be done',
  OnlyDeployer: 'only who deployed the core may put its parts together; send it from there',
  CurrentlyPaused: 'whoever guards the core has paused this function; wait until it is open again',
  InvalidNewPausedStatus: 'the new state would open what only another role may open; send it from that role',
  OnlyPauser: 'only a pauser of the core may do this; send it from there',
  OnlyUnpauser: 'only the unpauser of the core may do this; ask it to',
  InputAddressZero: 'an address is zero; name a real one',
  InputArrayLengthMismatch: 'two lists that belong together are of different lengths; that is a fault of the caller',
  InputArrayLengthZero: 'a list is empty; name at least one',
  InvalidDepositScalingFactor:
    'all of the operator’s stake in this strategy was slashed, so that nothing can be deposited there; undelegate first',
  CheckpointUnorderedInsertion:
    'the core’s history would run backwards; this is a fault of the contracts, tell their owner',
  SafeCastOverflowedIntToUint: 'an amount is below zero where it must not be; ask for less',
  SafeCastOverflowedUintDowncast: 'an amount is larger than the core can count; use less',
  InvalidShortString: 'the contract’s name or version is damaged; it was deployed wrongly',
  StringTooLong: 'the contract’s name or version is too long; it was deployed wrongly',
  ReentrancyGuardReentrantCall: 'the core was called from within its own call; a token or registrar misbehaves',
  ECAddFailed: 'a point of the key or signature is not on the curve; use a key of the right kind',
  ECMulFailed: 'a point of the key or signature is not on the curve; use a key of the right kind',
  ExpModFailed: 'the check of the signature did not run; give the transaction more gas',
  ECPairingFailed: 'the check of the signature did not run; give the transaction more gas',
}
