import { createMetrics } from '../../metrics/registry.ts'
import { createRemoteClient, type RemoteClient } from '../../signer/remote/client.ts'
import { openRemoteKeys } from '../../signer/remote/keys.ts'
import { peerCertificate } from '../../signer/remote/peer.ts'
import { EXPIRY_WARNING_MS, loadTls, type TlsMaterial } from '../../signer/remote/tls.ts'
import { type Clock, until } from '../../util/clock.ts'
import { describe, LariatError } from '../../util/errors.ts'
import type { Hex } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import type { LoadedConfig } from '../config/load.ts'
import { MAX_SKEW_MS, SKEWED_MS } from '../selfcheck/clock.ts'
import { type DoctorLine, tried } from './line.ts'

/** ms for the connection that looks at the signer's certificate. */
const CONNECT_MS = 5_000

export interface SignerOptions {
  readonly config: Pick<LoadedConfig, 'operator' | 'chain' | 'services'>
  readonly signer: NonNullable<LoadedConfig['signer']>
  readonly genesisHash: Hex
  readonly clock: Clock
  readonly log: Log
}

/**
 * The remote signer, asked as the node would ask it: whether it answers and knows this node, how long its certificate holds,
 * whether it serves this operator's services, its guard and its clock. It signs nothing.
 * @returns its keys, uncompressed; undefined when it did not tell them
 */
export async function examineSigner(
  options: SignerOptions,
): Promise<{ readonly keys: readonly Uint8Array[] | undefined; readonly lines: readonly DoctorLine[] }> {
  const { signer, clock, log } = options
  let tls: TlsMaterial
  try {
    tls = await loadTls(signer.tls, clock.now(), log)
  } catch (error) {
    return { keys: undefined, lines: [line('fail', describe(error))] }
  }
  const client = createRemoteClient({ url: signer.url, tls, clock })
  try {
    const { chain, operator, genesisHash } = { ...options.config, ...options }
    const identity = { operator: operator.address, chainId: chain.id, genesisHash }
    const keys = (await openRemoteKeys({ client, clock, metrics: createMetrics(), ...identity })).publicKeys()
    const lines = await Promise.all([
      tried('keys', 'the certificate of the remote signer', () => examineCertificate(options, tls)),
      tried('keys', 'the services of the remote signer', () => examineContracts(options, client)),
      tried('keys', 'the guard of the remote signer', () => examineGuard(options, client)),
    ])
    const few = keys.length === 1 ? 'its key' : `${keys.length} keys`
    return {
      keys,
      lines: [
        line('pass', `the remote signer at ${client.where} answers with ${few}, for this operator and chain`),
        ...lines.flat(),
      ],
    }
  } catch (error) {
    return { keys: undefined, lines: [line('fail', describe(error))] }
  } finally {
    client.close()
  }
}

async function examineCertificate({ signer, clock }: SignerOptions, tls: TlsMaterial): Promise<DoctorLine> {
  const { signal, done } = until(clock, clock.now() + CONNECT_MS)
  try {
    const { validToDate } = await peerCertificate(signer.url, tls, signal)
    const day = validToDate.toISOString().slice(0, 10)
    return validToDate.getTime() - clock.now() < EXPIRY_WARNING_MS
      ? line('warn', `the remote signer's certificate ends on ${day}: make new ones with lariat signer certificates`)
      : line('pass', `the remote signer's certificate holds until ${day}`)
  } finally {
    done()
  }
}

async function examineContracts({ config }: SignerOptions, client: RemoteClient): Promise<readonly DoctorLine[]> {
  const served = (await client.keys()).contracts.map((contract) => contract.toLowerCase())
  const missing = config.services.filter(({ config: { contract } }) => !served.includes(contract.toLowerCase()))
  if (missing.length === 0) return [line('pass', 'the remote signer signs for every service of this configuration')]
  return missing.map(({ definition: { name }, config: { contract } }) =>
    line('fail', `the remote signer does not sign for ${name}: add ${contract} to contracts in its configuration`),
  )
}

async function examineGuard({ clock }: SignerOptions, client: RemoteClient): Promise<readonly DoctorLine[]> {
  const before = clock.now()
  const { now, problem, warning } = await client.guard().catch((error: unknown): never => {
    throw new LariatError('doctor.signer', `the guard of the remote signer was not told: ${describe(error)}`)
  })
  const after = clock.now()
  const record =
    problem !== null
      ? line('fail', `the remote signer's guard: ${problem}`)
      : line('pass', "the remote signer's guard takes durable writes")
  return [
    record,
    ...(warning === null ? [] : [line('warn', `the remote signer's guard: ${warning}`)]),
    judgeClocks(now - (before + after) / 2, (after - before) / 2),
  ]
}

/** @param offset ms by which the signer's clock is ahead of ours, as far as `error` (ms) lets tell */
function judgeClocks(offset: number, error: number): DoctorLine {
  const least = Math.max(0, Math.abs(offset) - error)
  const text = `the remote signer's clock is ${(least / 1_000).toFixed(1)} s ${offset < 0 ? 'behind' : 'ahead of'} this machine's`
  if (least > MAX_SKEW_MS) return line('fail', `${text}, so that it refuses slots: let NTP set both`)
  if (least > SKEWED_MS) return line('warn', `${text}: let NTP set both`)
  return line('pass', "the remote signer's clock agrees with this machine's")
}

const line = (status: DoctorLine['status'], text: string): DoctorLine => ({ group: 'keys', status, text })
