/** Why the LRT (vault, entries, token, accounts) refused, by the name of the error; as `CORE_REFUSALS`. */
export const LRT_REFUSALS: Readonly<Record<string, string>> = {
  // who
  LrtVaultOnlyEntry: 'only the vault’s own entries may call this; go by an entry',
  LrtVaultOnlyRole: 'the caller does not hold the role for this; send it from the account that does',
  LrtVaultOnlyTimelock: 'this needs a proposal that has waited; propose it first',
  LrtVaultNotOperator:
    'the caller is neither whose shares these are nor an operator of theirs; send it from the right account',
  LrtVaultZeroAddress: 'an address is zero; name a real one',
  LrtEntryOnlyVault: 'only the vault may call this; go by an entry',
  LrtTokenOnlyVault: 'only the vault may call this; go by an entry',
  DelegationAccountOnlyVault: 'only the vault may call this; go by an entry',

  // coming in
  LrtVaultNotOpen: 'the vault takes no deposits yet; its owner opens it',
  LrtVaultAlreadyOpen: 'the vault is open; nothing is to be done',
  LrtVaultPaused: 'deposits are paused; exits and claims go on',
  LrtVaultZeroShares: 'so little would be worth no share; deposit more',
  LrtVaultShortDeposit: 'less of the token arrived than the shares cost; try again',
  LrtVaultCap:
    'the vault takes no more of this LST (the last figure is what its cap leaves, in wei of ETH); deposit less, or another LST',
  LrtVaultDepegged:
    'the market of this LST is below its own rate by more than the vault allows, or its feed is silent; deposit another LST, or wait',
  LrtVaultWorthless: 'nothing is left of what the shares stood for, so that there is no price to deposit at',

  // going out
  LrtVaultAmount: 'that is more than there is (the first figure was asked for, the second is available)',
  LrtEntryAsynchronous: 'what an exit pays is not known before it is claimable; ask for it first',
  LrtEntryRequestId: 'all requests of a controller are one; its id is 0',

  // stake
  LrtVaultUnknownLst: 'the vault does not take this token; name one of its LSTs',
  LrtVaultUnknownOperator: 'the vault does not have this operator, or it is leaving; name another',
  LrtVaultUnknownWithdrawal:
    'this withdrawal is not one of that operator’s account; ask the lens for those that can be completed',
  LrtVaultNothingToDo: 'nothing would move; nothing is to be done',

  // parameters and the time lock
  LrtVaultLimit: 'a figure is above its limit (the last one); choose a smaller one',
  LrtVaultKnownLst: 'the vault has this LST already; nothing is to be done',
  LrtVaultKnownOperator: 'the vault has this operator already; nothing is to be done',
  LrtVaultStrategy: 'the strategy is of another token; name the LST’s own',
  LrtVaultLengths: 'two lists are of different lengths; give one figure for each operator',
  LrtVaultAccountInUse: 'the operator’s account has stake or withdrawals in the core yet; complete them first',
  LrtVaultNotReward: 'this token is not for sale; only rewards are',
  LrtVaultNoPrice: 'the feed gives no price now; name one that does',
  LrtVaultPrice: 'it costs more than the most that was offered (the first figure); offer that',
  LrtVaultNotProposed: 'there is no such proposal, or its time is over; propose it anew',
  LrtVaultAlreadyProposed: 'this was proposed already; wait until it is ready',
  LrtVaultTooEarly:
    'the proposal has not waited long enough; the last figure is the block from which it can be executed',
  LrtVaultNotProposable: 'a proposal cannot call this function',
}
