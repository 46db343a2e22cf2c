import { numberToHex, type PublicClient } from 'viem'
import type { Hex } from '../../util/hex.ts'
import { Lie, unavailable } from '../errors.ts'
import type { Providers } from '../providers.ts'
import { type Header, readHeader } from './header.ts'

/** The headers below a known one: each is proven by the parentHash of the one above it, whoever serves it. */
export interface Headers {
  /**
   * The headers from block `from` up to that of `top`, oldest first.
   * @throws LariatError `chain.unavailable` when no provider serves them
   */
  upTo(top: Header, from: bigint): Promise<readonly Header[]>
  /** The header at height `number` below `top`. @throws LariatError `chain.unavailable` */
  below(top: Header, number: bigint): Promise<Header>
  /** Spares the reading of a header that is known. */
  remember(header: Header): void
}

/** Headers of one round of requests. */
const CHUNK = 32n
/** Headers that are remembered: 3 MB; one is read for every service and event otherwise. */
const MAX_REMEMBERED = 2_048

export function createHeaders(providers: Providers): Headers {
  /** By hash, oldest use first. */
  const remembered = new Map<Hex, Header>()

  function remember(header: Header): void {
    remembered.delete(header.hash)
    remembered.set(header.hash, header)
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value as Hex)
  }

  /** Blocks from `to` down to `from`, newest first; the newest must have the hash `expected`. */
  async function fetchChunk(from: bigint, to: bigint, expected: Hex): Promise<Header[]> {
    return providers.ask(`blocks ${from} to ${to}`, async (client, provider) => {
      const numbers = Array.from({ length: Number(to - from + 1n) }, (_, i) => to - BigInt(i))
      const headers = await Promise.all(numbers.map((number) => fetchHeader(client, provider, number)))
      let hash = expected
      for (const header of headers) {
        if (header.hash !== hash) {
          throw new Lie(
            'header',
            `its block ${header.number} is ${header.hash}, and that of the agreed chain is ${hash}`,
          )
        }
        hash = header.parentHash
      }
      return headers
    })
  }

  async function* down(top: Header, from: bigint): AsyncGenerator<Header> {
    remember(top)
    yield top
    let hash = top.parentHash
    for (let number = top.number - 1n; number >= from; ) {
      const known = remembered.get(hash)
      const chunk =
        known === undefined
          ? await fetchChunk(number - CHUNK + 1n > from ? number - CHUNK + 1n : from, number, hash)
          : [known]
      for (const header of chunk) {
        remember(header)
        yield header
        hash = header.parentHash
        number--
      }
    }
  }

  return {
    remember,
    async upTo(top, from) {
      const headers: Header[] = []
      for await (const header of down(top, from)) headers.push(header)
      return headers.reverse()
    },
    async below(top, number) {
      let last = top
      for await (const header of down(top, number)) last = header
      return last
    },
  }
}

/** The block of that number or tag as this provider has it, checked against its own hash. @throws Lie; LariatError `chain.unavailable` */
export async function fetchHeader(
  client: PublicClient,
  provider: string,
  block: bigint | 'latest' | 'finalized',
): Promise<Header> {
  const what = typeof block === 'bigint' ? `block ${block}` : `the ${block} block`
  const raw = await client.request({
    method: 'eth_getBlockByNumber',
    params: [typeof block === 'bigint' ? numberToHex(block) : block, false],
  })
  if (raw === null) throw unavailable('behind', provider, what, 'it has no such block')
  const header = readHeader(raw)
  if (typeof block === 'bigint' && header.number !== block) {
    throw new Lie('header', `it was asked for block ${block} and answered with block ${header.number}`)
  }
  return header
}
