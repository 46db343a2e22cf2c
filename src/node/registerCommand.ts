import { openChain } from '../chain/clients.ts'
import { loadDeployment } from '../chain/deployment.ts'
import { createSender } from '../chain/sender.ts'
import { createServiceChain } from '../chain/serviceChain.ts'
import { createMetrics } from '../metrics/registry.ts'
import { systemClock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import { loadConfig } from './config/load.ts'
import { openIdentity } from './identity.ts'
import { createLifecycle } from './lifecycle.ts'
import { openLog } from './logging.ts'
import { PLUGINS } from './plugins.ts'
import { registerOperator } from './registration.ts'

/** Registers the operator of a configuration with all of its services. `stake` as in `RegisterOptions`. */
export async function registerFromConfig(configFile: string, stake: bigint | undefined): Promise<void> {
  const config = await loadConfig(configFile, PLUGINS)
  const addresses = announced(config.p2p)
  const log = openLog({ level: 'info', format: 'pretty' })
  const clock = systemClock
  // a signal simply ends the process: what was sent stays sent, and the next run goes on from there
  const lifecycle = createLifecycle({ log, clock, signal: new AbortController().signal })
  try {
    const deployment = await loadDeployment(config.chain.deployment)
    const { account, bls, p2p } = await openIdentity(config, log)
    const chain = await lifecycle.open(
      'chain',
      () => openChain({ ...config.chain, genesisHash: deployment.genesisHash, clock, log, metrics: createMetrics() }),
      (opened) => opened.close(),
    )
    const sender = await lifecycle.open(
      'transactions',
      () => createSender({ chain, account, log }),
      (opened) => opened.close(),
    )
    for (const service of config.services) {
      await registerOperator({
        chain: createServiceChain({ chain, sender, log }),
        deployment,
        serviceManager: service.config.contract,
        bls,
        peerId: p2p.peerId,
        addresses,
        stake,
        log: log.child({ service: service.definition.name }),
      })
    }
    log.info('registration is complete', { operator: account.address, peerId: p2p.peerId })
  } finally {
    await lifecycle.stop()
  }
}

/** Where others reach this node: what is announced, else what is listened on, if that is an address. */
function announced({
  announce,
  listen,
}: {
  announce: readonly string[]
  listen: readonly string[]
}): readonly string[] {
  const addresses = announce.length > 0 ? announce : listen
  if (addresses.some((text) => /^\/(ip4\/0\.0\.0\.0|ip6\/::)\//.test(text) || text.endsWith('/tcp/0'))) {
    throw new LariatError(
      'config.announce',
      'p2p.announce is empty and p2p.listen names no address that others could dial: set p2p.announce to where they reach this node, such as /dns4/node.example/tcp/9510',
    )
  }
  return addresses
}
