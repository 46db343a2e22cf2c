import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { type Address, bigToBytes, type Hex, hexToBytes } from '../util/hex.ts'
import type { Domain, Statement } from './statement.ts'

const STATEMENT_TYPE = keccak_256(
  utf8ToBytes('Statement(bytes32 service,uint8 kind,uint64 epoch,uint64 slot,uint16 attempt,bytes32 payload)'),
)
const REGISTRATION_TYPE = keccak_256(utf8ToBytes('BlsKeyRegistration(address operator,bytes publicKey)'))
const DOMAIN_TYPE = keccak_256(
  utf8ToBytes('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
)
const NAME = keccak_256(utf8ToBytes('Lariat'))
/** Version of the statement format; a change of `Statement` bumps it here and in the contracts. */
export const STATEMENT_VERSION = '1'
const VERSION = keccak_256(utf8ToBytes(STATEMENT_VERSION))

const separators = new Map<string, Uint8Array>()
/** Domains whose separator is remembered; a node serves far fewer contracts. */
const MAX_SEPARATORS = 256

/** EIP-712 domain separator of {name: "Lariat", version: "1", chainId, verifyingContract}, 32 bytes. */
export function domainSeparator(domain: Pick<Domain, 'chainId' | 'serviceManager'>): Uint8Array {
  const id = `${domain.chainId}:${domain.serviceManager.toLowerCase()}`
  let separator = separators.get(id)
  if (separator === undefined) {
    separator = keccak_256(
      concatBytes(DOMAIN_TYPE, NAME, VERSION, word(BigInt(domain.chainId)), word(BigInt(domain.serviceManager))),
    )
    if (separators.size >= MAX_SEPARATORS) separators.clear()
    separators.set(id, separator)
  }
  return separator
}

/** EIP-712 digest of `statement`, 32 bytes: the BLS message. */
export function statementDigest(domain: Pick<Domain, 'chainId' | 'serviceManager'>, statement: Statement): Uint8Array {
  const struct = keccak_256(
    concatBytes(
      STATEMENT_TYPE,
      bytes32(statement.service),
      word(BigInt(statement.kind)),
      word(statement.epoch),
      word(statement.slot),
      word(BigInt(statement.attempt)),
      bytes32(statement.payload),
    ),
  )
  return typedDigest(domain, struct)
}

/**
 * EIP-712 digest that a proof of possession signs: `BlsKeyRegistration(address operator,bytes publicKey)`.
 * @param publicKey EIP-2537 G1 point, 128 bytes
 */
export function registrationDigest(
  domain: Pick<Domain, 'chainId' | 'serviceManager'>,
  operator: Address,
  publicKey: Uint8Array,
): Uint8Array {
  return typedDigest(domain, keccak_256(concatBytes(REGISTRATION_TYPE, word(BigInt(operator)), keccak_256(publicKey))))
}

function typedDigest(domain: Pick<Domain, 'chainId' | 'serviceManager'>, struct: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), domainSeparator(domain), struct))
}

function word(value: bigint): Uint8Array {
  return bigToBytes(value, 32)
}

function bytes32(hex: Hex): Uint8Array {
  const bytes = hexToBytes(hex)
  if (bytes.length !== 32) throw new RangeError(`expected 32 bytes, got ${bytes.length}`)
  return bytes
}
