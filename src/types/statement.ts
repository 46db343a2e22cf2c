import type { Address, Hex } from '../util/hex.ts'

/** What a statement is for. Only `certify` statements can become a certificate. */
export const Kind = { certify: 1, observe: 2, propose: 3, deal: 4 } as const
export type Kind = (typeof Kind)[keyof typeof Kind]

/** What an operator signs. For one (service, kind, slot, attempt) it signs at most one payload. */
export interface Statement {
  /** 32 bytes. */
  readonly service: Hex
  readonly kind: Kind
  /** uint64 */
  readonly epoch: bigint
  /** uint64 */
  readonly slot: bigint
  /** uint16: the try at the slot, 0 but for replaced leaders. */
  readonly attempt: number
  /** 32 bytes. */
  readonly payload: Hex
}

/** Where statements are valid: the EIP-712 domain, and the genesis hash that tells two chains of one id apart. */
export interface Domain {
  readonly chainId: number
  readonly genesisHash: Hex
  readonly serviceManager: Address
}
