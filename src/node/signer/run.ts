import { assertNative } from '../../bls/native.ts'
import { createMetrics, type Metrics } from '../../metrics/registry.ts'
import { openKeyRing } from '../../signer/keyRing.ts'
import { localKeys } from '../../signer/operatorKeys.ts'
import { createHandler } from '../../signer/remote/handler.ts'
import { keyId } from '../../signer/remote/protocol.ts'
import { createReach } from '../../signer/remote/reach.ts'
import { type SignerServer, startSignerServer } from '../../signer/remote/server.ts'
import { loadTls } from '../../signer/remote/tls.ts'
import { lockDataDir } from '../../store/lock.ts'
import { openDataStore } from '../../store/sqlite/data.ts'
import { openGuardStore } from '../../store/sqlite/guard.ts'
import { type Clock, systemClock } from '../../util/clock.ts'
import { writeFileAtomic } from '../../util/files.ts'
import type { Log } from '../../util/log.ts'
import { VERSION } from '../../util/version.ts'
import type { ExitCode } from '../exit.ts'
import { files } from '../files.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { openLog } from '../logging.ts'
import { untilStopped } from '../untilStopped.ts'
import { loadSignerConfig, type SignerConfig } from './config.ts'
import { watchRecord } from './record.ts'

/**
 * Runs a remote signer until it is told to stop.
 * @returns the exit code; what went wrong is in the log
 * @throws LariatError `config.…` before there is a log
 */
export async function runSigner(configFile: string): Promise<ExitCode> {
  const config = await loadSignerConfig(configFile)
  const log = openLog(config.log)
  return untilStopped('lariat signer', log, async (lifecycle) => {
    log.info('lariat signer starts', { version: VERSION, config: config.file, pid: process.pid })
    await composeSigner({ config, lifecycle, clock: systemClock, log, metrics: createMetrics() })
  })
}

export interface ComposeSignerOptions {
  readonly config: SignerConfig
  readonly lifecycle: Lifecycle
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** Opens what a signer rests on, the server last. */
export async function composeSigner(options: ComposeSignerOptions): Promise<SignerServer> {
  const { config, lifecycle, clock, log, metrics } = options
  assertNative()
  const { guard: guardFile, data: dataFile, signer: addressFile } = files(config.dataDir)
  const close = (opened: { close(): Promise<void> | void }) => opened.close()
  await lifecycle.open(
    'data folder',
    () => lockDataDir(config.dataDir),
    (lock) => lock.release(),
  )
  const tls = await loadTls(config.tls, clock.now(), log)
  const keys = localKeys(await openKeyRing(config.keys.bls, log))
  const store = await lifecycle.open('guard', () => openGuardStore(guardFile), close)
  const data = await lifecycle.open('data', () => openDataStore(dataFile), close)
  const handle = createHandler({
    keys,
    serves: {
      operator: config.operator.address,
      chainId: config.chain.id,
      genesisHash: config.chain.genesisHash,
      contracts: config.contracts,
    },
    store,
    record: watchRecord({ dataDir: config.dataDir, file: guardFile, store }),
    reach: createReach(data.cursors, clock),
    clock,
    log,
    metrics,
  })
  const server = await lifecycle.open('server', () => startSignerServer({ ...config.listen, tls, handle, log }), close)
  const { url } = server
  await writeFileAtomic(addressFile, `${JSON.stringify({ version: 1, pid: process.pid, url })}\n`)
  log.info('the signer listens', { url, keys: keys.publicKeys().map(keyId), contracts: config.contracts })
  return server
}
