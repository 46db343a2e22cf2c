import { openChain } from '../../chain/clients.ts'
import type { Deployment } from '../../chain/deployment.ts'
import { secondsPerBlock, takeSnapshot } from '../../chain/snapshot.ts'
import { createMetrics } from '../../metrics/registry.ts'
import { systemClock } from '../../util/clock.ts'
import type { Address } from '../../util/hex.ts'
import { silentLog } from '../../util/log.ts'
import type { LoadedConfig } from '../config/load.ts'
import { checkAccount } from '../identity.ts'
import { findPending, findSlasher } from '../selfcheck/allocation.ts'
import { findEncumbering, readEncumbering } from '../selfcheck/encumbered.ts'
import { findFunds } from '../selfcheck/gas.ts'
import { findKey, findMembership, findPeerId } from '../selfcheck/registration.ts'
import { findStake } from '../selfcheck/stake.ts'
import { readStanding } from '../selfcheck/standing.ts'
import { type DoctorLine, lineOf, tried } from './line.ts'

export interface StandingOptions {
  readonly config: LoadedConfig
  readonly deployment: Deployment
  /** Undefined when its keystore could not be opened. */
  readonly account: Address | undefined
  /** Uncompressed; undefined when they could not be opened. */
  readonly keys: readonly Uint8Array[] | undefined
  /** Undefined while the node has none: its first start makes it. */
  readonly peerId: string | undefined
}

/** What the chain has of the operator, against what this configuration would run with. */
export async function examineStanding(options: StandingOptions): Promise<readonly DoctorLine[]> {
  const { config, deployment, account, keys, peerId } = options
  const chain = await openChain({
    ...config.chain,
    genesisHash: deployment.genesisHash,
    unagreed: true,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
  })
  const group = 'registration'
  const operator = config.operator.address
  const { core } = deployment
  try {
    const snapshot = await takeSnapshot(chain)
    const seconds = await secondsPerBlock(chain, snapshot.block)
    const own = await Promise.all([
      tried(group, 'the account', async () => {
        if (account === undefined) return []
        await checkAccount({ chain, deployment, operator, account })
        const funds = await chain.providers.ask(`the balance of ${account}`, async (client) => ({
          account,
          balance: await client.getBalance({ address: account }),
          gasPrice: await client.getGasPrice(),
        }))
        return lineOf(
          group,
          `${account} may act for ${operator}, and has ether`,
          findFunds(funds, config.checks.minBalance),
        )
      }),
      tried(group, 'the stake', async () =>
        lineOf(
          group,
          'stake is allocated to nobody that is not served',
          findEncumbering(
            await readEncumbering(snapshot, core, operator),
            [...config.services.map((service) => service.config.contract), ...config.operator.servedElsewhere],
            config.checks.maxAvss,
          ),
        ),
      ),
    ])
    const services = await Promise.all(
      config.services.map(({ definition: { name }, config: { contract } }) =>
        tried(group, name, async () => {
          const standing = await readStanding({ snapshot, core, serviceManager: contract, operator })
          const line = (well: string, found: Parameters<typeof lineOf>[2]) => lineOf(group, `${name}: ${well}`, found)
          return [
            line('the operator is in the set', findMembership(name, standing)),
            ...(keys === undefined
              ? []
              : [line('the chain has our BLS key', findKey(name, standing, keys, undefined))]),
            ...(peerId === undefined
              ? []
              : [
                  line(
                    'the chain has our peer id and addresses',
                    findPeerId(name, standing, peerId, config.p2p.announce),
                  ),
                ]),
            line('stake counts', findStake(name, standing, operator, undefined, config.checks.minStake)),
            line('no change is on its way', findPending(name, standing, seconds)),
            line('only the ServiceManager can slash', findSlasher(name, standing, seconds)),
          ]
        }),
      ),
    )
    return [...own, ...services].flat()
  } finally {
    chain.close()
  }
}
