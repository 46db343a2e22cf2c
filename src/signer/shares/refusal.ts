import { type ErrorDetails, LariatError } from '../../util/errors.ts'
import type { VaultRefusal } from './vault.ts'

/** An error of the share vault. What it says is public; secrets never come here. */
export function refusal(
  reason: VaultRefusal,
  message: string,
  details: ErrorDetails = {},
  cause?: unknown,
): LariatError<`shares.${VaultRefusal}`> {
  return new LariatError(`shares.${reason}`, message, details, cause)
}
