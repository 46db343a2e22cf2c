import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDealing } from '../../../../src/bls/secret/dealing.ts'
import { countPolynomials, foldPolynomials } from '../../../../src/bls/threshold/qualified.ts'
import { describeSession, isSame } from '../../../../src/bls/threshold/session.ts'
import type { Dealt, Member, Session, Sharing } from '../../../../src/bls/threshold/types.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { openShareVault, type VaultOptions } from '../../../../src/signer/shares/open.ts'
import type { ShareVault, SharingOutcome, VaultScope } from '../../../../src/signer/shares/vault.ts'
import type { Address, Hex } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { Secret } from '../../../../src/util/secret.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

export const CHAIN_ID = 31_337
export const KEY_GENERATION: Address = '0x00000000000000000000000000000000000d6d6d'
export const GENESIS_HASH: Hex = `0x${'ab'.repeat(32)}`
/** SimClock's start, seconds. */
export const START = 1_700_000_000n
export const SCHEDULE = { genesis: START, period: 3 }
export const PASSWORD = new Secret('a password of the tests')

/** Temporary folders of one test file, removed by `clean`. */
export class Folders {
  readonly #made: string[] = []

  make(): string {
    const folder = mkdtempSync(join(tmpdir(), 'lariat-shares-'))
    this.#made.push(folder)
    return folder
  }

  clean(): void {
    for (const folder of this.#made.splice(0)) rmSync(folder, { recursive: true, force: true })
  }
}

export function operatorOf(i: number): Address {
  return `0x${(i + 1).toString(16).padStart(2, '0').repeat(20)}`
}

export function scopeOf(i: number): VaultScope {
  return {
    chainId: CHAIN_ID,
    genesisHash: GENESIS_HASH,
    keyGeneration: KEY_GENERATION,
    operator: operatorOf(i),
  }
}

export function vaultOptions(folder: string, i: number, change: Partial<VaultOptions> = {}): VaultOptions {
  const clock = change.clock ?? new SimClock()
  return {
    folder,
    scope: scopeOf(i),
    password: PASSWORD,
    clock,
    peers: { now: () => clock.now() },
    log: silentLog,
    metrics: createMetrics(),
    strength: 'devnet',
    ...change,
  }
}

export interface Node {
  readonly i: number
  readonly operator: Address
  readonly folder: string
  readonly vault: ShareVault
}

export async function openNodes(folders: Folders, count: number, clock = new SimClock()): Promise<Node[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const folder = folders.make()
      return { i, operator: operatorOf(i), folder, vault: await openShareVault(vaultOptions(folder, i, { clock })) }
    }),
  )
}

/** A session whose members are `nodes`, with the keys that their vaults give. */
export async function sessionOf(
  nodes: readonly Node[],
  options: {
    readonly session: bigint
    readonly threshold: number
    readonly shares?: readonly number[]
    readonly previous?: Sharing | undefined
  },
): Promise<Session> {
  const members: Member[] = []
  for (const [at, { operator, vault }] of nodes.entries()) {
    const { publicKey } = await vault.encryptionKey()
    members.push({ operator, encryptionKey: publicKey, weight: 100n, shares: options.shares?.[at] ?? 1 })
  }
  const { session, threshold, previous } = options
  return describeSession({
    chainId: CHAIN_ID,
    keyGeneration: KEY_GENERATION,
    session,
    epoch: session,
    attempt: 0,
    members,
    threshold,
    previous,
  })
}

export async function dealAll(session: Session, dealers: readonly Node[]): Promise<Dealt[]> {
  const dealt: Dealt[] = []
  for (const { operator, vault } of dealers) dealt.push({ dealer: operator, dealing: await vault.deal(session) })
  return dealt
}

/** What the contract would say after folding `qualified`. */
export async function outcomeOf(
  session: Session,
  qualified: readonly Dealt[],
  sharing: bigint,
  switchRound = 1n,
): Promise<{ readonly outcome: SharingOutcome; readonly sharing: Sharing; readonly counted: Dealt[] }> {
  const polynomial = await foldPolynomials(session, qualified)
  const used = countPolynomials(
    session,
    qualified.map(({ dealer }) => dealer),
  )
  return {
    outcome: { sharing, switchRound, polynomial, schedule: SCHEDULE },
    sharing: { sharing, members: session.members, threshold: session.threshold, polynomial },
    counted: qualified.filter(({ dealer }) => used.some((one) => isSame(one.dealer, dealer))),
  }
}

/** Deals, folds and assembles a sharing with everybody honest. */
export async function runSession(
  nodes: readonly Node[],
  dealers: readonly Node[],
  options: Parameters<typeof sessionOf>[1] & { readonly switchRound?: bigint },
) {
  const session = await sessionOf(nodes, options)
  const dealt = await dealAll(session, dealers)
  const result = await outcomeOf(session, dealt, options.session, options.switchRound)
  for (const { vault } of nodes) await vault.assemble(session, dealt, result.outcome)
  return { session, dealt, ...result }
}

/** A dealing by a seed of our own, for what no honest dealer does. */
export function dealingOfSeed(session: Session, dealer: Address, seed: number) {
  return makeDealing(session, dealer, new Uint8Array(32).fill(seed))
}
