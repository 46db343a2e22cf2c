import { blsSecretFromSeed } from '../../../src/signer/secrets.ts'
import type { GuardKey } from '../../../src/store/store.ts'
import { type Domain, Kind, type Statement } from '../../../src/types/statement.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'

/** What the host is told. */
export interface HostSetup {
  readonly folder: string
  /** Number of this life of the host: its payload for every slot. */
  readonly incarnation: number
  /** First slot of each service. */
  readonly from: readonly number[]
  /** Slots of each service; without end when left out. */
  readonly rounds?: number
}

export const SERVICES = 8
/** Few, so that the guard prunes during the test; more than a new incarnation goes back. */
export const KEEP_SLOTS = 128n

export const operator: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const domain: Domain = {
  chainId: 31337,
  genesisHash: `0x${'ab'.repeat(32)}`,
  serviceManager: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
}
export const secret = blsSecretFromSeed(new Uint8Array(32).fill(3))

export const payloadOf = (incarnation: number): Hex => `0x${incarnation.toString(16).padStart(64, '0')}`

export function statementOf(service: number, slot: bigint, payload: Hex): Statement {
  const id: Hex = `0x${(service + 1).toString(16).padStart(64, '0')}`
  return { service: id, kind: Kind.certify, epoch: 1n, slot, attempt: 0, payload }
}

export function guardKeyOf(service: number, slot: bigint): GuardKey {
  const { service: id, kind, attempt } = statementOf(service, slot, '0x')
  return { ...domain, operator, service: id, kind, slot, attempt }
}

/** A signature that left the host, or a refusal. */
export interface Told {
  readonly service: number
  readonly slot: bigint
  readonly payload: Hex
  /** G2 compressed, hex without 0x. */
  readonly signature?: string
  readonly refused?: string
}

/** A whole line of the host's output; undefined for one that says something else. */
export function parseTold(line: string): Told | undefined {
  const [what, service, slot, payload, rest] = line.split(' ')
  if ((what !== 'S' && what !== 'R') || rest === undefined) return undefined
  const told = { service: Number(service), slot: BigInt(slot ?? ''), payload: payload as Hex }
  return what === 'S' ? { ...told, signature: rest } : { ...told, refused: rest }
}
