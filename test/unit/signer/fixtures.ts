import { createMetrics, type Metrics } from '../../../src/metrics/registry.ts'
import type { LocalSignerOptions } from '../../../src/signer/local.ts'
import { blsSecretFromSeed } from '../../../src/signer/secrets.ts'
import type { SignRequest } from '../../../src/signer/signer.ts'
import { memoryGuardStore } from '../../../src/store/memory.ts'
import { type Domain, Kind, type Statement } from '../../../src/types/statement.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'
import type { Log, LogFields } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'

export const bytes32 = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
export const operator: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const domain: Domain = {
  chainId: 31337,
  genesisHash: bytes32(0xabc),
  serviceManager: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
}
export const secret = blsSecretFromSeed(new Uint8Array(32).fill(9))

/** Options of a signer on memory, started at the SimClock's time, with what was logged. */
export function signerOptions(changes: Partial<LocalSignerOptions> = {}) {
  const clock = new SimClock()
  const lines: LogLine[] = []
  const metrics = createMetrics()
  const options: LocalSignerOptions = {
    domain,
    operator,
    secret,
    store: memoryGuardStore(),
    clock,
    log: recordingLog(lines),
    metrics,
    ...changes,
  }
  return { options, clock, lines, metrics }
}

export function statement(changes: Partial<Statement> = {}): Statement {
  return {
    service: bytes32(1),
    kind: Kind.certify,
    epoch: 1n,
    slot: 100n,
    attempt: 0,
    payload: bytes32(0xa),
    ...changes,
  }
}

/** A request that was triggered long after the start, inside its window. */
export function request(
  changes: Partial<Statement> = {},
  rest: Partial<Omit<SignRequest, 'statement'>> = {},
): SignRequest {
  const made = statement(changes)
  return {
    statement: made,
    triggeredAt: 1_700_000_100_000,
    window: { from: made.slot - 5n, to: made.slot + 5n },
    ...rest,
  }
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

export function recordingLog(lines: LogLine[], base: LogFields = {}): Log {
  const at =
    (level: LogLine['level']) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields: { ...base, ...fields } })
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => recordingLog(lines, { ...base, ...fields }),
  }
}

/** Value of one series in the metrics' text form; 0 when it is not there. */
export async function metricValue(metrics: Metrics, series: string): Promise<number> {
  const { body } = await metrics.expose()
  const line = body.split('\n').find((text) => text.startsWith(`${series} `))
  return line === undefined ? 0 : Number(line.slice(series.length + 1))
}
