/** Encryption secrets in a vault: one in use, one to come, and spent ones that wait for their switch. */
export const MAX_ENCRYPTION_KEYS = 16
/** Sharings held: the one in use, the one to come, and some that nobody has retired yet. */
export const MAX_SHARINGS = 16
/** Seeds: that of the current session, and of earlier ones in an imported file. */
export const MAX_SEEDS = 16
/** Names of destroyed encryption keys that are remembered, the newest: more than a network reshares while a backup is kept. */
export const MAX_DESTROYED = 1_024
/** Bytes of a record's file: a sharing of 64 shares with a polynomial of 64 coefficients has 40 kB. */
export const MAX_RECORD_BYTES = 256 * 1_024
/** Bytes of an exported file. */
export const MAX_EXPORT_BYTES = 4 * 1_048_576
