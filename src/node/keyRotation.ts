import type { Epochs } from '../chain/epochs.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import { type Address, bytesToHex, equalBytes, type Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'

/**
 * ms until a key that is not there is looked for again: its keystore may have been copied here late. Far below the time from
 * an epoch's building to its activation on a network with real finality.
 */
const LOOK_AGAIN_MS = 5_000

export interface KeyRotationOptions {
  readonly operator: Address
  readonly keys: {
    publicKeys(): readonly Uint8Array[]
    /** Opens the keys that were made since. @throws LariatError */
    reload(): Promise<unknown>
  }
  readonly services: readonly { readonly name: string; readonly epochs: Pick<Epochs, 'tables' | 'onChange'> }[]
  readonly clock: Clock
  readonly log: Log
}

/**
 * Opens new keys of this operator when an epoch's table names one that is not open, until the returned function is called:
 * a table is known before it activates, so that no slot is missed and no restart is needed.
 */
export function followRotation({ operator, keys, services, clock, log }: KeyRotationOptions): () => void {
  const own = operator.toLowerCase()
  const told = new Set<Hex>()
  let timer: Timer | undefined
  let looking: Promise<void> | undefined
  /** A table changed while the last look was under way. */
  let again = false
  let ended = false

  /** Keys that live tables have for us and that are not open, with the first epoch that has each. */
  function missing(): Map<Hex, { readonly service: string; readonly epoch: bigint }> {
    const open = keys.publicKeys()
    const found = new Map<Hex, { readonly service: string; readonly epoch: bigint }>()
    const now = clock.now() / 1_000
    for (const { name: service, epochs } of services) {
      for (const { number: epoch, members, validUntil, endsAt } of epochs.tables()) {
        if (now >= Math.min(validUntil, endsAt ?? Number.POSITIVE_INFINITY)) continue
        const member = members.find((row) => row.operator.toLowerCase() === own)
        if (member === undefined || open.some((key) => equalBytes(key, member.publicKey))) continue
        const key = bytesToHex(member.publicKey)
        if (!found.has(key)) found.set(key, { service, epoch })
      }
    }
    return found
  }

  async function look(): Promise<void> {
    const wanted = missing()
    if (wanted.size === 0) return
    let failure: string | undefined
    try {
      await keys.reload()
    } catch (error) {
      failure = describe(error)
    }
    if (ended) return
    const left = missing()
    for (const [publicKey, { service, epoch }] of wanted) {
      if (!left.has(publicKey))
        log.info('a new BLS key is open: it signs from its epoch on', { service, epoch, publicKey })
      else if (!told.has(publicKey)) {
        told.add(publicKey)
        log.error(
          'an epoch has a BLS key of ours that is not open, so nothing is signed in it: put its keystore where lariat keys rotate made it',
          { service, epoch, publicKey, ...(failure === undefined ? {} : { error: failure }) },
        )
      }
    }
    if (left.size > 0) timer = clock.after(LOOK_AGAIN_MS, start)
  }

  function start(): void {
    if (ended) return
    timer?.cancel()
    if (looking !== undefined) {
      again = true
      return
    }
    looking = look().finally(() => {
      looking = undefined
      if (!again) return
      again = false
      start()
    })
  }

  const ends = services.map(({ epochs }) => epochs.onChange(start))
  start()
  return () => {
    ended = true
    timer?.cancel()
    for (const end of ends) end()
  }
}
