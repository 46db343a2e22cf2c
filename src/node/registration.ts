import { serviceManagerAbi } from '../chain/abi/serviceManager.ts'
import { createCoreClient, FULL_MAGNITUDE, type OperatorSet } from '../chain/core.ts'
import type { Deployment } from '../chain/deployment.ts'
import { type OperatorStatus, readOperatorStatus } from '../chain/operatorStatus.ts'
import { peerIdToBytes } from '../chain/peerId.ts'
import type { ServiceChain } from '../chain/types.ts'
import { proveRegistration } from '../signer/proof.ts'
import { LariatError } from '../util/errors.ts'
import { type Address, bytesToHex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { Secret } from '../util/secret.ts'

export interface RegisterOptions {
  /** Sends from the operator's own account. */
  readonly chain: ServiceChain
  readonly deployment: Pick<Deployment, 'core' | 'strategies'>
  readonly serviceManager: Address
  readonly bls: Secret<Uint8Array>
  /** libp2p peer id, text form, and multiaddrs to be reached at. */
  readonly peerId: string
  readonly addresses: readonly string[]
  /** Shares that the operator shall have in each strategy, deposited from its own tokens; undefined deposits nothing. */
  readonly stake?: bigint | undefined
  readonly log: Log
}

/** Blocks from an allocation until it is slashable. 0: at once; a larger one only gives the operator time to regret. */
const ALLOCATION_DELAY = 0

/**
 * Takes an operator all the way into a service: registers it with the core, deposits, allocates its stake, joins the
 * operator set with its BLS key and proof of possession, and publishes where it can be reached. What is done already is
 * left alone, so a broken-off registration goes on where it stopped.
 * @throws LariatError `registration.no-stake`, or what the chain throws
 */
export async function registerOperator(options: RegisterOptions): Promise<void> {
  const { chain, deployment, serviceManager, log } = options
  const operator = chain.account
  const core = createCoreClient(chain, deployment.core)
  const contract = { address: serviceManager, abi: serviceManagerAbi } as const
  const set: OperatorSet = {
    avs: serviceManager,
    id: await chain.read({ ...contract, functionName: 'operatorSetId', args: [] }),
  }
  const strategies = deployment.strategies.map(({ strategy }) => strategy)
  const read = () => readOperatorStatus(chain, deployment.core, operator, set, strategies)
  let status = await read()

  if (!status.isOperator) {
    await core.registerAsOperator({ metadataUri: '', allocationDelay: ALLOCATION_DELAY })
    log.info('registered as operator', { operator })
  }
  for (const { strategy, shares } of status.stakes) {
    const lacking = (options.stake ?? 0n) - shares
    if (lacking <= 0n) continue
    await core.deposit(strategy, lacking)
    log.info('deposited', { strategy, amount: lacking })
  }
  status = await read()
  await allocate(status)
  if (!status.isMember) {
    const proof = proveRegistration(options.bls, { chainId: chain.chainId, serviceManager }, operator)
    await core.join(operator, set, { ...proof, peerId: options.peerId, addresses: options.addresses })
    log.info('joined the operator set', { serviceManager, set: set.id })
  } else await publishPeer()

  async function allocate({ stakes }: OperatorStatus): Promise<void> {
    if (stakes.every(({ shares }) => shares === 0n)) {
      throw new LariatError(
        'registration.no-stake',
        `operator ${operator} has no stake in any strategy of the deployment: have some delegated to it, or deposit with --stake`,
        { operator },
      )
    }
    const open = stakes.filter(({ shares, magnitude, pending }) => shares > 0n && magnitude === 0n && !pending)
    if (open.length === 0) return
    await core.allocate(
      operator,
      set,
      open.map(({ strategy }) => ({ strategy, magnitude: FULL_MAGNITUDE })),
    )
    log.info('allocated its whole stake', { strategies: open.map(({ strategy }) => strategy) })
  }

  async function publishPeer(): Promise<void> {
    const peerId = peerIdToBytes(options.peerId)
    const [known, addresses] = await chain.read({ ...contract, functionName: 'peerOf', args: [operator] })
    if (known === bytesToHex(peerId) && addresses.join() === options.addresses.join()) return
    await core.setPeer(serviceManager, peerId, options.addresses)
    log.info('published where to be reached', { peerId: options.peerId, addresses: options.addresses })
  }
}
