import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Abi } from 'viem'
import * as z from 'zod'
import { type Clock, sleep } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'

/** A compiled contract. */
export interface Artifact {
  readonly abi: Abi
  /** Creation code in hexadecimal, with placeholders where the libraries' addresses belong. */
  readonly bytecode: string
  /** Libraries that it is linked with: where their addresses belong, in bytes from the start of the code. */
  readonly libraries: ReadonlyMap<string, readonly { readonly start: number; readonly length: number }[]>
}

export interface Artifacts {
  /** @throws LariatError `testnet.artifacts` for one that was not compiled */
  get(name: string): Artifact
}

const place = z.object({ start: z.int().nonnegative(), length: z.literal(20) })
const artifactSchema = z.object({
  abi: z.array(z.looseObject({ type: z.string() })),
  bytecode: z.string().startsWith('0x'),
  linkReferences: z.record(z.string(), z.record(z.string(), z.array(place))),
})

/**
 * Reads what `npm run contracts` compiled.
 * @throws LariatError `testnet.artifacts`
 */
export async function loadArtifacts(folder: string): Promise<Artifacts> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new LariatError('testnet.artifacts', `${folder} cannot be read: run npm run build`, { folder }, error)
  })
  const entries = names
    .filter((name) => name.endsWith('.json'))
    .map(async (name) => [basename(name, '.json'), await load(join(folder, name))] as const)
  const artifacts = new Map(await Promise.all(entries))
  return {
    get(name) {
      const artifact = artifacts.get(name)
      if (artifact !== undefined) return artifact
      throw new LariatError('testnet.artifacts', `${folder} has no ${name}.json: run npm run build`, { folder, name })
    },
  }
}

/** What is compiled after the rest, as a network can start without: names of `PHASES` in scripts/lib/forge.ts. */
export type LaterPhase = 'lrt' | 'randomness' | 'bridge'

/**
 * File in a folder of artifacts that scripts/build.ts still adds to: the id of its process, and the phases that are still to come,
 * parted by spaces.
 */
const BUILDING = 'building'
/** ms between looks at it. */
const LOOK_MS = 100
/** ms for which it is waited: compiling takes a minute, and after a reboot the id may be somebody else's. */
const MAX_WAIT_MS = 600_000

/**
 * Reads what `npm run testnet` compiles, with the contracts of a phase: waits for them when they were left for later.
 * @throws LariatError `testnet.artifacts`, also when that was given up
 */
export async function loadArtifactsOf(
  phase: LaterPhase,
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Artifacts> {
  const deadline = clock.now() + MAX_WAIT_MS
  const builderOfIt = async () => {
    const builder = await builderOf(folder)
    return builder?.phases.includes(phase) ? builder : undefined
  }
  for (let builder = await builderOfIt(); builder !== undefined; builder = await builderOfIt()) {
    const givenUp = !isRunning(builder.pid) || clock.now() > deadline
    if (givenUp && (await builderOfIt()) !== undefined) {
      throw new LariatError('testnet.artifacts', `${folder} has not all contracts: run npm run build`, { folder })
    }
    await sleep(clock, LOOK_MS, signal)
  }
  return loadArtifacts(folder)
}

async function builderOf(folder: string): Promise<{ pid: number; phases: readonly string[] } | undefined> {
  const text = await readFile(join(folder, BUILDING), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const [pid, ...phases] = text.split(' ')
  return { pid: Number(pid), phases }
}

function isRunning(pid: number): boolean {
  try {
    // 0 would be this process's own group
    return pid > 0 && process.kill(pid, 0)
  } catch {
    return false
  }
}

async function load(file: string): Promise<Artifact> {
  try {
    const { abi, bytecode, linkReferences } = artifactSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    const libraries = new Map(Object.values(linkReferences).flatMap((byName) => Object.entries(byName)))
    return { abi: abi as unknown as Abi, bytecode, libraries }
  } catch (error) {
    throw new LariatError('testnet.artifacts', `${file} is invalid: run npm run build`, { file }, error)
  }
}

/** Creation code with the libraries' addresses in their places. @throws RangeError when one is not given */
export function link({ bytecode, libraries }: Artifact, addresses: ReadonlyMap<string, Address>): Hex {
  let code = bytecode
  for (const [name, places] of libraries) {
    const address = addresses.get(name)
    if (address === undefined) throw new RangeError(`library ${name} has no address`)
    for (const { start, length } of places) {
      const at = 2 + start * 2
      code = code.slice(0, at) + address.slice(2).toLowerCase() + code.slice(at + length * 2)
    }
  }
  return code as Hex
}
