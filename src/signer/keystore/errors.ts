import { LariatError } from '../../util/errors.ts'

export type KeystoreErrorCode =
  | 'keystore.missing-file'
  | 'keystore.unreadable'
  | 'keystore.missing-password'
  | 'keystore.wrong-password'
  | 'keystore.weak-password'
  | 'keystore.invalid'
  | 'keystore.mnemonic'
  | 'keystore.mismatch'

/** An error about a key file. `file` is named in the message; neither key nor password ever is. */
export function keystoreError(code: KeystoreErrorCode, file: string, what: string): LariatError<KeystoreErrorCode> {
  return new LariatError(code, `${file}: ${what}`, { file })
}
