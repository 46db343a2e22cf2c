import { Tally } from '../../src/avs/aggregation/tally.ts'
import { signatureFromBytes } from '../../src/bls/keys.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { createLocalSigner } from '../../src/signer/local.ts'
import { memoryGuardStore } from '../../src/store/memory.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import type { Domain, Statement } from '../../src/types/statement.ts'
import type { Address } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import type { Secret } from '../../src/util/secret.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { type Cast, DOMAIN } from './simnet.ts'

/** A signature by operator `row`, whose guard remembers nothing: the way in which a rogue signs whatever it likes. */
export function signAs(cast: Cast, row: number, statement: Statement, domain: Domain = DOMAIN): Promise<Uint8Array> {
  return createLocalSigner({
    secret: cast.secrets[row] as Secret<Uint8Array>,
    domain,
    operator: cast.operators[row] as Address,
    store: memoryGuardStore(),
    clock: new SimClock(0),
    log: silentLog,
    metrics: createMetrics(),
    startedAt: 0,
  }).sign({ statement, triggeredAt: 1e13, window: { from: 0n, to: 1n << 62n } })
}

/** A certificate by the operators of `rows`. */
export async function certifyAs(
  cast: Cast,
  rows: readonly number[],
  statement: Statement,
  domain: Domain = DOMAIN,
): Promise<Certificate> {
  const tally = new Tally(statement, domain, () => cast.table)
  for (const row of rows) {
    tally.add(row, signatureFromBytes(await signAs(cast, row, statement, domain)), { verified: true })
  }
  return tally.sum()
}
