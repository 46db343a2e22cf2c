import { type Codec, LariatError } from 'lariat/avs'

/** One feed's price: `answer` in units of 10^-decimals of the feed on chain. */
export interface Price {
  readonly feedIndex: number
  readonly answer: bigint
}

/** Prices in strictly ascending order of feedIndex, at least one: an observation, and what a round certifies. */
export type Prices = readonly Price[]

/** Version of the layout below. */
const VERSION = 1
/** feedIndex u16 ‖ answer i192, both big-endian. */
const ROW_BYTES = 2 + 24
/** Feeds of one service: an observation of them all (3,901 bytes) fits the 4 KiB of a message body. */
export const MAX_FEEDS = 150

const MAX_INDEX = 0xffff
/** Answers are int192 on chain. */
export const MAX_ANSWER = 2n ** 191n - 1n
export const MIN_ANSWER = -(2n ** 191n)

/**
 * version u8 ‖ rows. One value has one encoding: rows ascend strictly, and every bit of a row is used.
 * Both directions throw LariatError `prices.invalid`.
 */
export const pricesCodec: Codec<Prices> = {
  encode(prices) {
    checkOrder(prices)
    const bytes = Buffer.alloc(1 + prices.length * ROW_BYTES)
    bytes.writeUInt8(VERSION)
    prices.forEach(({ feedIndex, answer }, i) => {
      if (answer < MIN_ANSWER || answer > MAX_ANSWER) throw invalid(`the answer of feed ${feedIndex} is not an int192`)
      const at = 1 + i * ROW_BYTES
      bytes.writeUInt16BE(feedIndex, at)
      bytes.write(BigInt.asUintN(192, answer).toString(16).padStart(48, '0'), at + 2, 'hex')
    })
    return new Uint8Array(bytes)
  },
  decode(bytes) {
    const count = (bytes.length - 1) / ROW_BYTES
    if (!Number.isInteger(count) || count < 1 || count > MAX_FEEDS) throw invalid(`${bytes.length} bytes`)
    if (bytes[0] !== VERSION) throw invalid(`version ${bytes[0]}`)
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const prices = Array.from({ length: count }, (_, i): Price => {
      const at = 1 + i * ROW_BYTES
      const answer = BigInt.asIntN(192, BigInt(`0x${buffer.toString('hex', at + 2, at + ROW_BYTES)}`))
      return { feedIndex: buffer.readUInt16BE(at), answer }
    })
    checkOrder(prices)
    return prices
  },
}

function checkOrder(prices: Prices): void {
  if (prices.length < 1 || prices.length > MAX_FEEDS) throw invalid(`${prices.length} feeds`)
  let last = -1
  for (const { feedIndex } of prices) {
    if (!Number.isInteger(feedIndex) || feedIndex <= last || feedIndex > MAX_INDEX) {
      throw invalid(`feed index ${feedIndex} after ${last}`)
    }
    last = feedIndex
  }
}

const invalid = (what: string) =>
  new LariatError(
    'prices.invalid',
    `a list of prices is malformed: ${what}; expected 1 to ${MAX_FEEDS} feeds ascending`,
  )
