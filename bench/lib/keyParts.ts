import { generatorG1, generatorG2 } from '../../src/bls/threshold/generators.ts'
import { decodeG2, encodeG2 } from '../../src/bls/threshold/points.ts'
import { scalar } from '../../src/bls/threshold/scalars.ts'
import { library, startThreshold } from '../../src/bls/threshold/start.ts'
import { dealAll, Folders, openNodes, outcomeOf, sessionOf } from '../../test/unit/signer/shares/fixtures.ts'

/** One thing that each node does in a key generation, in CPU seconds. */
export interface NodePart {
  readonly part: string
  readonly seconds: number
  /** The arithmetic that it cannot do without, at what that costs in this run. */
  readonly floor: number
}

/** Scalars of full length: a small one is quicker to multiply with. */
const SCALAR = 0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5an
const TRIES = 40

/** What a node's part of a session of `operators` with a share each takes: without chain and disk's waiting, and all of it its vault's. */
export async function nodeParts(operators: number): Promise<NodePart[]> {
  await startThreshold()
  const folders = new Folders()
  try {
    const threshold = Math.floor((2 * operators) / 3) + 1
    const cost = costs()
    const nodes = await openNodes(folders, operators)
    const session = await sessionOf(nodes, { session: 1n, threshold })
    // compiled code, as in a node that has run for a while
    await dealAll(session, nodes.slice(1))
    const [node] = nodes
    if (node === undefined) throw new RangeError('no operators')
    const dealing = await cpuOf(() => node.vault.deal(session))
    const dealt = await dealAll(session, nodes)
    const checking = await cpuOf(() => node.vault.examine(session, dealt))
    const { outcome } = await outcomeOf(session, dealt, 1n)
    const assembling = await cpuOf(() => node.vault.assemble(session, dealt, outcome))
    const points = operators * threshold
    return [
      {
        part: 'making a dealing',
        seconds: dealing,
        // commitments and the proof of the constant; R, its proof, and a point with each member
        floor: (threshold + 1) * cost.g2 + (operators + 2) * cost.g1,
      },
      {
        part: 'checking all dealings',
        seconds: checking,
        // every commitment validated; two terms for each proof; the shared point with each dealer
        floor: points * cost.decode + operators * (2 * cost.g2 + 3 * cost.g1),
      },
      {
        part: 'assembling shares',
        seconds: assembling,
        floor: points * (cost.decode + cost.add) + operators * cost.g1 + cost.g2,
      },
    ]
  } finally {
    folders.clean()
  }
}

/** CPU seconds of single operations. */
function costs() {
  const { add, mul } = library()
  const [g1, g2] = [generatorG1(), generatorG2()]
  const point = mul(g2, scalar(SCALAR))
  const bytes = encodeG2(point)
  const each = (work: () => unknown) => {
    for (let i = 0; i < TRIES; i++) work()
    const before = process.cpuUsage()
    for (let i = 0; i < TRIES; i++) work()
    return secondsSince(before) / TRIES
  }
  return {
    g1: each(() => mul(g1, scalar(SCALAR))),
    g2: each(() => mul(g2, scalar(SCALAR))),
    add: each(() => add(point, g2)),
    decode: each(() => decodeG2(bytes)),
  }
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  return secondsSince(before)
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
