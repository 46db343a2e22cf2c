import { createMemoryChain, type MemoryChain, MemoryRevert } from '../../src/chain/memory.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import type { SimClock } from '../../src/util/simclock.ts'

export const SERVICE_MANAGER: Address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'

/** Address of the i-th operator of a test. */
export const operator = (i: number): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`

interface FakeEpoch {
  activatesAt: number
  validUntil: number
  builtAtBlock: bigint
  weights: readonly bigint[]
  /** Block from which on a row is revoked. */
  revoked: Map<number, bigint>
}

/** A scripted ServiceManager on the in-memory chain: epochs, operators, and the building of epochs. */
export class FakeServiceManager {
  readonly chain: MemoryChain
  readonly epochs: FakeEpoch[] = []
  readonly operators: Address[] = []
  readonly peers = new Map<string, { peerId: Hex; addresses: string[] }>()
  /** Reads by function name. */
  readonly reads = new Map<string, number>()
  due = false
  building: { added: number } | undefined
  /** Operators that one `addToEpoch` adds at most. */
  page = 2
  strategies = 1
  /** Operators that each `addToEpoch` named. */
  readonly asked: unknown[] = []
  grace = 60
  /** The newest table that the newest block is said to have, when a provider lies. */
  invented = 0n

  constructor(clock: SimClock) {
    this.chain = createMemoryChain({ clock, log: silentLog })
    const view = <T>(name: string, fn: (args: readonly unknown[], block: bigint) => T) => ({
      [name]: ({ args, block }: { args: readonly unknown[]; block: { number: bigint } }) => {
        this.reads.set(name, (this.reads.get(name) ?? 0) + 1)
        return fn(args, block.number)
      },
    })
    this.chain.contract(SERVICE_MANAGER, {
      ...view('latestEpoch', (_, block) =>
        block === this.chain.as(operator(0)).head('latest').number && this.invented > 0n
          ? this.invented
          : BigInt(this.epochs.filter(({ builtAtBlock }) => builtAtBlock <= block).length),
      ),
      ...view('quorumBps', () => 6_667),
      ...view('graceSeconds', () => BigInt(this.grace)),
      ...view('epochInfo', ([number]) => this.#info(Number(number))),
      ...view('epochRows', ([number, from, count]) => this.#rows(Number(number), Number(from), Number(count))),
      ...view('revokedRows', ([number], block) => this.#revoked(Number(number), block)),
      ...view('operatorsPage', ([from, count]) => this.operators.slice(Number(from), Number(from) + Number(count))),
      ...view('peerOf', ([who]) => {
        const peer = this.peers.get(String(who).toLowerCase())
        return [peer?.peerId ?? '0x', peer?.addresses ?? []]
      }),
      ...view('epochDue', () => this.due),
      ...view('strategies', () => Array.from({ length: this.strategies }, (_, i) => operator(100 + i))),
      ...view('epochProgress', () =>
        this.building === undefined
          ? [0n, 0, 0]
          : [BigInt(this.epochs.length + 1), this.building.added, this.operators.length],
      ),
      beginEpoch: () => {
        if (this.building !== undefined) throw new MemoryRevert('EpochInProgress', [1n])
        this.building = { added: 0 }
      },
      addToEpoch: ({ args }: { args: readonly unknown[] }) => {
        this.asked.push(args[0])
        if (this.building === undefined) throw new MemoryRevert('EpochNotBegun')
        if (this.building.added === this.operators.length) throw new MemoryRevert('EpochComplete')
        this.building.added = Math.min(this.operators.length, this.building.added + this.page)
      },
      finishEpoch: ({ block }: { block: { timestamp: bigint } }) => {
        if (this.building === undefined) throw new MemoryRevert('EpochNotBegun')
        if (this.building.added < this.operators.length) {
          throw new MemoryRevert('EpochIncomplete', [BigInt(this.building.added), BigInt(this.operators.length)])
        }
        this.building = undefined
        this.due = false
        this.add(
          Number(block.timestamp) + 20,
          this.operators.map(() => 10n),
        )
      },
    })
  }

  /** Puts a finished epoch there; its event is in the next block. */
  add(activatesAt: number, weights: readonly bigint[], validFor = 3_600): void {
    const builtAtBlock = this.chain.as(operator(0)).head('latest').number + 1n
    this.epochs.push({ activatesAt, validUntil: activatesAt + validFor, builtAtBlock, weights, revoked: new Map() })
    this.chain.emit(SERVICE_MANAGER, 'EpochBuilt', { epoch: BigInt(this.epochs.length) })
  }

  /** In the next block. */
  revoke(epoch: number, row: number): void {
    this.epochs[epoch - 1]?.revoked.set(row, this.chain.as(operator(0)).head('latest').number + 1n)
    this.chain.emit(SERVICE_MANAGER, 'WeightRevoked', { epoch: BigInt(epoch), operator: operator(row), weight: 1n })
  }

  setPeer(who: Address, peerId: Hex, addresses: string[] = []): void {
    this.peers.set(who.toLowerCase(), { peerId, addresses })
    this.chain.emit(SERVICE_MANAGER, 'OperatorPeerUpdated', { operator: who, peerId, addresses })
  }

  count(name: string): number {
    return this.reads.get(name) ?? 0
  }

  #info(number: number) {
    const epoch = this.epochs[number - 1]
    if (epoch === undefined) return { activatesAt: 0n, validUntil: 0n, totalWeight: 0n, operators: 0, builtAtBlock: 0n }
    const { activatesAt, validUntil, weights, builtAtBlock } = epoch
    return {
      activatesAt: BigInt(activatesAt),
      validUntil: BigInt(validUntil),
      totalWeight: weights.reduce((a, b) => a + b, 0n),
      operators: weights.length,
      builtAtBlock,
    }
  }

  #rows(number: number, from: number, count: number) {
    const rows = (this.epochs[number - 1]?.weights ?? []).map((weight, row) => ({ row, weight }))
    const page = rows.slice(from, from + count)
    return [
      page.map(({ row }) => operator(row)),
      page.map(({ row }): Hex => `0x${row.toString(16).padStart(2, '0').repeat(96)}`),
      page.map(({ weight }) => weight),
    ]
  }

  #revoked(number: number, block: bigint): Hex {
    const epoch = this.epochs[number - 1]
    const bits = Buffer.alloc(Math.ceil((epoch?.weights.length ?? 0) / 8))
    for (const [row, since] of epoch?.revoked ?? [])
      if (since <= block) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7))
    return `0x${bits.toString('hex')}`
  }
}
