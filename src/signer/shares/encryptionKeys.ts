import { encryptionPublicKey, makeEncryptionSecret, proveEncryptionKey } from '../../bls/secret/encryption.ts'
import { memberOf } from '../../bls/threshold/session.ts'
import type { Session } from '../../bls/threshold/types.ts'
import { Secret } from '../../util/secret.ts'
import type { EncryptionRecord } from './content.ts'
import { refusal } from './refusal.ts'
import type { VaultState } from './state.ts'
import type { EncryptionRegistration, VaultScope } from './vault.ts'

/** The key to register, made at need. Its secret is on disk before anybody sees the public key. */
export async function keyToRegister(state: VaultState, scope: VaultScope): Promise<EncryptionRegistration> {
  const unspent = state.encryption.find(({ spentIn }) => spentIn === undefined) ?? (await makeKey(state))
  const secret = unspent.secret.reveal()
  return { publicKey: Uint8Array.from(unspent.publicKey), ...proveEncryptionKey(scope, secret) }
}

async function makeKey(state: VaultState): Promise<EncryptionRecord> {
  const secret = makeEncryptionSecret()
  const record = { publicKey: encryptionPublicKey(secret), secret: new Secret(secret), spentIn: undefined }
  await state.putEncryption(record)
  return record
}

/** Nothing happens to a key that is not here or is spent already. */
export async function spendKey(state: VaultState, publicKey: Uint8Array, session: bigint): Promise<void> {
  const record = state.encryptionOf(publicKey)
  if (record === undefined || record.spentIn !== undefined) return
  await state.putEncryption({ ...record, spentIn: session })
}

/** The secret that the session's table names for this operator. @throws LariatError `shares.not-member`, `shares.no-secret` */
export function secretFor(state: VaultState, scope: VaultScope, session: Session): EncryptionRecord {
  const member = memberOf(session.members, scope.operator)
  if (member === undefined) {
    throw refusal('not-member', `this operator receives nothing in session ${session.session}`, {
      session: session.session,
    })
  }
  const record = state.encryptionOf(member.encryptionKey)
  if (record === undefined) {
    throw refusal(
      'no-secret',
      `the secret of the encryption key that session ${session.session} names is not in this vault: import the vault that has it`,
      { session: session.session },
    )
  }
  return record
}
