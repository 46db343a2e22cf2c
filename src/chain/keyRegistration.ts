import { getAddress, hashTypedData, keccak256 } from 'viem'
import type { Address, Hex } from '../util/hex.ts'
import type { OperatorSet } from './core.ts'

/** Kinds of keys that an AVS can demand; the order is that of IKeyRegistrar.CurveType, whose 0 is none. */
export const REGISTRAR_KEY_KINDS = ['ecdsa', 'bn254'] as const
export type RegistrarKeyKind = (typeof REGISTRAR_KEY_KINDS)[number]

/** What a registration is bound to. */
export interface RegistrationSubject {
  readonly chainId: number
  readonly keyRegistrar: Address
  /** The registrar's `version()`, such as `1.12.0`: the domain has its first character. */
  readonly version: string
  readonly operator: Address
  readonly set: OperatorSet
}

const COMMON = [
  { name: 'operator', type: 'address' },
  { name: 'avs', type: 'address' },
  { name: 'operatorSetId', type: 'uint32' },
] as const

/** The EIP-712 digest that a key signs to be registered (EigenLayer v1.12, KeyRegistrar). */
export function keyRegistrationDigest(
  kind: RegistrarKeyKind,
  keyData: Hex,
  { chainId, keyRegistrar, version, operator, set }: RegistrationSubject,
): Hex {
  const domain = {
    name: 'EigenLayer',
    version: version.slice(0, 1),
    chainId,
    verifyingContract: keyRegistrar,
  } as const
  const subject = { operator, avs: set.avs, operatorSetId: set.id }
  if (kind === 'ecdsa') {
    return hashTypedData({
      domain,
      types: { ECDSAKeyRegistration: [...COMMON, { name: 'keyAddress', type: 'address' }] },
      primaryType: 'ECDSAKeyRegistration',
      message: { ...subject, keyAddress: getAddress(keyData) },
    })
  }
  return hashTypedData({
    domain,
    types: { BN254KeyRegistration: [...COMMON, { name: 'keyData', type: 'bytes' }] },
    primaryType: 'BN254KeyRegistration',
    message: { ...subject, keyData },
  })
}

/** Hash under which the registrar remembers a key for ever: of the address, or of the 64 bytes of the G1 point. */
export function registrarKeyHash(kind: RegistrarKeyKind, keyData: Hex): Hex {
  return keccak256(kind === 'ecdsa' ? keyData : (keyData.slice(0, 2 + 128) as Hex))
}
