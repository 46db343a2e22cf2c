import { type CeremonyNode, type CeremonyRun, type CeremonyRunSettings, ceremonyRun } from './ceremonies.ts'
import {
  type Culprits,
  checkCulprits,
  checkKeyIsTheSum,
  checkRefused,
  checkSame,
  checkSubsets,
  untilShared,
} from './keyChecks.ts'
import { allMalice, type Malice, type Refused } from './malice.ts'

/** Key generation with some who break its rules. */
export interface KeyScenario {
  readonly size: number
  /** The last of the operators are these, in their order. */
  readonly malicious: readonly (keyof ReturnType<typeof allMalice>)[]
  readonly settings?: CeremonyRunSettings
  /** ms that the session may take, with what comes before it. */
  readonly timeoutMs: number
  /** Of subsets of partials. */
  readonly seed: number
}

/** What goes on after the key is there. */
export interface KeyNetwork {
  readonly run: CeremonyRun
  readonly honest: readonly CeremonyNode[]
  readonly nodes: readonly CeremonyNode[]
  readonly culprits: Culprits
}

/**
 * Generates a key, checks all that is to be checked of it and of the culprits, and hands on what there is.
 * @throws AssertionError
 */
export async function runKeys(
  { size, malicious, settings, timeoutMs, seed }: KeyScenario,
  then: (network: KeyNetwork) => Promise<void> = async () => {},
): Promise<void> {
  const refused: Refused[] = []
  const ways = allMalice(0, refused)
  const culprits = new Map<number, Malice>(malicious.map((name, i) => [size - malicious.length + i, ways[name]]))
  const run = await ceremonyRun(size, settings)
  try {
    await run.join(...Array.from({ length: size }, (_, i) => i))
    const nodes: CeremonyNode[] = []
    for (let i = 0; i < size; i++) nodes.push(await run.start(i, culprits.get(i)?.conduct))
    const honest = nodes.filter(({ index }) => !culprits.has(index))
    await untilShared(nodes, 1n, timeoutMs)
    checkSame(honest, 1n)
    await checkKeyIsTheSum(run, honest, 1n)
    await checkCulprits(run, honest, culprits, 1n)
    await checkRefused(run, culprits, refused)
    await checkSubsets(nodes, 1n, seed)
    await then({ run, honest, nodes, culprits })
  } finally {
    await run.close()
  }
}

/** All at once, as most of it is waiting for blocks. @throws what the first one threw that failed, when all have ended */
export async function runAll(scenarios: readonly KeyScenario[]): Promise<void> {
  const ends = await Promise.allSettled(scenarios.map((scenario) => runKeys(scenario)))
  for (const [i, end] of ends.entries()) {
    if (end.status === 'fulfilled') continue
    const { size, malicious } = scenarios[i] as KeyScenario
    throw new Error(`${size} operators, ${malicious.join(' and ') || 'all honest'}: ${String(end.reason)}`, {
      cause: end.reason,
    })
  }
}
