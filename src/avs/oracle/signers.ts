import { type Address, describe, type Log, type ServiceChain } from 'lariat/avs'
import { serviceManagerAbi } from './abi/serviceManager.ts'

/** Epochs whose operators are remembered: the active one, the one before, and some for history. */
const MAX_EPOCHS = 8
/** Rows of an epoch in one call; each is 104 bytes of code read, and its key comes along. */
const PAGE = 200
/** Rows of an epoch: as many as a certificate's bitmap may tell of. */
const MAX_ROWS = 1_000

/** Who signed, as the epoch's table on chain tells it. */
export interface Signers {
  /** Operators that signed; undefined when the table cannot be read now. */
  of(epoch: bigint, absent: Uint8Array): Promise<readonly Address[] | undefined>
}

/** Reads an epoch's operators once; a finished epoch never changes. */
export function createSigners(contract: Address, chain: Pick<ServiceChain, 'read'>, log: Log): Signers {
  const epochs = new Map<bigint, Promise<readonly Address[]>>()

  async function read(epoch: bigint): Promise<readonly Address[]> {
    const operators: Address[] = []
    while (operators.length < MAX_ROWS) {
      const [page] = await chain.read({
        address: contract,
        abi: serviceManagerAbi,
        functionName: 'epochRows',
        args: [epoch, BigInt(operators.length), BigInt(PAGE)],
      })
      operators.push(...page)
      if (page.length < PAGE) break
    }
    return operators
  }

  function operatorsOf(epoch: bigint): Promise<readonly Address[]> {
    const known = epochs.get(epoch)
    if (known !== undefined) return known
    const [oldest] = epochs.keys()
    if (epochs.size >= MAX_EPOCHS && oldest !== undefined) epochs.delete(oldest)
    const reading = read(epoch)
    epochs.set(epoch, reading)
    return reading
  }

  return {
    async of(epoch, absent) {
      try {
        const operators = await operatorsOf(epoch)
        return operators.filter((_, row) => (((absent[row >> 3] ?? 0) >> (row & 7)) & 1) === 0)
      } catch (error) {
        epochs.delete(epoch)
        log.warn('the operators of an epoch could not be read', { epoch, error: describe(error) })
        return undefined
      }
    },
  }
}
