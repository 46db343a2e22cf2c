import type { KeystoreLocation, PasswordSource } from '../../signer/keystore/files.ts'
import { type ConfigProblem, positionOf, type Source } from './problems.ts'

/** The section `keys` of a node or of a remote signer, as far as it names keystores. */
interface KeysSection {
  readonly bls?: KeystoreLocation | undefined
  readonly ecdsa?: KeystoreLocation
  readonly checkpoints?: KeystoreLocation | undefined
  readonly registrar?: readonly KeystoreLocation[]
  readonly shares?: PasswordSource | undefined
}

/** Every place of a password says one thing, and a descriptor, which is read once, is one key's alone. */
export function checkPasswords(
  { bls, ecdsa, checkpoints, registrar = [], shares }: KeysSection,
  source: Source,
): ConfigProblem[] {
  const locations = [
    ...(bls === undefined ? [] : [{ path: ['keys', 'bls'], location: bls }]),
    ...(ecdsa === undefined ? [] : [{ path: ['keys', 'ecdsa'], location: ecdsa }]),
    ...(checkpoints === undefined ? [] : [{ path: ['keys', 'checkpoints'], location: checkpoints }]),
    ...(shares === undefined ? [] : [{ path: ['keys', 'shares'], location: shares }]),
    ...registrar.map((location, i) => ({ path: ['keys', 'registrar', i], location })),
  ]
  const problems: ConfigProblem[] = []
  const users = new Map<number, string>()
  for (const { path, location } of locations) {
    const { passwordFile, passwordFd } = location
    if (passwordFd === undefined) continue
    const name = path.join('.')
    const problem = (what: string, mend: string) =>
      problems.push({
        path: `${name}.passwordFd`,
        position: positionOf(source, [...path, 'passwordFd'], 'key'),
        what,
        mend,
      })
    if (passwordFile !== undefined) problem('there is a passwordFile too', 'keep one of the two')
    const other = users.get(passwordFd)
    if (other !== undefined) problem(`${other} reads this descriptor already`, 'give each key a descriptor of its own')
    users.set(passwordFd, name)
  }
  return problems
}
