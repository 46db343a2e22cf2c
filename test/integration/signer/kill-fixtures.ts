import { blsSecretFromSeed } from '../../../src/signer/secrets.ts'
import type { GuardKey } from '../../../src/store/store.ts'
import { type Domain, Kind, type Statement } from '../../../src/types/statement.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'

/** What the child is told. */
export interface ChildSetup {
  readonly folder: string
  /** First slot it tries, decimal. */
  readonly from: string
  /** What it wants to sign for every slot; each incarnation wants another. */
  readonly payload: Hex
  /** "point:slot" or "point:any", see the child. */
  readonly fault?: string
}

/** What the child tells: a signature that left it, or a refusal. */
export type ChildEvent =
  | { readonly started: true }
  | { readonly slot: string; readonly payload: Hex; readonly signature: string }
  | { readonly slot: string; readonly payload: Hex; readonly refused: string }

export const operator: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const domain: Domain = {
  chainId: 31337,
  genesisHash: `0x${'ab'.repeat(32)}`,
  serviceManager: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
}
export const secret = blsSecretFromSeed(new Uint8Array(32).fill(3))

export function statementOf(slot: bigint, payload: Hex): Statement {
  return { service: `0x${'01'.repeat(32)}`, kind: Kind.certify, epoch: 1n, slot, attempt: 0, payload }
}

export function guardKeyOf(slot: bigint): GuardKey {
  const { service, kind, attempt } = statementOf(slot, '0x')
  return { ...domain, operator, service, kind, slot, attempt }
}

/** Few, so that the guard prunes during the test; more than a new incarnation goes back. */
export const KEEP_SLOTS = 32n
