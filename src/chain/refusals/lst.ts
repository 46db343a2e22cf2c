/** Why a staking pool or a liquid staking token refused, by the name of the error; as `CORE_REFUSALS`. */
export const LST_REFUSALS: Readonly<Record<string, string>> = {
  // deposits and tokens
  DepositTooSmall: 'that little ETH would become no token at all; deposit more',
  PoolEmpty: 'the pool has lost all of its ETH, so that nothing can be said of a price; choose another pool',
  TransferToPool: 'tokens that are sent to the pool would be lost; ask for unstaking instead',
  NothingToWrap: 'there is nothing to wrap or unwrap; name an amount above zero',
  OnlyPool: 'only the token’s pool may do this; deposit or ask for unstaking there',

  // unstaking
  RequestOutOfRange: 'a request for unstaking is worth at least 10^6 wei and at most 1,000 ETH; ask for another amount',
  RequestOwnerZero: 'the request would belong to the zero address; name a real owner',
  RequestUnknown: 'there is no request of this number; look at your list',
  RequestNotFinalized: 'the request waits in the queue still; claim it once it is finalized',
  RequestClaimed: 'the request was paid before; nothing is to be done',
  OnlyRequestOwner: 'the request belongs to another account, which the error names; claim it from there',
  BatchTooLarge: 'a call takes no more requests than this; split them over several',
  PaymentFailed: 'the recipient did not take the ETH; name another one',
  NothingToStake: 'the queue needs all ETH that the pool has here, so nothing is staked; wait for deposits',
  NothingToUnstake: 'the queue lacks nothing, or the validators have nothing left; nothing is to be done',
  OnlyValidators: 'only the pool’s validators send ETH this way; use deposit',

  // reports
  OnlyOracle: 'only the pool’s oracle reports; send it from there',
  ReportOutOfTurn: 'reports count up one by one; give the number that the error names',
  ReportTooSoon: 'the last report is too young; wait until the time that the error names',
  ReportGainTooLarge:
    'that much cannot be earned in that time by the pool’s bounds; report less, or let the owner widen them',
  ReportLossTooLarge:
    'that much cannot be lost in one report by the pool’s bounds, or validators do not have it; report less, or let the owner widen them',
  BoundsOutOfRange: 'a bound is above the whole; give at most 10,000 basis points',
  OracleZero: 'the oracle would be the zero address; name a real one',
  RateOutOfRange: 'the rate moves too far by the pool’s bounds; push one between those that the error names',
  RateNotBacked: 'the pool has too little ETH for this rate; push a lower one',
  RateOutdated: 'a report came and its rate was not pushed yet; wait for the oracle’s next push',
  OnlyChain: 'only the account that stands for the chain penalizes validators; send it from there',
  InsufficientBalance: 'the contract has less ETH than this; ask for less',
  FailedCall: 'a call within the call failed without a reason; look at its receiver',
}
