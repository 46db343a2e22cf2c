// For how long work on the largest session of key generation (32 members, 64 shares, threshold 43) holds the event loop, and what it
// takes in all: other work, the beacon's rounds above all, waits for no more than the longest turn.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allocate } from '../src/avs/randomness/allocation.ts'
import { checkDealing, checkDealings } from '../src/bls/threshold/check.ts'
import { combine, openGroupKey, verifyRound } from '../src/bls/threshold/group.ts'
import { findBadPartials, lieTogether } from '../src/bls/threshold/partials.ts'
import { openPolynomial } from '../src/bls/threshold/polynomial.ts'
import { foldPolynomials } from '../src/bls/threshold/qualified.ts'
import { describeSession } from '../src/bls/threshold/session.ts'
import type { PartialRound } from '../src/bls/threshold/types.ts'
import type { ShareVault } from '../src/signer/shares/vault.ts'
import { systemClock } from '../src/util/clock.ts'
import { type LoopReport, watchLoop } from '../test/support/loopProbe.ts'
import { castOf } from '../test/support/simnet.ts'
import { assembleAll, dealAll, openVaults } from './lib/keyMaking.ts'
import { print, round } from './lib/print.ts'

/** As uneven as 64 shares of 32 members can be: four have as many as one may have. */
const SHARES = [8, 8, 8, 8, 2, 2, 2, 2, ...new Array<number>(24).fill(1)]
const THRESHOLD = 43
/** What a turn of the event loop should not take longer than, ms. */
const TARGET_MS = 25
const CHECKS = 64

function tell(work: string, { longestMs, ms, turns }: LoopReport<unknown>): void {
  const value = round(longestMs)
  const judged = { target: TARGET_MS, met: value <= TARGET_MS ? 'yes' : 'no' }
  print({ bench: 'threshold', work, what: 'longest turn', value, unit: 'ms', ...judged, inAll: round(ms), turns })
}

async function measure<T>(work: string, act: () => T | Promise<T>): Promise<T> {
  const report = await watchLoop(act)
  tell(work, report)
  return report.result
}

const folder = mkdtempSync(join(tmpdir(), 'lariat-bench-threshold-'))
const { operators } = castOf(SHARES.length)
const vaults = await openVaults(folder, operators, () => ({ now: () => systemClock.now() }))
const [vault, other] = vaults as [ShareVault, ShareVault]
const { session, dealt } = await dealAll(vaults, SHARES, THRESHOLD)
await measure('a dealing is made', () => vault.deal(session))
const [first] = dealt
if (first === undefined) throw new Error('nobody dealt')
await measure('a dealing is checked', () => checkDealing(session, first))
await measure('all dealings are checked', () => checkDealings(session, dealt))
await measure('all dealings are examined, with eight shares in each', () => vault.examine(session, dealt))
await measure('dealings are added up', () => foldPolynomials(session, dealt))

const genesis = BigInt(Math.floor(Date.now() / 1_000) - 60)
const made = await assembleAll([other], { session, dealt }, { genesis, period: 3 })
const polynomial = Uint8Array.from(made.sharing.polynomial) // not opened yet
const outcome = { sharing: 1n, switchRound: 1n, schedule: made.group.schedule }
await measure('shares are assembled', () => vault.assemble(session, dealt, { ...outcome, polynomial }))
await measure('a public polynomial is opened', () => openPolynomial(Uint8Array.from(polynomial)))

const previous = { sharing: 1n, members: session.members, threshold: THRESHOLD, polynomial }
const next = describeSession({ ...session, session: 2n, previous })
const resharing = await measure('a dealing of eight old shares is made', () => vault.deal(next))
await measure('a dealing of eight old shares is checked', () =>
  checkDealing(next, { dealer: vault.scope.operator, dealing: resharing }),
)

for (const one of vaults.slice(2)) await one.assemble(session, dealt, { ...outcome, polynomial })
const partials: PartialRound[] = []
for (const one of vaults) partials.push(...(await one.sign(1n, 1n)))
await measure('eight partials are made', () => vault.sign(1n, 1n))
const key = openGroupKey(made.group.publicKey)
const signature = await measure('43 partials are combined', () => combine(partials, THRESHOLD))
if (!(await measure('a round is verified', () => verifyRound(key, 1n, signature)))) throw new Error('a false round')
const [spare] = partials
const spoilt = partials.map((one, i) =>
  i % 8 === 3 && spare !== undefined ? { ...one, signature: spare.signature } : one,
)
const used = partials.map((one) => ({ ...one, used: false }))
await measure('64 partials are seen to lie together', () => lieTogether(signature, used, THRESHOLD))
const opened = openPolynomial(Uint8Array.from(polynomial))
await measure('64 partials are looked at for the first time', () => findBadPartials(opened, 1n, partials, CHECKS))
await measure('64 partials are looked at', () => findBadPartials(opened, 1n, partials, CHECKS))
await measure('8 false ones are found among 64', () => findBadPartials(opened, 1n, spoilt, CHECKS))
await measure('shares are allocated', () =>
  allocate(SHARES.map((count, i) => BigInt(count) * 32_000_000_000n + BigInt(i * i) * 1_000_003n)),
)
for (const one of vaults) await one.close()
rmSync(folder, { recursive: true })
