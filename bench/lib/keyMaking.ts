import { join } from 'node:path'
import type { BeaconSharing, Group } from '../../src/avs/randomness/beacon/sharings.ts'
import { chainHash } from '../../src/bls/threshold/chain.ts'
import { groupKeyBytes, openGroupKey } from '../../src/bls/threshold/group.ts'
import { G2_BYTES } from '../../src/bls/threshold/points.ts'
import { foldPolynomials } from '../../src/bls/threshold/qualified.ts'
import { describeSession } from '../../src/bls/threshold/session.ts'
import type { Dealt, Schedule, Session } from '../../src/bls/threshold/types.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { openShareVault } from '../../src/signer/shares/open.ts'
import type { PeerTime, ShareVault } from '../../src/signer/shares/vault.ts'
import { systemClock } from '../../src/util/clock.ts'
import type { Address } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import { Secret } from '../../src/util/secret.ts'

const CHAIN_ID = 31_337
const KEY_GENERATION: Address = '0x00000000000000000000000000000000000d6d6d'
const SWITCH_ROUND = 1n

/** A vault for each operator, in folders under `folder`. */
export function openVaults(
  folder: string,
  operators: readonly Address[],
  peers: (index: number) => PeerTime,
): Promise<ShareVault[]> {
  return Promise.all(
    operators.map((operator, i) =>
      openShareVault({
        folder: join(folder, `vault-${i}`),
        scope: { chainId: CHAIN_ID, genesisHash: `0x${'ab'.repeat(32)}`, keyGeneration: KEY_GENERATION, operator },
        password: new Secret('a password of the benches'),
        clock: systemClock,
        peers: peers(i),
        log: silentLog,
        metrics: createMetrics(),
        strength: 'devnet',
      }),
    ),
  )
}

/** A first key generation of these vaults without a chain: a session, and everybody's dealing in it. */
export interface Dealings {
  readonly session: Session
  readonly dealt: readonly Dealt[]
}

/** @param shares of each vault's operator, in their order */
export async function dealAll(
  vaults: readonly ShareVault[],
  shares: readonly number[],
  threshold: number,
): Promise<Dealings> {
  const members = []
  for (const [i, vault] of vaults.entries()) {
    const { publicKey } = await vault.encryptionKey()
    members.push({ operator: vault.scope.operator, encryptionKey: publicKey, weight: 32n, shares: shares[i] ?? 1 })
  }
  const session = describeSession({
    chainId: CHAIN_ID,
    keyGeneration: KEY_GENERATION,
    ...{ session: 1n, epoch: 1n, attempt: 0, members, threshold },
  })
  const dealt: Dealt[] = []
  for (const vault of vaults) dealt.push({ dealer: vault.scope.operator, dealing: await vault.deal(session) })
  return { session, dealt }
}

/** What the session ends in; each vault holds its shares of it afterwards. */
export async function assembleAll(
  vaults: readonly ShareVault[],
  { session, dealt }: Dealings,
  schedule: Schedule,
): Promise<{ readonly group: Group; readonly sharing: BeaconSharing }> {
  const polynomial = await foldPolynomials(session, dealt)
  const outcome = { sharing: 1n, switchRound: SWITCH_ROUND, polynomial, schedule }
  for (const vault of vaults) await vault.assemble(session, dealt, outcome)
  const publicKey = groupKeyBytes(openGroupKey(polynomial.subarray(0, G2_BYTES)))
  const groupHash = session.id
  return {
    group: { publicKey, schedule, groupHash, chainHash: chainHash({ publicKey, schedule, groupHash }) },
    sharing: {
      ...{ sharing: 1n, switchRound: SWITCH_ROUND, polynomial },
      threshold: session.threshold,
      members: session.members.map(({ operator, shares }) => ({ operator, shares })),
    },
  }
}
