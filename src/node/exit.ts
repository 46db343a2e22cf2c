/** Exit codes of every command; documented in docs/operations.md. */
export const Exit = {
  ok: 0,
  /** Something went wrong while running; the log says what. */
  failure: 1,
  /** The command line or the configuration is wrong: restarting does not help. */
  usage: 2,
  /** Another process holds the data folder. */
  locked: 3,
  /** The keys, the chain or the registration do not belong together: restarting does not help. */
  identity: 4,
  /** The shutdown did not finish in time. */
  unclean: 5,
  /** The guard's record is missing, damaged, older than it was or retired: an operator must decide, restarting does not help. */
  guard: 6,
} as const
export type ExitCode = (typeof Exit)[keyof typeof Exit]

/** Codes of errors, or prefixes ending in a dot, that have an exit code of their own. */
const BY_CODE: readonly (readonly [string, ExitCode])[] = [
  ['config.', Exit.usage],
  ['usage.', Exit.usage],
  ['duration.', Exit.usage],
  ['deployment.', Exit.usage],
  ['store.locked', Exit.locked],
  ['guard.missing', Exit.guard],
  ['guard.foreign-domain', Exit.guard],
  ['guard.state', Exit.usage],
  ['interchange.', Exit.usage],
  ['store.missing', Exit.guard],
  ['store.older', Exit.guard],
  ['store.retired', Exit.guard],
  ['keystore.', Exit.identity],
  ['shares.none', Exit.usage],
  ['shares.', Exit.identity],
  ['p2p.key', Exit.identity],
  ['p2p.key-permissions', Exit.identity],
  ['chain.wrong-chain', Exit.identity],
  ['chain.single-provider', Exit.usage],
  ['series.', Exit.usage],
  ['testnet.folder', Exit.usage],
  ['testnet.ports', Exit.usage],
  ['identity.', Exit.identity],
  ['signer.mismatch', Exit.identity],
  ['signer.tls', Exit.identity],
  ['lifecycle.stop-timeout', Exit.unclean],
]

/** The exit code for an error that ended a command: the first known code along its chain of causes. */
export function exitCodeOf(error: unknown): ExitCode {
  let depth = 0
  for (let e: unknown = error; e instanceof Error && depth < 10; e = e.cause, depth++) {
    const code = 'code' in e && typeof e.code === 'string' ? e.code : ''
    const known = BY_CODE.find(([prefix]) => (prefix.endsWith('.') ? code.startsWith(prefix) : code === prefix))
    if (known !== undefined) return known[1]
  }
  return Exit.failure
}
