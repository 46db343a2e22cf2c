import { encodeAbiParameters } from 'viem'
import { bytesToHex, type Hex } from '../util/hex.ts'
import { peerIdToBytes } from './peerId.ts'

/** What an operator hands over when it joins: `Registration` of IServiceManager.sol. */
export interface Registration {
  /** BLS12-381 G1 point, EIP-2537 form, 128 bytes. */
  readonly publicKey: Uint8Array
  /** G2 point, EIP-2537 form, 256 bytes: proof of possession of the key, for this operator and ServiceManager. */
  readonly proofOfPossession: Uint8Array
  /** libp2p peer id, text form. */
  readonly peerId: string
  /** Multiaddrs, at most 8 of at most 128 bytes each. */
  readonly addresses: readonly string[]
}

/** The struct as `abi.decode(data, (Registration))` reads it: one dynamic tuple. */
const REGISTRATION = [
  {
    type: 'tuple',
    components: [
      { name: 'publicKey', type: 'bytes' },
      { name: 'proofOfPossession', type: 'bytes' },
      { name: 'peerId', type: 'bytes' },
      { name: 'addresses', type: 'string[]' },
    ],
  },
] as const

/** `abi.encode(registration)`, for `RegisterParams.data`. @throws LariatError `peer-id.invalid` */
export function encodeRegistration({ publicKey, proofOfPossession, peerId, addresses }: Registration): Hex {
  return encodeAbiParameters(REGISTRATION, [
    {
      publicKey: bytesToHex(publicKey),
      proofOfPossession: bytesToHex(proofOfPossession),
      peerId: bytesToHex(peerIdToBytes(peerId)),
      addresses,
    },
  ])
}
