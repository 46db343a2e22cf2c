import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

const MIB = 1_048_576
/** Parts of the limit. Above the second the kernel or V8 ends the process at the next burst. */
const HIGH = 0.8
const TOO_HIGH = 0.95

const EVERY_MS = 5_000
const TRUST_MS = 30_000

export interface MemoryLimits {
  /** Resident bytes that the process may have. */
  readonly resident: number
  /** Bytes of V8's heap. */
  readonly heap: number
}

/** What this process may have: its cgroup's limit or the machine's memory, and V8's heap limit. */
export function memoryLimits(): MemoryLimits {
  const constrained = process.constrainedMemory()
  const total = totalmem()
  // without a limit it is 0, or a number far above what is there
  const resident = constrained > 0 && constrained < total ? constrained : total
  return { resident, heap: getHeapStatistics().heap_size_limit }
}

export function memoryCheck(limits: MemoryLimits = memoryLimits()): SelfCheck {
  return { name: 'memory', everyMs: EVERY_MS, trustMs: TRUST_MS, run: () => findMemory(limits) }
}

function findMemory(limits: MemoryLimits): Finding | undefined {
  const { rss, heapUsed } = process.memoryUsage()
  const uses = [
    { what: 'memory', bytes: rss, limit: limits.resident, mend: 'give the process more, or the machine less to do' },
    { what: "V8's heap", bytes: heapUsed, limit: limits.heap, mend: 'raise --max-old-space-size' },
  ]
  const [worst] = uses.sort((a, b) => b.bytes / b.limit - a.bytes / a.limit)
  if (worst === undefined || worst.bytes <= HIGH * worst.limit) return undefined
  const text = `${worst.what}: ${Math.round(worst.bytes / MIB)} of ${Math.round(worst.limit / MIB)} MiB are used: ${worst.mend}`
  return worst.bytes > TOO_HIGH * worst.limit ? fail(text) : warn(text)
}
