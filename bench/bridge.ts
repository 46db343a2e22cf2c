// A bridge of four daemons between two chains with a block a second, three providers each: from when a message is final to the
// certificate that covers it, and how many messages a second are attested and delivered, at which cost, as batches grow.
// Needs dist/lariat.js (npm run build). Arguments: --messages N --batches 1,8,64.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { SentMessage, WorldChain } from '../test/support/bridgeChain.ts'
import { bridgeDaemons } from '../test/support/bridgeDaemons.ts'
import { traceOf } from '../test/support/bridgeTrial.ts'
import { eventually } from '../test/support/eventually.ts'
import { print, quantile, round } from './lib/print.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100' },
    batches: { type: 'string', default: '1,8,64' },
  },
})
const MESSAGES = Number(values.messages)
const BATCHES = values.batches.split(',').map(Number)
/** ms from when a block is final to the certificate of its messages, of 99 in 100. */
const CERTIFICATE_MS = 1_500
/** ms between looks at the chain's newest final block. */
const LOOK_MS = 10
/** Until something is certified, or delivered. */
const PATIENCE_MS = 300_000
const BASE = { bench: 'bridge', operators: 4 } as const

const net = await bridgeDaemons({ seed: 7 })
const { stake, away } = net.world
const api = net.nodes[0]?.operator.api ?? ''

/** When each block became final, ms since the epoch, as it was seen. */
const finalAt = new Map<bigint, number>()
let final = (await stake.client.getBlock({ blockTag: 'finalized' })).number
const watch = setInterval(async () => {
  const { number } = await stake.client.getBlock({ blockTag: 'finalized' })
  for (const now = Date.now(); final < number; ) finalAt.set(++final, now)
}, LOOK_MS)

/** Resolves with what the first node tells of a message once it is attested to. */
async function attested({ id }: SentMessage) {
  let told = await traceOf(api, id)
  await eventually(
    async () => {
      told = await traceOf(api, id)
      return told.attested.length > 0
    },
    `message ${id} is not attested to`,
    PATIENCE_MS,
  )
  return told
}

async function certificates(): Promise<void> {
  const sent: SentMessage[] = []
  // one in each block
  while (sent.length < MESSAGES) sent.push(...(await stake.dispatch({ count: 1 })))
  const waits: number[] = []
  for (const message of sent) {
    const [first] = (await attested(message)).attested
    const since = finalAt.get(message.block)
    if (first === undefined || since === undefined) throw new Error('the block was not seen to be final')
    waits.push(first.time - since)
  }
  for (const [name, q] of [
    ['p50', 0.5],
    ['p99', 0.99],
    ['max', 1],
  ] as const) {
    const value = round(quantile(waits, q))
    const judged = name === 'p99' ? { target: CERTIFICATE_MS, met: value <= CERTIFICATE_MS ? 'yes' : 'no' } : {}
    print({
      ...BASE,
      what: 'final block to certificate',
      messages: MESSAGES,
      quantile: name,
      value,
      unit: 'ms',
      ...judged,
    })
  }
}

/** Gas of the transactions that delivered messages. */
async function gasOf(at: WorldChain, sent: readonly SentMessage[]): Promise<number> {
  let gas = 0n
  for (const { id } of sent) {
    const { arrival } = await settled(id)
    const hash = arrival.transaction as `0x${string}`
    gas += (await at.client.getTransactionReceipt({ hash })).gasUsed
  }
  return Number(gas) / sent.length
}

async function settled(id: SentMessage['id']) {
  let told = await traceOf(api, id)
  const isSettled = async () => {
    told = await traceOf(api, id)
    return told.arrival.state === 'delivered' && typeof told.arrival.transaction === 'string'
  }
  await eventually(isSettled, `message ${id} is not known to be delivered`, PATIENCE_MS)
  return told
}

async function batch(size: number): Promise<void> {
  const before = await away.handledAll()
  const from = Date.now()
  const sent = await stake.dispatch({ count: size, maxRandom: 64 })
  const last = sent.at(-1)
  if (last === undefined) throw new Error('nothing was sent')
  const told = await attested(last)
  const certified = (told.attested[0]?.time ?? Date.now()) - from
  await eventually(async () => (await away.handledAll()) >= before + size, 'messages are missing', PATIENCE_MS)
  const delivered = Date.now() - from
  const base = { ...BASE, batch: size }
  print({ ...base, what: 'attested', value: round((size * 1_000) / certified), unit: 'messages/s' })
  print({ ...base, what: 'delivered', value: round((size * 1_000) / delivered), unit: 'messages/s' })
  print({ ...base, what: 'delivery', value: round(await gasOf(away, sent), 0), unit: 'gas a message' })
}

try {
  await certificates()
  for (const size of BATCHES) await batch(size)
  print({ ...BASE, what: 'load average of the last minute', value: round(loadavg()[0] ?? 0), unit: 'processes' })
} finally {
  clearInterval(watch)
  await net.close(false)
}
