/** Why an AVS of Lariat (a ServiceManager) refused, by the name of the error; as `CORE_REFUSALS`. */
export const SERVICE_REFUSALS: Readonly<Record<string, string>> = {
  // set-up
  ParameterOutOfRange: 'a parameter of the contract is outside of its range; deploy it with one inside',
  AlreadyInitialized: 'the contract was set up before; nothing is to be done',
  NotInitialized: 'the contract was not set up (initialize); that is its owner’s to mend',
  StrategyWeightsMismatch: 'strategies and weights are lists of different lengths; give one weight for each strategy',
  StrategyWeightInvalid:
    'the strategy’s token does not answer as its kind does, or is worth nothing, or has a fixed rate beside a kind; name its kind or a rate, not both',
  TooManyStrategies: 'the service counts no more strategies than this; use fewer',
  UnknownStrategy: 'the service does not count this strategy; name one of its own',
  AppointeeTargetForbidden:
    'nobody can be appointed on the AllocationManager: who slashes and who joins is for the service’s contract alone; appoint on another contract of the core',
  OwnableUnauthorizedAccount: 'only the contract’s owner may do this; send it from there',
  OwnableInvalidOwner: 'the new owner is the zero address; name a real one',

  // operators
  WrongAvs: 'the core called for another AVS; the service’s contract is not set as its registrar rightly',
  WrongOperatorSets: 'the service has one operator set; join that one alone',
  TooManyOperators: 'the service has as many operators as it takes; wait until one leaves',
  OperatorAlreadyJoined: 'the operator is in the service already; nothing is to be done',
  OperatorUnknown: 'the operator has never joined this service; run `lariat operator opt-in` first',
  OperatorKeyInfinite: 'the BLS key is the point at infinity; make a new one with `lariat keys create`',
  OperatorKeyUsed:
    'this BLS key was registered before, by the operator that the error names, and a key is used once; make a new one with `lariat keys create` and name it in keys.bls',
  OperatorPossessionInvalid:
    'the proof that we hold the BLS key does not fit this operator, chain and contract; check operator.address and chain.deployment',
  OperatorPeerIdLength: 'the libp2p peer id has a length that the service does not take; restore p2p.key',
  OperatorTooManyAddresses: 'p2p.announce has more addresses than the service keeps; list fewer',
  OperatorAddressLength: 'an address of p2p.announce is empty or too long for the service; shorten it',

  // epochs
  EpochUnknown: 'there is no such epoch, or it is not finished; ask for a newer one',
  EpochTooYoung: 'the last epoch is too young to be replaced; wait until the time that the error names',
  EpochInProgress: 'an epoch is being built; finish that one first',
  EpochNotBegun: 'no epoch is being built; begin one first',
  EpochOutdated: 'stake changed while the epoch was built; begin it anew',
  EpochPageTooSmall: 'an epoch takes no page so small; add more operators at once',
  EpochIncomplete: 'not all operators are in the epoch that is being built; add the others first',
  EpochComplete: 'all operators are in the epoch that is being built; finish it',

  // certificates
  UnknownService: 'the contract does not have this service; check the configuration’s contract',
  CertificateKind: 'the statement is not one that can be certified; only certify statements are',
  CertificateSlotOutsideEpoch: 'the slot’s time is not in its epoch; use the epoch that is active then',
  CertificateEpochNotLive: 'the epoch is over, revoked or not active yet; use the one that is active',
  CertificateBelowQuorum: 'the signatures have too little weight; wait for more operators',
  CertificateKeyInfinite: 'the signers’ keys add up to nothing; collect the signatures anew',
  CertificateSignatureInvalid: 'the signature does not fit the statement and the signers; collect it anew',

  // equivocation
  EquivocationStatementsFit: 'the two statements do not contradict each other; an operator may sign both',
  EquivocationServiceExempt: 'operators are never slashed for statements of this service; nothing is to be done',
  EquivocationTooLate: 'the epoch’s evidence window is over; nothing is to be done',
  EquivocationNotOneOperator: 'one operator’s own signature accuses that operator alone; name exactly that one',
  EquivocationNotASigner: 'the operator that the error names did not sign both sides; leave it out',
  EquivocationSignatureInvalid: 'a signature of the evidence is not that of those it accuses; it is no evidence',
  EquivocationNothingToSlash:
    'the operators were punished for this epoch before, or have nothing left that could be slashed; nothing is to be done',
}
