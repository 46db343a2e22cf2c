import { parseEther } from 'viem'
import { LST_KINDS } from '../../src/chain/deployment.ts'
import type { Artifacts } from '../../src/testnet/artifacts.ts'
import { WITHDRAWAL_DELAY } from '../../src/testnet/core.ts'
import { MAX_LRT_OPERATORS } from '../../src/testnet/lrt.ts'
import { startLrtNet } from './lrtNet.ts'
import { MAX_TRANSACTION_GAS } from './transact.ts'

/** Withdrawals of its own that the vault may have open for an operator. */
const OWN_WITHDRAWALS = 4
/** Open withdrawals of each operator at the bounds: a forced undelegation adds one for each LST. */
const WITHDRAWALS = OWN_WITHDRAWALS + LST_KINDS.length
/** wei of ETH, or shares. */
const SMALL = parseEther('1')
/** For what others build on: reading the rate, coming in, asking out. */
const THIRD = MAX_TRANSACTION_GAS / 3n
/** Exits that one `fulfil` looks at. */
const REQUESTS = 20n

/** Takes a figure: what was measured, its gas, and the most that it may be. */
type Report = (figure: Readonly<Record<string, string | number>>, gas: bigint, limit: bigint) => void

/**
 * The LRT's calls with everything at its bound: 4 LSTs, 8 operators, 8 open withdrawals of each operator's account. What
 * comes before the last withdrawal is queued has fewer, and says how many.
 */
export async function lrtGas(artifacts: Artifacts, report: Report): Promise<void> {
  const net = await startLrtNet(artifacts)
  try {
    const { vault, lsts, staker } = net
    const [steth, , reth] = lsts
    if (steth === undefined || reth === undefined) throw new Error('the vault lacks LSTs')
    const tell = async (call: string, gas: Promise<bigint>, withdrawals: number, limit: bigint) =>
      report({ case: 'lrt', call, lsts: LST_KINDS.length, operators: MAX_LRT_OPERATORS, withdrawals }, await gas, limit)
    const ofVault = (functionName: string, ...args: readonly unknown[]) =>
      net.call(staker, 'LrtVault', vault, functionName, args)
    const ofEntry = (entry: typeof reth.entry, functionName: string, ...args: readonly unknown[]) =>
      net.call(staker, 'LrtEntry', entry, functionName, args)

    for (const { token } of lsts) await tell('restake', ofVault('restake', token), 0, MAX_TRANSACTION_GAS / 2n)
    for (let before = 0; before < OWN_WITHDRAWALS; before++) {
      await ofEntry(steth.entry, 'requestRedeem', SMALL, staker.address, staker.address)
      await tell('unstake', ofVault('unstake'), before, MAX_TRANSACTION_GAS / 2n)
      await net.mine(WITHDRAWAL_DELAY / OWN_WITHDRAWALS)
    }
    await net.undelegateAll()
    const { operator, roots } = await net.open()
    if (roots.length !== WITHDRAWALS) throw new Error(`${roots.length} withdrawals are open, not ${WITHDRAWALS}`)

    await tell('getRate', ofVault('getRate'), WITHDRAWALS, THIRD)
    await tell('deposit', ofEntry(reth.entry, 'deposit', SMALL, staker.address), WITHDRAWALS, THIRD)
    const request = ofEntry(reth.entry, 'requestRedeem', SMALL, staker.address, staker.address)
    await tell('requestRedeem', request, WITHDRAWALS, THIRD)
    await tell('fulfil', ofVault('fulfil', REQUESTS), WITHDRAWALS, MAX_TRANSACTION_GAS)
    await net.mine(WITHDRAWAL_DELAY + 1)
    await tell('complete', ofVault('complete', operator, roots), WITHDRAWALS, MAX_TRANSACTION_GAS)
  } finally {
    await net.stop()
  }
}
