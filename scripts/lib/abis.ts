import { type AbiItem, type AbiParameter, readArtifact } from './forge.ts'

/** One generated file: `export const <name>Abi`, with the whole ABI of `contract` and the errors of `errorsOf`. */
interface Target {
  readonly file: string
  readonly name: string
  readonly contract: string
  readonly errorsOf?: readonly string[]
}

const core = (name: string, contract: string, ...errorsOf: string[]): Target => ({
  file: `src/chain/abi/${name}.ts`,
  name,
  contract,
  errorsOf,
})
const oracle = (name: string, contract: string, ...errorsOf: string[]): Target => ({
  file: `src/avs/oracle/abi/${name}.ts`,
  name,
  contract,
  errorsOf,
})
const randomness = (name: string, contract: string, ...errorsOf: string[]): Target => ({
  file: `src/avs/randomness/abi/${name}.ts`,
  name,
  contract,
  errorsOf,
})
const bridge = (name: string, contract: string, ...errorsOf: string[]): Target => ({
  file: `src/avs/bridge/abi/${name}.ts`,
  name,
  contract,
  errorsOf,
})

/** Every ABI that TypeScript reads. A plug-in's lie in its own folder. */
const TARGETS: readonly Target[] = [
  core('delegationManager', 'DelegationManager'),
  core('strategyManager', 'StrategyManager'),
  core('strategy', 'StrategyBase'),
  core('allocationManager', 'AllocationManager'),
  core('permissionController', 'PermissionController'),
  core('rewardsCoordinator', 'RewardsCoordinator'),
  core('keyRegistrar', 'KeyRegistrar'),
  core('testToken', 'TestToken'),
  core('stakingPool', 'IStakingPool', 'StETH', 'REthPool', 'CbEthPool'),
  core('stETH', 'StETH'),
  core('wstETH', 'WstETH'),
  core('rETH', 'RETH'),
  core('cbETH', 'CbETH'),
  core('cbEthPool', 'CbEthPool'),
  core('validators', 'Validators'),
  core('lrtVault', 'LrtVault', 'LrtBooks', 'LrtDeposits', 'LrtExits', 'LrtOperators', 'LrtRewards', 'LrtStaking'),
  core('lrtEntry', 'LrtEntry'),
  core('lrtToken', 'LrtToken'),
  core('lrtRateFeed', 'LrtRateFeed'),
  core('lrtLens', 'LrtLens'),
  core('serviceManager', 'IServiceManager', 'IServiceManagerErrors'),
  oracle('priceFeeds', 'IPriceFeeds', 'IPriceFeedsErrors', 'IServiceManagerErrors'),
  oracle('serviceManager', 'IServiceManager', 'IServiceManagerErrors'),
  randomness('keyGeneration', 'IKeyGeneration', 'IKeyGenerationErrors', 'Precompile'),
  randomness('randomnessBeacon', 'IRandomnessBeacon', 'IRandomnessBeaconErrors', 'Drand', 'Precompile'),
  randomness('randomnessService', 'IRandomnessService', 'IRandomnessServiceErrors', 'IServiceManagerErrors'),
  bridge('serviceManager', 'IServiceManager', 'IServiceManagerErrors'),
  bridge('bridgeIsm', 'IBridgeIsm', 'IBridgeIsmErrors', 'Precompile'),
  bridge(
    'mailbox',
    'IHyperlane:IMailbox',
    ...['IMailboxErrors', 'IBridgeIsmErrors', 'ILrtRoute', 'RateLimit', 'Precompile'],
  ),
]

const KINDS = ['constructor', 'fallback', 'receive', 'function', 'event', 'error']

/** Without the Solidity names of types, which change without the ABI doing so. */
function stripParameter({ components, ...parameter }: AbiParameter): AbiParameter {
  const { internalType: _, ...rest } = parameter as AbiParameter & { internalType?: string }
  return components ? { ...rest, components: components.map(stripParameter) } : rest
}

function strip(item: AbiItem): AbiItem {
  const stripped: Record<string, unknown> = { ...item }
  for (const list of ['inputs', 'outputs']) {
    const parameters = stripped[list] as AbiParameter[] | undefined
    if (parameters) stripped[list] = parameters.map(stripParameter)
  }
  return stripped as AbiItem
}

/** By kind, then name, then parameters: an order that does not depend on where things are declared. */
function sortKey(item: AbiItem): string {
  return `${KINDS.indexOf(item.type)} ${item.name ?? ''} ${JSON.stringify(item.inputs ?? [])}`
}

/** Text of one generated file, from the artifacts of the last build. */
function render({ name, contract, errorsOf = [] }: Target): string {
  const items = [
    ...readArtifact(contract).abi,
    ...errorsOf.flatMap((name) => readArtifact(name).abi.filter((item) => item.type === 'error')),
  ].map(strip)
  const sorted = items.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)).map((item) => JSON.stringify(item))
  const lines = [...new Set(sorted)].map((line) => `  ${line},`)
  const source = contract.split(':').at(-1)
  const sources = errorsOf.length === 0 ? source : `${source} and the errors of ${errorsOf.join(', ')}`
  return `// Generated from ${sources} by \`npm run abi\`. Do not edit.\nexport const ${name}Abi = [\n${lines.join('\n')}\n] as const\n`
}

/** All generated files: path from the root → text. Call after `buildContracts`. */
export function renderAbis(): ReadonlyMap<string, string> {
  return new Map(TARGETS.map((target) => [target.file, render(target)]))
}
