import { type Abi, BaseError, ContractFunctionRevertedError, type LocalAccount, type PublicClient } from 'viem'
import { lrtLensAbi } from '../chain/abi/lrtLens.ts'
import { lrtVaultAbi } from '../chain/abi/lrtVault.ts'
import type { Clock } from '../util/clock.ts'
import type { Address } from '../util/hex.ts'
import { Batch } from './batch.ts'
import { createTask, type Task } from './task.ts'

/** ms between looks: a few blocks. */
const EVERY_MS = 2_000
/** Exits looked at in one go. */
const MAX_EXITS = 16n
const GAS = 10_000_000n

/**
 * Takes the steps of the LRT that anybody may take: books gains, delegates what is idle, queues and completes withdrawals,
 * makes exits claimable. On a real network whoever wants an exit to go on takes them, most of all the vault's own team.
 */
export function createLrtKeeper(options: {
  readonly client: PublicClient
  readonly account: LocalAccount
  readonly vault: Address
  readonly lens: Address
  readonly clock: Clock
  readonly onError: (what: string) => void
}): Task {
  const { client, account, vault, lens, clock, onError } = options
  const contract = { address: vault, abi: lrtVaultAbi as Abi } as const

  /** What a step would return now; undefined where the vault refuses it, as there is nothing to do. */
  async function would(functionName: string, args: readonly unknown[]): Promise<unknown> {
    try {
      const { result } = await client.simulateContract({ ...contract, account, functionName, args, gas: GAS })
      return result
    } catch (error) {
      if (error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError)) return undefined
      throw error
    }
  }

  async function steps(): Promise<[string, readonly unknown[]][]> {
    const read = { address: vault, abi: lrtVaultAbi } as const
    const [totals, operators, lsts] = await Promise.all([
      client.readContract({ ...read, functionName: 'totals' }),
      client.readContract({ ...read, functionName: 'operators' }),
      client.readContract({ ...read, functionName: 'lsts' }),
    ])
    const due: [string, readonly unknown[]][] = []
    for (const { operator, openWithdrawals } of operators) {
      if (openWithdrawals === 0n) continue
      const roots = await client.readContract({
        address: lens,
        abi: lrtLensAbi,
        functionName: 'completable',
        args: [vault, operator],
      })
      if (roots.length > 0) due.push(['complete', [operator, roots]])
    }
    const fulfilled = await would('fulfil', [MAX_EXITS])
    if (typeof fulfilled === 'bigint' && fulfilled > 0n) due.push(['fulfil', [MAX_EXITS]])
    if ((await would('unstake', [])) !== undefined) due.push(['unstake', []])
    for (const { token } of lsts) if ((await would('restake', [token])) !== undefined) due.push(['restake', [token]])
    // every other step books gains as well
    if (due.length === 0 && totals.unbooked > 0n) due.push(['sync', []])
    return due
  }

  return createTask({
    everyMs: EVERY_MS,
    clock,
    onError: (what) => onError(`keeper of the LRT: ${what}`),
    async work(signal) {
      if (!(await client.readContract({ address: vault, abi: lrtVaultAbi, functionName: 'isOpen' }))) return
      const due = await steps()
      const [first] = due
      if (first === undefined) return
      // each is tried on the state that the one before has left; only completions do not touch each other
      const now = first[0] === 'complete' ? due.filter(([name]) => name === 'complete') : [first]
      const batch = await Batch.open(client, account)
      for (const [functionName, args] of now) {
        batch.call({ what: `${functionName} of the LRT`, ...contract, functionName, args, gas: GAS })
      }
      await batch.land(signal)
    },
  })
}
