import { bls } from '@chainsafe/bls/blst-native'
import { LariatError } from '../util/errors.ts'
import { hexToBytes } from '../util/hex.ts'
import { publicKeyFromBytes, signatureFromBytes } from './keys.ts'
import { verify } from './verify.ts'

/** A signature of 32 bytes of 0x2a by the secret key 1 (its public key is the generator), made with @noble/curves. */
const KNOWN_DIGEST = new Uint8Array(32).fill(0x2a)
const KNOWN_KEY = hexToBytes(
  '0x97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb',
)
const KNOWN_SIGNATURE = hexToBytes(
  '0xb131741608acf022a3a6dd990edbc081fbff69fe724585f3ba17a49c4e3e0ff2f6d83834309c2d6935a48e24276261ba01df93553aedd73cc8a9a3aee65a608a6785691ce6859686192ec7a5135b03ecaaa52e99baa243b7a49ff79e06574c4d',
)

/**
 * Asserts, at boot, that BLS runs on native blst and not on a WebAssembly fallback five times slower, and that this
 * build verifies a known signature and refuses a changed one.
 * @throws LariatError `bls.not-native`
 */
export function assertNative(): void {
  const implementation: string = 'implementation' in bls ? String(bls.implementation) : 'unknown'
  if (implementation !== 'blst-native') {
    throw notNative(`@chainsafe/bls runs on ${implementation}`)
  }
  const key = publicKeyFromBytes(KNOWN_KEY)
  const signature = signatureFromBytes(KNOWN_SIGNATURE)
  const other = new Uint8Array(32).fill(0x2b)
  const agrees =
    verify(KNOWN_DIGEST, key, signature) &&
    bls.verify(KNOWN_KEY, KNOWN_DIGEST, KNOWN_SIGNATURE) &&
    !verify(other, key, signature) &&
    !bls.verify(KNOWN_KEY, other, KNOWN_SIGNATURE)
  if (!agrees) throw notNative('blst does not verify a known signature')
}

function notNative(why: string): LariatError<'bls.not-native'> {
  return new LariatError(
    'bls.not-native',
    `${why}: reinstall with \`npm ci\` on a platform that @chainsafe/blst supports`,
  )
}
