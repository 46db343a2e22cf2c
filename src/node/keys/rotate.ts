import { existsSync } from 'node:fs'
import { decodeG1 } from '../../bls/eip2537.ts'
import { publicKeyFromBytes, publicKeyToBytes } from '../../bls/keys.ts'
import { allocationManagerAbi } from '../../chain/abi/allocationManager.ts'
import { serviceManagerAbi } from '../../chain/abi/serviceManager.ts'
import { createMetrics } from '../../metrics/registry.ts'
import { successorOf } from '../../signer/keyRing.ts'
import type { OperatorKeys } from '../../signer/operatorKeys.ts'
import { LariatError } from '../../util/errors.ts'
import { bytesToHex, equalBytes, type Hex, hexToBytes } from '../../util/hex.ts'
import { type Avs, findAvs, same } from '../operator/find.ts'
import type { Planner } from '../operator/perform.ts'
import type { Step } from '../operator/plan.ts'
import type { OperatorSession, View } from '../operator/session.ts'
import { list } from '../operator/words.ts'
import { openOperatorKeys } from '../operatorKeys.ts'
import { createSuccessor } from './create.ts'
import type { KeysIo } from './make.ts'

/** Rows of one request of an epoch's table. */
const ROWS_PER_PAGE = 100n

/** A service of this operator, and the keys that its ServiceManager knows. Keys are G1, uncompressed, 96 bytes. */
interface Place {
  readonly avs: Avs
  /** Goes into tables that are built from now on. */
  readonly registered: Uint8Array
  /** The key in the newest table; undefined when the operator is in none. */
  readonly tabled: Uint8Array | undefined
  /** Number of the newest table, and Unix second of its end at the latest. */
  readonly epoch: bigint
  readonly validUntil: bigint
}

/**
 * Registers a new BLS key with the services, made before if there is none. What was broken off is gone on with; a rotation
 * whose key is in no table yet is not followed by another.
 * @param names services; all of the configuration when there are none
 */
export function rotatePlanner(names: readonly string[], io: KeysIo): Planner {
  /** Chosen once, so that the command does not rotate again when its steps are done. */
  let target: Uint8Array | undefined
  return async (session, view) => {
    const places = await placesOf(session, view, names)
    const keys = await openKeys(session)
    try {
      target ??= await chooseTarget(session, keys, places, io)
      const next = target
      const notes: string[] = []
      const steps: Step[] = []
      for (const place of places) {
        if (equalBytes(place.registered, next)) notes.push(standing(place, next))
        else steps.push(await step(session, keys, place, next))
      }
      if (steps.length > 0)
        notes.push(
          `The new key is ${short(next)}; the running node opens it by itself. See that the backup has it: lariat keys backup-check.`,
        )
      return { steps, notes, later: [] }
    } finally {
      keys.close()
    }
  }
}

/** The key that all services shall have: the last one that is open; a new one when that is in use everywhere. */
async function chooseTarget(
  session: OperatorSession,
  keys: OperatorKeys,
  places: readonly Place[],
  io: KeysIo,
): Promise<Uint8Array> {
  const last = lastOf(keys)
  for (const { avs, registered } of places) {
    if (keys.publicKeys().some((key) => equalBytes(key, registered))) continue
    throw new LariatError(
      'operator.foreign-key',
      `${avs.label} has the BLS key ${short(registered)} of this operator, and it is not open here: name its keystore in keys.bls before another takes its place`,
      { avs: avs.address },
    )
  }
  const settled = places.every(
    ({ registered, tabled }) => equalBytes(registered, last) && (tabled === undefined || equalBytes(tabled, last)),
  )
  if (!settled) return last
  const { bls } = session.config.keys
  if (bls === undefined) {
    throw new LariatError(
      'usage.keys',
      'the remote signer has no further key: make one there with lariat keys create --after KEYSTORE, then run this again',
    )
  }
  let keystore = bls.keystore
  while (existsSync(successorOf(keystore).keystore)) keystore = successorOf(keystore).keystore
  await createSuccessor(keystore, {}, io)
  await keys.reload()
  const made = lastOf(keys)
  if (equalBytes(made, last)) throw new LariatError('operator.foreign-key', 'the key that was made is not found again')
  return made
}

async function step(
  { config, chain, operator }: OperatorSession,
  keys: OperatorKeys,
  { avs, registered, epoch, validUntil }: Place,
  next: Uint8Array,
): Promise<Step> {
  const domain = { chainId: chain.id, serviceManager: avs.address }
  const { publicKey, proofOfPossession } = await keys.prove(domain, operator, next)
  const end = new Date(Number(validUntil) * 1_000).toISOString().slice(0, 16).replace('T', ' ')
  return {
    what: `replace the BLS key with ${avs.label}, ${short(registered)}, by ${short(next)}`,
    consequences: [
      epoch === 0n
        ? 'No epoch was built yet: the first one has the new key.'
        : `Epoch ${epoch} keeps the old key, which signs until the next one activates (this makes it due; at the latest at ${end} UTC); from then on the new one signs.`,
      `The old key is spent: it can never be registered with ${avs.label} again.`,
      ...(config.signer === undefined ? [] : ['The remote signer must go on holding both.']),
    ],
    to: avs.address,
    abi: serviceManagerAbi,
    functionName: 'rotateKey',
    args: [bytesToHex(publicKey), bytesToHex(proofOfPossession)],
    by: 'operator',
  }
}

function standing({ avs, tabled, epoch }: Place, next: Uint8Array): string {
  if (tabled !== undefined && equalBytes(tabled, next)) return `Epoch ${epoch} of ${avs.label} has the new key.`
  return `${avs.label} has the new key ${short(next)}; it counts from the epoch after ${epoch} on.`
}

/** @throws LariatError `usage.avs`, `operator.not-member` */
async function placesOf(session: OperatorSession, view: View, names: readonly string[]): Promise<readonly Place[]> {
  const wanted = names.length > 0 ? names : session.config.services.map(({ config: { contract } }) => contract)
  const places: Place[] = []
  const outside: string[] = []
  for (const name of wanted) {
    const avs = await findAvs(session, view, name)
    if (!avs.isServiceManager) {
      throw new LariatError(
        'usage.avs',
        `${avs.label} is no ServiceManager of Lariat: it has no BLS key of this operator`,
      )
    }
    const place = await placeOf(session, view, avs)
    if (place === undefined) outside.push(avs.label)
    else places.push(place)
  }
  if (outside.length > 0 && (names.length > 0 || places.length === 0)) {
    throw new LariatError(
      'operator.not-member',
      `${session.operator} is not in the operator set of ${list(outside)}: there is no key to replace; join with lariat operator opt-in`,
    )
  }
  return places
}

async function placeOf(
  { deployment, operator }: OperatorSession,
  { read }: View,
  avs: Avs,
): Promise<Place | undefined> {
  const [set] = avs.sets
  const contract = { address: avs.address, abi: serviceManagerAbi } as const
  const isMember =
    set !== undefined &&
    (await read({
      address: deployment.core.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'isMemberOfOperatorSet',
      args: [operator, set],
    }))
  if (!isMember) return undefined
  const [key, epoch] = await Promise.all([
    read({ ...contract, functionName: 'keyOf', args: [operator] }),
    read({ ...contract, functionName: 'latestEpoch', args: [] }),
  ])
  const registered = publicKeyToBytes(decodeG1(hexToBytes(key)))
  if (epoch === 0n) return { avs, registered, tabled: undefined, epoch, validUntil: 0n }
  const { operators: rows, validUntil } = await read({ ...contract, functionName: 'epochInfo', args: [epoch] })
  let tabled: Uint8Array | undefined
  for (let from = 0n; from < rows && tabled === undefined; from += ROWS_PER_PAGE) {
    const [who, publicKeys] = await read({ ...contract, functionName: 'epochRows', args: [epoch, from, ROWS_PER_PAGE] })
    const found = publicKeys[who.findIndex((one) => same(one, operator))]
    if (found !== undefined) tabled = hexToBytes(found)
  }
  return { avs, registered, tabled, epoch, validUntil }
}

function openKeys({ config, deployment, clock, log }: OperatorSession): Promise<OperatorKeys> {
  const { genesisHash } = deployment
  return openOperatorKeys({ config, genesisHash, clock, log, metrics: createMetrics() })
}

function lastOf(keys: OperatorKeys): Uint8Array {
  const last = keys.publicKeys().at(-1)
  if (last === undefined) throw new RangeError('an operator has a key')
  return last
}

/** `0x1234…cdef` of the compressed key. */
function short(key: Uint8Array): string {
  const hex: Hex = bytesToHex(publicKeyFromBytes(key).toBytes(true))
  return `${hex.slice(0, 8)}…${hex.slice(-6)}`
}
