import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json and foundry.toml. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Folders of the contracts that a testnet needs, in the order in which it does: what has its first price waits for no other. */
export const PHASES = {
  first: ['contracts/core', 'contracts/avs', 'contracts/lst'],
  lrt: ['contracts/lrt'],
  randomness: ['contracts/randomness'],
  bridge: ['contracts/bridge'],
} as const
/** Contracts that the daemon and the testnet need; tests are compiled by `forge test` only. */
export const DEPLOYED: readonly string[] = Object.values(PHASES).flat()

/** Environment of forge for code that is not optimized. A folder of its own: neither build throws the other's away. */
export const PLAIN_BUILD = {
  FOUNDRY_OPTIMIZER: 'false',
  FOUNDRY_OUT: 'build/plain',
  FOUNDRY_CACHE_PATH: 'build/plain-cache',
} as const

/** Environment of `forge lint`, which writes artifacts without bytecode: in the build's folder they would pass for built. */
export const LINT_BUILD = { FOUNDRY_OUT: 'build/lint', FOUNDRY_CACHE_PATH: 'build/lint-cache' } as const

/** An entry of an ABI, as solc writes it. */
export type AbiItem = Readonly<
  { type: string; name?: string; inputs?: readonly AbiParameter[] } & Record<string, unknown>
>
export type AbiParameter = Readonly<{ name: string; type: string; components?: readonly AbiParameter[] }>

/** What forge writes for a contract, as far as it is used here. */
export interface Artifact {
  readonly abi: readonly AbiItem[]
  readonly bytecode: {
    readonly object: string
    readonly linkReferences: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }
}

/**
 * Path of forge's own binary. The command that its npm package installs always exits with 0, whatever forge says.
 * @throws Error if npm installed none for this platform.
 */
export function forgeBinary(): string {
  const name = `@foundry-rs/forge-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const binary = join(ROOT, 'node_modules', name, 'bin', process.platform === 'win32' ? 'forge.exe' : 'forge')
  if (!existsSync(binary)) throw new Error(`${name} is not installed; run npm ci`)
  return binary
}

/** Runs forge at the root with this process's input and output, and returns its exit code. */
export function forge(args: readonly string[]): number {
  return spawnSync(forgeBinary(), args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1
}

/** Folders of the phases up to one. @throws RangeError when there is no such phase */
export function foldersUpTo(phase: string): readonly string[] {
  const names = Object.keys(PHASES)
  const last = names.indexOf(phase)
  if (last < 0) throw new RangeError(`no phase ${phase}: there are ${names.join(', ')}`)
  return Object.values(PHASES)
    .slice(0, last + 1)
    .flat()
}

/**
 * Compiles folders of contracts that get deployed with forge and the solc from npm. Unchanged sources are not compiled again.
 * @throws Error with the compiler's words if they do not compile.
 */
export function buildContracts(folders: readonly string[] = DEPLOYED): void {
  const { status, stdout, stderr } = spawnSync(forgeBinary(), ['build', ...folders], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error(`forge build failed:\n${stdout}${stderr}`)
}

/** Reads what the last build wrote for a contract: one in a file of its own name, or `File:Contract`. */
export function readArtifact(contract: string): Artifact {
  const [file = '', name = file] = contract.split(':')
  return JSON.parse(readFileSync(join(ROOT, 'build', 'contracts', `${file}.sol`, `${name}.json`), 'utf8'))
}

/** Names of the contracts and libraries in files of their own name that `buildContracts` compiles, sorted. */
export function deployedContracts(folders: readonly string[] = DEPLOYED): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(ROOT, folder, path)),
    )
    .filter((path) => path.endsWith('.sol'))
    .filter((path) =>
      new RegExp(`^(contract|library) ${basename(path, '.sol')}\\b`, 'm').test(readFileSync(path, 'utf8')),
    )
    .map((path) => basename(path, '.sol'))
    .sort()
}
