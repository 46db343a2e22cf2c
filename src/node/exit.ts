/** Exit codes of every command; documented in docs/cli.md, which is made of them. */
export const EXIT_CODES = {
  ok: { code: 0, what: 'Done, or drained after a signal.', again: 'Nothing to do.' },
  failure: {
    code: 1,
    what: 'Something failed while running: no provider answers, a port is taken, a check does not pass, the chain refuses.',
    again: 'The message or the log says what. Starting again may help.',
  },
  usage: { code: 2, what: 'The command line or the configuration is wrong.', again: 'Start again after mending it.' },
  locked: {
    code: 3,
    what: 'Another process holds the data folder.',
    again: 'Do not start again: see which process it is.',
  },
  identity: {
    code: 4,
    what: 'Keystore, password, account, chain or registration do not belong together.',
    again: 'Start again after mending it.',
  },
  unclean: {
    code: 5,
    what: 'The stop was not clean: a part did not stop in time, or a second signal came.',
    again: 'Start again: the guard’s record is whole.',
  },
  guard: {
    code: 6,
    what: 'The guard’s record is missing, damaged, older than it was, or retired.',
    again: 'Start again only after an operator’s decision (docs/guard.md).',
  },
} as const

type Codes = typeof EXIT_CODES
export type ExitCode = Codes[keyof Codes]['code']

/** The codes by name. */
export const Exit = Object.fromEntries(Object.entries(EXIT_CODES).map(([name, { code }]) => [name, code])) as {
  readonly [Name in keyof Codes]: Codes[Name]['code']
}

/** Codes of errors, or prefixes ending in a dot, that have an exit code of their own. */
const BY_CODE: readonly (readonly [string, ExitCode])[] = [
  ['config.', Exit.usage],
  ['usage.', Exit.usage],
  ['duration.', Exit.usage],
  ['deployment.', Exit.usage],
  ['completion.', Exit.usage],
  ['explain.', Exit.usage],
  ['init.', Exit.usage],
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
