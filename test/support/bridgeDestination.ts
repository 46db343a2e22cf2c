import { keccak256 } from 'viem'
import { decodeMessage } from '../../src/avs/bridge/message.ts'
import { decodeMetadata } from '../../src/avs/bridge/metadata.ts'
import type { Destination } from '../../src/avs/bridge/relay/ports.ts'
import type { FollowedChain } from '../../src/avs/ports.ts'
import { createMemoryChain, MemoryRevert } from '../../src/chain/memory.ts'
import type { ChainLog, LogQuery } from '../../src/chain/types.ts'
import { LariatError } from '../../src/util/errors.ts'
import { type Address, type Hex, hexToBytes } from '../../src/util/hex.ts'
import type { SimClock } from '../../src/util/simclock.ts'
import { memoryCursors } from './chain.ts'
import { memoryLog } from './memoryLog.ts'

export const MAILBOX: Address = `0x${'ba'.repeat(20)}`
export const ISM: Address = `0x${'15'.repeat(20)}`
/** wei per gas */
const GAS_PRICE = 10n ** 9n

/** An epoch as the module has it. Unix seconds. */
interface FakeEpoch {
  activatesAt: bigint
  acceptedUntil: bigint
  rows: number
  revoked: Hex
}

/**
 * Mailbox and BridgeIsm of one chain by their rules, without EVM and without signatures: what is shown as certified is believed.
 * Things to be changed by tests are plain fields.
 */
export class FakeDestination {
  readonly domain: number
  readonly #clock: SimClock
  readonly chain
  readonly epochs = new Map<bigint, FakeEpoch>()
  /** Of all operators. */
  readonly cursors = memoryCursors()
  readonly services = new Map<number, Hex>()
  readonly delivered = new Map<Hex, { block: bigint; by: Address }>()
  readonly remembered = new Set<string>()
  /** Deliveries in their order: leaf, and whether they came with a certificate. */
  readonly deliveries: { id: Hex; leaf: number; certified: boolean; by: Address }[] = []
  /** Recipients that revert, with the error’s name. */
  readonly reverting = new Map<string, string>()
  readonly corrected: unknown[] = []
  /** Indices whose fast checkpoint contradicts. */
  readonly contradicted = new Set<number>()
  /** Recipients with a module of their own. */
  readonly otherModules = new Set<string>()
  latest = 1n
  gasPrice = GAS_PRICE
  /** Gas of a delivery. */
  gas = 100_000n
  down = false
  paused = false
  pauseCount = 0n
  /** Called with the number of deliveries, within each. */
  onProcess: (count: number) => void = () => {}
  reads = 0
  /** What a provider says of the newest block, instead of the truth, by function. */
  readonly lies = new Map<string, unknown>()

  constructor(domain: number, clock: SimClock) {
    this.domain = domain
    this.#clock = clock
    this.chain = createMemoryChain({ clock, log: memoryLog(), cursors: this.cursors })
    const now = BigInt(Math.floor(clock.now() / 1_000))
    this.epochs.set(1n, { activatesAt: now - 10n, acceptedUntil: now + 1_000_000n, rows: 4, revoked: '0x' })
    this.chain.contract(ISM, {
      serviceOf: ({ args: [origin] }) => this.services.get(Number(origin)) ?? `0x${'00'.repeat(32)}`,
      latestEpoch: () => this.latest,
      epochInfo: ({ args: [number] }) =>
        this.epochs.get(number as bigint) ?? { activatesAt: 0n, acceptedUntil: 0n, rows: 0 },
      revokedRows: ({ args: [number] }) => this.epochs.get(number as bigint)?.revoked ?? '0x',
      isRemembered: ({ args: [origin, epoch, checkpoint] }) =>
        this.remembered.has(this.#key(Number(origin), epoch as bigint, (checkpoint as { root: Hex }).root)),
      isPaused: () => this.paused,
      pauseCount: () => this.pauseCount,
      pause: ({ args: [epoch] }) => {
        if (this.paused) throw new MemoryRevert('ModulePaused', [this.pauseCount])
        this.#requireLive(epoch as bigint)
        this.paused = true
      },
      unpause: ({ args: [epoch] }) => {
        if (!this.paused) throw new MemoryRevert('ModuleNotPaused', [])
        this.#requireLive(epoch as bigint)
        this.paused = false
        this.pauseCount++
      },
      importEpoch: ({ args: [table] }) => {
        const { number, activatesAt, validUntil } = table as Record<'number' | 'activatesAt' | 'validUntil', bigint>
        if (number !== this.latest + 1n) throw new MemoryRevert('EpochNotNext', [number, this.latest + 1n])
        this.#requireLive(this.latest)
        this.epochs.set(number, { activatesAt, acceptedUntil: validUntil, rows: 4, revoked: '0x' })
        this.latest = number
      },
      revoke: ({ args: [epoch, revokedEpoch, , rows] }) => {
        this.#requireLive(epoch as bigint)
        const info = this.epochs.get(revokedEpoch as bigint)
        if (info === undefined) throw new MemoryRevert('EpochNotLive', [revokedEpoch])
        if (info.revoked === rows) throw new MemoryRevert('RevocationEmpty', [revokedEpoch])
        info.revoked = rows as Hex
      },
      correct: ({ args: [, , finalized] }) => {
        const { index } = finalized as { index: number }
        if (!this.contradicted.delete(index)) throw new MemoryRevert('CheckpointNotContradicted', [index])
        this.corrected.push(finalized)
      },
    })
    this.chain.contract(MAILBOX, {
      delivered: ({ args: [id] }) => this.delivered.has(id as Hex),
      processedAt: ({ args: [id], block }) => {
        const at = this.delivered.get(id as Hex)?.block
        return at === undefined || at > block.number ? 0 : Number(at)
      },
      recipientIsm: ({ args: [recipient] }) => (this.otherModules.has(String(recipient).toLowerCase()) ? MAILBOX : ISM),
      process: ({ args: [metadata, message], from, block, emit }) => {
        const id = keccak256(message as Hex)
        if (this.delivered.has(id)) throw new MemoryRevert('MessageAlreadyDelivered', [id])
        const { epoch, checkpoint, leaf, certificate } = decodeMetadata(hexToBytes(metadata as Hex))
        const { origin, recipient } = decodeMessage(hexToBytes(message as Hex))
        if (this.paused) throw new MemoryRevert('ModulePaused', [0n])
        this.#requireLive(epoch)
        const key = this.#key(origin, epoch, checkpoint.root)
        if (!this.remembered.has(key) && certificate === undefined) {
          throw new MemoryRevert('CheckpointNotRemembered', [checkpoint.root])
        }
        const error = this.reverting.get(`0x${recipient.slice(-40)}`)
        if (error !== undefined) throw new MemoryRevert(error, error === 'RateLimited' ? [1n, 0n] : [])
        this.remembered.add(key)
        this.delivered.set(id, { block: block.number, by: from as Address })
        this.deliveries.push({ id, leaf, certified: certificate !== undefined, by: from as Address })
        emit('ProcessId', { messageId: id })
        this.onProcess(this.deliveries.length)
      },
    })
  }

  /** As an operator sees it; every account has one journal of intents, which outlives its process. */
  as(operator: Address, journal = new Map<string, unknown>()): Destination {
    const service = this.chain.as(operator)
    const guard = <T>(run: () => T): T => {
      if (this.down) throw new LariatError('chain.unavailable', 'no provider answers')
      this.reads++
      return run()
    }
    const chain = {
      ...service,
      name: 'there',
      ready: async () => {},
      distrust: () => undefined,
      watch: (query: LogQuery, handler: (log: ChainLog) => Promise<void>) =>
        service.watch(
          { ...query, ...(query.cursor === undefined ? {} : { cursor: `${operator}/${query.cursor}` }) },
          handler,
        ),
      gasPrice: async () => guard(() => this.gasPrice),
      read: async (call: { functionName: string; block?: string }) =>
        guard(() =>
          call.block === 'latest' && this.lies.has(call.functionName)
            ? this.lies.get(call.functionName)
            : service.read(call as never),
        ),
      write: async (call: { intent?: { id: string }; args: unknown; maxGas?: bigint }) => {
        if (this.down) throw new LariatError('chain.unavailable', 'no provider answers')
        const key = `${call.intent?.id} ${JSON.stringify(call.args, (_, v) => (typeof v === 'bigint' ? `${v}` : v))}`
        const before = call.intent === undefined ? undefined : journal.get(key)
        if (before !== undefined) return before
        if (call.maxGas !== undefined && this.gas > call.maxGas) {
          throw new LariatError('chain.too-much-gas', 'it needs more')
        }
        const receipt = await service.write(call as never)
        journal.set(key, receipt)
        return receipt
      },
    } as unknown as FollowedChain
    return { domain: this.domain, mailbox: MAILBOX, ism: ISM, chain, from: 0n }
  }

  #requireLive(epoch: bigint): void {
    const info = this.epochs.get(epoch)
    const now = BigInt(Math.floor(this.#clock.now() / 1_000))
    if (info !== undefined && info.activatesAt <= now && now <= info.acceptedUntil) return
    throw new MemoryRevert('EpochNotLive', [epoch])
  }

  #key = (origin: number, epoch: bigint, root: Hex) => `${origin}/${epoch}/${root}`
}
