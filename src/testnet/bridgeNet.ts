import { erc20Abi, maxUint256, parseEther } from 'viem'
import type { Clock } from '../util/clock.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch, localClient } from './batch.ts'
import { type BridgeChain, deployBridge, openBridge, type TestnetBridge } from './bridge.ts'
import { type BridgeWatch, createBridgeWatch } from './bridgeWatch.ts'
import { countedStake, type Deployed } from './deploy.ts'
import { LRT_SYMBOL } from './lrt.ts'
import { ACCOUNTS } from './network.ts'
import type { KnownOperator } from './operators.ts'

/** Chain id of the bridge's other chain; anvil's own is 31,337. */
export const AWAY_CHAIN_ID = 31_338
/** Ether that every operator gets on the other chain, wei: it pays for what it delivers there. */
const GAS_MONEY = parseEther('100')
/** LRTs that may pass at once each way, and those that come back each second. */
const LIMIT = { capacity: parseEther('100'), refill: parseEther('1') } as const
/** LRTs that whoever travels has. */
const LUGGAGE = parseEther('10')

/** The bridge of a testnet, and the RPC of its other chain. */
export interface BridgeNet extends TestnetBridge {
  readonly awayUrl: string
}

/** Both chains, as the owner of the contracts uses them. */
function chainsOf(rpcUrl: string, awayUrl: string): { readonly stake: BridgeChain; readonly away: BridgeChain } {
  const owner = ACCOUNTS.bridge
  return { stake: { client: localClient(rpcUrl), owner }, away: { client: localClient(awayUrl), owner } }
}

/** Puts the bridge's contracts on both chains, which wait for operators then, and gives these money on the other chain. */
export async function deployTestnetBridge(options: {
  readonly rpcUrl: string
  readonly awayUrl: string
  readonly artifacts: Artifacts
  readonly deployed: Deployed
  readonly operators: readonly KnownOperator[]
  readonly signal: AbortSignal
}): Promise<BridgeNet> {
  const { rpcUrl, awayUrl, artifacts, deployed, operators, signal } = options
  const { deployment, restaking } = deployed
  if (restaking === undefined) throw new RangeError('the deployment has no LRT')
  const chains = chainsOf(rpcUrl, awayUrl)
  for (const { account } of operators) {
    const params = [account.address, `0x${GAS_MONEY.toString(16)}`]
    await chains.away.client.request({ method: 'anvil_setBalance', params } as never)
  }
  const bridge = await deployBridge({
    ...{ ...chains, artifacts, signal, symbol: LRT_SYMBOL, limit: LIMIT },
    allocationManager: deployment.core.allocationManager,
    counted: countedStake(deployment),
    token: restaking.lrt.token,
    rateSource: restaking.lrt.vault,
    gateways: operators.map(({ api }) => `${api}/v1/bridge/gateway/{sender}/{data}`),
  })
  return { ...bridge, awayUrl }
}

/** Gives the modules of both chains the first epoch. */
export async function openTestnetBridge(options: {
  readonly rpcUrl: string
  readonly bridge: BridgeNet
  readonly signal: AbortSignal
}): Promise<void> {
  const { rpcUrl, bridge, signal } = options
  await openBridge({ ...chainsOf(rpcUrl, bridge.awayUrl), bridge, signal })
}

/** Gives whoever travels LRTs of the first depositor's, unless it has some, once the vault is open, and follows what travels then. */
export async function openBridgeWatch(options: {
  readonly rpcUrl: string
  readonly bridge: BridgeNet
  readonly deployed: Deployed
  readonly clock: Clock
  readonly onError: (what: string) => void
  readonly signal: AbortSignal
}): Promise<BridgeWatch> {
  const { rpcUrl, bridge, deployed, clock, onError, signal } = options
  if (deployed.restaking === undefined) throw new RangeError('the deployment has no LRT')
  const { stake, away } = chainsOf(rpcUrl, bridge.awayUrl)
  const [depositor, traveller] = await Promise.all([
    Batch.open(stake.client, ACCOUNTS.deployer),
    Batch.open(stake.client, ACCOUNTS.traveller),
  ])
  const token = { address: deployed.restaking.lrt.token, abi: erc20Abi } as const
  const { address } = ACCOUNTS.traveller
  if ((await stake.client.readContract({ ...token, functionName: 'balanceOf', args: [address] })) === 0n) {
    depositor.call({ ...token, what: 'giving the traveller LRTs', functionName: 'transfer', args: [address, LUGGAGE] })
  }
  const allowance = [bridge.stake.route, maxUint256]
  traveller.call({ ...token, what: 'allowance of LRTs', functionName: 'approve', args: allowance })
  await Promise.all([depositor.land(signal), traveller.land(signal)])
  return createBridgeWatch({ bridge, clients: { stake: stake.client, away: away.client }, clock, onError })
}
