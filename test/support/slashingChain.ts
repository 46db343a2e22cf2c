import type { onChainTestimony } from '../../src/avs/evidence/onChain.ts'
import { accusedBy, isProof } from '../../src/avs/evidence/verify.ts'
import type { ServiceChain } from '../../src/avs/ports.ts'
import { decodeG2 } from '../../src/bls/eip2537.ts'
import { signatureToBytes } from '../../src/bls/keys.ts'
import type { Equivocation, Testimony } from '../../src/types/evidence.ts'
import { LariatError } from '../../src/util/errors.ts'
import { type Address, type Hex, hexToBytes } from '../../src/util/hex.ts'
import type { SimClock } from '../../src/util/simclock.ts'
import { type Cast, DOMAIN, noChain } from './simnet.ts'

/** Who was slashed, and when. */
export interface Slash {
  readonly operator: Address
  /** ms since the epoch. */
  readonly at: number
  readonly service: Hex
  readonly kind: number
  readonly slot: bigint
}

/** A chain whose contract does what `slashEquivocation` does, on the injected clock; final after `finalityMs`. */
export interface SlashingChain extends ServiceChain {
  readonly slashes: readonly Slash[]
  /** Transactions that were sent, whatever became of them. */
  readonly sent: number
  /** While true, nothing can be sent. */
  down: boolean
  /** Undoes every slash that is not final. */
  reorg(): void
}

type SideOnChain = ReturnType<typeof onChainTestimony>

export function slashingChain(clock: SimClock, cast: () => Cast, finalityMs = 2_000): SlashingChain {
  const slashes: Slash[] = []
  let sent = 0
  const tables = (epoch: bigint) => (epoch === cast().table.number ? cast().table : undefined)
  const rowOf = (operator: Address) =>
    cast().table.members.findIndex((row) => row.operator.toLowerCase() === operator.toLowerCase())
  const revert = (error: string) => new LariatError('chain.reverted', `reverted: ${error}`, { error })

  /** As the contract has it: a side that is one operator's needs exactly one. */
  function side({ statement, aggregate, absent, signature }: SideOnChain, operators: readonly Address[]): Testimony {
    const bytes = signatureToBytes(decodeG2(hexToBytes(signature)))
    if (aggregate) return { form: 'certificate', statement, absent: hexToBytes(absent), signature: bytes }
    const [one] = operators
    if (one === undefined || operators.length > 1) throw revert('EquivocationNotOneOperator')
    return { form: 'signature', statement, author: rowOf(one), signature: bytes }
  }

  function slash(one: SideOnChain, two: SideOnChain, operators: readonly Address[]): void {
    const evidence: Equivocation = { first: side(one, operators), second: side(two, operators) }
    if (!isProof(DOMAIN, tables, evidence)) throw revert('EquivocationSignatureInvalid')
    const accused = accusedBy(tables, evidence) ?? []
    if (!operators.every((operator) => accused.includes(operator))) throw revert('EquivocationNotASigner')
    const fresh = operators.filter((operator) => !slashes.some((before) => before.operator === operator))
    if (fresh.length === 0) throw revert('EquivocationNothingToSlash')
    const { service, kind, slot } = one.statement
    for (const operator of fresh) slashes.push({ operator, at: clock.now(), service, kind, slot })
  }

  return {
    ...noChain,
    down: false,
    slashes,
    get sent() {
      return sent
    },
    reorg() {
      for (let i = slashes.length - 1; i >= 0; i--) {
        if (clock.now() - (slashes[i]?.at ?? 0) < finalityMs) slashes.splice(i, 1)
      }
    },
    read: (async ({
      functionName,
      args,
      block,
    }: {
      functionName: string
      args: readonly unknown[]
      block?: string
    }) => {
      if (functionName !== 'punished') throw new Error(`${functionName} is not on this chain`)
      const age = block === 'finalized' ? finalityMs : 0
      const [operator] = args as [Address]
      return slashes.some(
        (slash) => slash.operator.toLowerCase() === operator.toLowerCase() && clock.now() - slash.at >= age,
      )
    }) as ServiceChain['read'],
    write: async function (this: SlashingChain, { args }: { args: readonly unknown[] }) {
      if (this.down) throw new LariatError('chain.unavailable', 'no provider answers')
      sent++
      slash(...(args as [SideOnChain, SideOnChain, readonly Address[]]))
      return { hash: `0x${'51'.repeat(32)}`, blockNumber: 1n, gasUsed: 500_000n, status: 'success' }
    } as ServiceChain['write'],
  }
}
