import { keyRegistrarAbi } from '../../chain/abi/keyRegistrar.ts'
import type { OperatorSet } from '../../chain/core.ts'
import { createKeyRegistrarReader } from '../../chain/keyRegistrar.ts'
import { type RegistrarKeyKind, registrarKeyHash } from '../../chain/keyRegistration.ts'
import { openRegistrarKey, type RegistrarKey } from '../../signer/registrarKey.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import type { Step } from './plan.ts'
import type { OperatorSession, View } from './session.ts'

/** What is to be done about the key that a set demands. */
export interface KeyPlan {
  /** The registration, if it is wanting. */
  readonly steps: readonly Step[]
  /** Facts to be shown. Sentences. */
  readonly notes: readonly string[]
}

/** The parts of a session that are needed here. */
type Session = Pick<OperatorSession, 'config' | 'deployment' | 'operator' | 'chain' | 'log'>

/**
 * Registers the operator's key for a set that demands one, before it joins. Nothing for a set that demands none, or that has
 * the operator's key already.
 * @throws LariatError `config.registrar-key` when the configuration names no key of that kind for the set, or one that was
 * registered before; `keystore.…`; what reading throws
 */
export async function planRegistrarKey(
  session: Session,
  { read }: Pick<View, 'read'>,
  set: OperatorSet,
): Promise<KeyPlan> {
  const { deployment, operator, chain } = session
  const { keyRegistrar } = deployment.core
  if (keyRegistrar === undefined) return { steps: [], notes: [] }
  const registrar = createKeyRegistrarReader(read, keyRegistrar)
  const { kind, registered } = await registrar.demand(operator, set)
  if (kind === undefined) return { steps: [], notes: [] }
  if (registered !== undefined) {
    return { steps: [], notes: [`A key for set ${set.id} of ${set.avs} is registered (hash ${registered}).`] }
  }
  const key = await openConfigured(session, set, kind)
  if (await registrar.isSpent(kind, key.keyData)) throw spent(set, kind, key)
  const signature = await key.prove(await registrar.subject(chain.id, operator, set))
  return {
    steps: [
      {
        what: `register ${aKey(kind)} for set ${set.id} of ${set.avs}`,
        consequences: [
          'This key can never be registered again, for another set or by anyone else.',
          'It stays in the set until the operator has left it and can no longer be slashed there.',
        ],
        to: keyRegistrar,
        abi: keyRegistrarAbi,
        functionName: 'registerKey',
        args: [operator, set, key.keyData, signature],
        by: 'appointee',
      },
    ],
    notes: [],
  }
}

/**
 * Takes the key out of a set that the operator has left for good. Nothing while the set can slash it, or when it has none.
 * @throws what reading throws
 */
export async function planKeyRemoval(
  { deployment, operator }: Pick<Session, 'deployment' | 'operator'>,
  { read }: Pick<View, 'read'>,
  set: OperatorSet,
  slashable: boolean,
): Promise<KeyPlan> {
  const { keyRegistrar } = deployment.core
  if (keyRegistrar === undefined) return { steps: [], notes: [] }
  const { kind, registered } = await createKeyRegistrarReader(read, keyRegistrar).demand(operator, set)
  if (kind === undefined || registered === undefined) return { steps: [], notes: [] }
  if (slashable) {
    return {
      steps: [],
      notes: [
        `The ${nameOf(kind)} key for set ${set.id} of ${set.avs} stays until the set can no longer slash the operator.`,
      ],
    }
  }
  return {
    steps: [
      {
        what: `take the ${nameOf(kind)} key out of set ${set.id} of ${set.avs}`,
        consequences: ['It cannot be registered again: joining anew takes a new key.'],
        to: keyRegistrar,
        abi: keyRegistrarAbi,
        functionName: 'deregisterKey',
        args: [operator, set],
        by: 'appointee',
      },
    ],
    notes: [],
  }
}

async function openConfigured(session: Session, set: OperatorSet, kind: RegistrarKeyKind): Promise<RegistrarKey> {
  const { config, log } = session
  const entry = config.keys.registrar.find((key) => same(key.avs, set.avs) && key.set === set.id)
  if (entry?.kind !== kind) {
    const wrong = entry === undefined ? 'keys.registrar has none' : `keys.registrar has ${aKey(entry.kind)}`
    throw new LariatError(
      'config.registrar-key',
      `set ${set.id} of ${set.avs} demands ${aKey(kind)}, and ${wrong} for it: make one with lariat keys create --kind ${kind} and name it there`,
      { avs: set.avs, set: set.id, kind },
    )
  }
  return openRegistrarKey(kind, entry, log)
}

function spent(set: OperatorSet, kind: RegistrarKeyKind, key: RegistrarKey): LariatError {
  const hash = registrarKeyHash(kind, key.keyData)
  return new LariatError(
    'config.registrar-key',
    `the ${nameOf(kind)} key of keys.registrar for set ${set.id} of ${set.avs} was registered before, and a key can be registered once: make a new one with lariat keys create --kind ${kind}`,
    { avs: set.avs, set: set.id, kind, hash },
  )
}

function nameOf(kind: RegistrarKeyKind): string {
  return kind.toUpperCase()
}

/** With its article. */
function aKey(kind: RegistrarKeyKind): string {
  return kind === 'ecdsa' ? 'an ECDSA key' : `a ${nameOf(kind)} key`
}

function same(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
