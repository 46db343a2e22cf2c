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

/** File in a folder of artifacts that scripts/build.ts still adds to: the id of its process. */
const BUILDING = 'building'
/** ms between looks at it. */
const LOOK_MS = 100
/** ms for which it is waited: compiling takes a minute, and after a reboot the id may be somebody else's. */
const MAX_WAIT_MS = 600_000

/**
 * Reads what `npm run testnet` compiles, all of it: waits for what it has left for later.
 * @throws LariatError `testnet.artifacts`, also when that was given up
 */
export async function loadAllArtifacts(folder: string, clock: Clock, signal: AbortSignal): Promise<Artifacts> {
  const deadline = clock.now() + MAX_WAIT_MS
  for (let pid = await builderOf(folder); pid !== undefined; pid = await builderOf(folder)) {
    const givenUp = !isRunning(pid) || clock.now() > deadline
    if (givenUp && (await builderOf(folder)) !== undefined) {
      throw new LariatError('testnet.artifacts', `${folder} has not all contracts: run npm run build`, { folder })
    }
    await sleep(clock, LOOK_MS, signal)
  }
  return loadArtifacts(folder)
}

async function builderOf(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, BUILDING), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : Number(text)
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
