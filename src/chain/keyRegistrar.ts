import type { Address, Hex } from '../util/hex.ts'
import { keyRegistrarAbi } from './abi/keyRegistrar.ts'
import type { OperatorSet } from './core.ts'
import {
  REGISTRAR_KEY_KINDS,
  type RegistrarKeyKind,
  type RegistrationSubject,
  registrarKeyHash,
} from './keyRegistration.ts'
import type { ChainReader } from './types.ts'

/** What a set demands of its operators' keys, and what this operator has registered. */
export interface KeyDemand {
  /** Kind of key that the set is configured for; undefined when it demands none. */
  readonly kind: RegistrarKeyKind | undefined
  /** Hash of the key that the operator has in the set; undefined for none. */
  readonly registered: Hex | undefined
}

/** The core's KeyRegistrar as an operator reads it. Every method throws what `ChainReader.read` throws. */
export interface KeyRegistrarReader {
  demand(operator: Address, set: OperatorSet): Promise<KeyDemand>
  /** Whether a key was ever registered, by anyone and anywhere: then it can never be again. */
  isSpent(kind: RegistrarKeyKind, keyData: Hex): Promise<boolean>
  /** What a registration is bound to. */
  subject(chainId: number, operator: Address, set: OperatorSet): Promise<RegistrationSubject>
}

export function createKeyRegistrarReader(read: ChainReader['read'], keyRegistrar: Address): KeyRegistrarReader {
  const contract = { address: keyRegistrar, abi: keyRegistrarAbi } as const
  return {
    async demand(operator, set) {
      const [curve, isRegistered, hash] = await Promise.all([
        read({ ...contract, functionName: 'getOperatorSetCurveType', args: [set] }),
        read({ ...contract, functionName: 'isRegistered', args: [set, operator] }),
        read({ ...contract, functionName: 'getKeyHash', args: [set, operator] }),
      ])
      return { kind: REGISTRAR_KEY_KINDS[curve - 1], registered: isRegistered ? hash : undefined }
    },
    isSpent: (kind, keyData) =>
      read({ ...contract, functionName: 'isKeyGloballyRegistered', args: [registrarKeyHash(kind, keyData)] }),
    async subject(chainId, operator, set) {
      const version = await read({ ...contract, functionName: 'version', args: [] })
      return { chainId, keyRegistrar, version, operator, set }
    },
  }
}
