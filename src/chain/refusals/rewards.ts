/** Why the RewardsCoordinator or the KeyRegistrar refused, by the name of the error; as `CORE_REFUSALS`. */
export const REWARDS_REFUSALS: Readonly<Record<string, string>> = {
  // claims
  EarningsNotGreaterThanClaimed:
    'one of the tokens has nothing new to claim; leave it out, or wait for the next distribution',
  InvalidClaimProof: 'the proof does not lead to the root on chain; fetch it again from the source of rewards',
  InvalidProofLength: 'the proof is of the wrong length; fetch it again from the source of rewards',
  InvalidEarner: 'these rewards are another account’s; correct operator.address or the proof’s earner',
  InvalidEarnerLeafIndex: 'the proof’s place for the earner is outside of the tree; fetch it again',
  InvalidTokenLeafIndex: 'the proof’s place for a token is outside of the tree; fetch it again',
  InvalidRoot: 'the root is zero; that is the updater’s to mend',
  InvalidRootIndex: 'the chain has no root of this index; fetch the proof again from the source of rewards',
  RootNotActivated: 'this distribution cannot be claimed yet; run the command again when its activation time has come',
  RootAlreadyActivated: 'this distribution is active, so it cannot be disabled any more; submit a new one',
  RootDisabled: 'this distribution was withdrawn; wait for the next one',
  EmptyRoot: 'the root is zero; that is the updater’s to mend',
  InvalidIndex: 'the proof’s place is outside of the tree; fetch it again from the source of rewards',
  UnauthorizedCaller:
    'only the earner, or the claimer that it has set, may do this; send it from there, or set a claimer with setClaimerFor',

  // submissions and roots
  AmountIsZero: 'an amount of rewards is zero; name a real one',
  AmountExceedsMax: 'an amount of rewards is larger than the core can count; use less',
  ConfigurationAlreadySet: 'the operator set is configured already; nothing is to be done',
  DurationExceedsMax: 'the rewards’ time is longer than the core allows; shorten it',
  DurationIsZero: 'the rewards’ time is zero; name a real one',
  InvalidAddressZero: 'an address is zero; name a real one',
  InvalidCalculationIntervalSecondsRemainder: 'the calculation interval is no whole number of days; correct it',
  InvalidDurationRemainder: 'the rewards’ time is no multiple of the calculation interval; correct it',
  InvalidGenesisRewardsTimestampRemainder: 'the start of all rewards is no multiple of the interval; correct it',
  InvalidStartTimestampRemainder: 'the rewards’ start is no multiple of the calculation interval; correct it',
  NewRootMustBeForNewCalculatedPeriod: 'the root is for a time that has one already; that is the updater’s to mend',
  OperatorsNotInAscendingOrder: 'the operators are not in ascending order of their addresses; sort them',
  PreviousSplitPending: 'a change of the split is pending; run the command again when it counts',
  RewardsEndTimestampNotElapsed: 'the time that is to be rewarded is not over; wait for its end',
  SplitExceedsMax: 'the operator’s split is above 100 % (10,000); use less',
  StartTimestampTooFarInFuture: 'the rewards start too far ahead; use an earlier start',
  StartTimestampTooFarInPast: 'the rewards start too far back; use a later start',
  StrategiesNotInAscendingOrder: 'the strategies are not in ascending order of their addresses; sort them',
  SubmissionNotRetroactive: 'rewards directed to operators must be for a time that is over; wait for its end',

  // keys
  InvalidCurveType: 'the operator set wants a key of another kind; use that one',
  InvalidKeyFormat: 'the key is not in the form that the operator set wants; use a key of its kind',
  InvalidKeypair: 'the two halves of the key do not belong together; make the key anew',
  KeyAlreadyRegistered:
    'this key is, or was, registered with some operator set, and a key serves only one; make a new one',
  KeyNotFound: 'the operator has no key for this set in the KeyRegistrar; register one first',
  OperatorAlreadyRegistered: 'the operator has a key for this set already; nothing is to be done',
  OperatorSetNotConfigured: 'the AVS has not said which kind of key this set wants; that is the AVS’s to mend',
  OperatorStillSlashable:
    'the operator can still be slashed in this set, so its key stays; run the command again when that is over (`lariat operator status` has the block)',
  ZeroAddress: 'the key is the zero address; use a real one',
  ZeroPubkey: 'the key is the point at infinity; make a new one',
}
