import {
  type Address,
  type Certified,
  type Hex,
  LariatError,
  roundAt,
  type Schedule,
  type ServiceChain,
  type Submission,
} from 'lariat/avs'
import { encodeAbiParameters, keccak256 } from 'viem'
import { randomnessServiceAbi } from './abi/randomnessService.ts'
import type { Participation } from './beacon/participation.ts'

/** Windows of conduct as the contract has them: window w ends at genesis + w · seconds. */
export interface Windows {
  /** Unix second. */
  readonly genesis: bigint
  readonly seconds: number
}

/** What is certified of one window: who is to leave. Nearly always nobody. */
export interface ConductReport {
  readonly window: bigint
  /** Ascending, each once. */
  readonly operators: readonly Address[]
}

/** A member that missed more than this of its rounds in a window is reported, in tenths: a machine that is down for hours, not for minutes. */
const MISSED_TENTHS = 5
/** Most that one report names; the contract takes no more. */
const MAX_NAMED = 16
/** The last rounds before a window's end are left out, seconds: late partials of them are still counted. */
const LAG_S = 30
/** Part of a window's rounds that this node must have seen to judge, in tenths. */
const SEEN_TENTHS = 9

/**
 * What this node saw of a window. Nodes see alike but not the same: who misses about half may be named by some and not by others,
 * and then there is no quorum for that window.
 * @param schedule undefined while there is no group, so that nobody owes anything
 * @throws LariatError `observe.conduct-unseen` when this node has not seen enough of the window
 */
export function observeConduct(
  window: bigint,
  windows: Windows,
  schedule: Schedule | undefined,
  participation: Pick<Participation, 'conduct'>,
): ConductReport {
  if (schedule === undefined) return { window, operators: [] }
  const end = Number(windows.genesis + window * BigInt(windows.seconds)) - LAG_S
  const to = roundAt(schedule, end * 1_000)
  const before = roundAt(schedule, (end - windows.seconds) * 1_000)
  const rounds = Number(to - before)
  if (rounds === 0) return { window, operators: [] }
  const { seen, operators } = participation.conduct(before + 1n, to)
  if (seen * 10 < rounds * SEEN_TENTHS) {
    throw new LariatError('observe.conduct-unseen', `this node saw ${seen} of the ${rounds} rounds of the window`, {
      window,
      seen,
      rounds,
    })
  }
  const named = operators
    .filter((one) => one.missed * 10 > one.rounds * MISSED_TENTHS)
    .sort((a, b) => b.missed - a.missed || compare(a.operator, b.operator))
    .slice(0, MAX_NAMED)
    .map(({ operator }) => operator)
    .sort(compare)
  return { window, operators: named }
}

/** keccak256(abi.encode(operators, window)), as the contract computes it. */
export function conductPayload({ operators, window }: ConductReport): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address[]' }, { type: 'uint64' }], [[...operators], window]))
}

/** Puts a report on chain unless it names nobody. */
export async function submitConduct(
  contract: Address,
  chain: ServiceChain,
  { value, certificate, onChain }: Certified<ConductReport>,
  signal: AbortSignal,
): Promise<Submission> {
  if (value.operators.length === 0) return { status: 'not-due' }
  const call = { address: contract, abi: randomnessServiceAbi } as const
  const reported = await chain.read({
    ...call,
    functionName: 'conductReported',
    args: [value.window],
    block: 'latest',
  })
  if (reported) return { status: 'already-there' }
  const { epoch, attempt } = certificate.statement
  const receipt = await chain.write({
    ...call,
    functionName: 'reportConduct',
    args: [epoch, value.window, attempt, onChain, [...value.operators]],
    signal,
  })
  return { status: 'landed', receipt }
}

function compare(a: Address, b: Address): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()]
  return left < right ? -1 : left > right ? 1 : 0
}
