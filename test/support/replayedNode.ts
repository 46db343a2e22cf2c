import { isDeepStrictEqual } from 'node:util'
import { custom, numberToHex, TimeoutError, type Transport } from 'viem'
import { REQUEST_TIMEOUT_MS } from '../../src/chain/transport.ts'
import type { Clock } from '../../src/util/clock.ts'
import type { Hex } from '../../src/util/hex.ts'
import { rpcError } from './fakeNode.ts'
import { CHAIN_ID, callKey, type Raw, type RecordedBlock, type RecordedChain } from './recordedChain.ts'

/** What a node has: a chain up to a block, of which some is final. */
export interface View {
  readonly blocks: readonly RecordedBlock[]
  readonly head: number
  readonly final: number
}

export interface NodeCall {
  readonly method: string
  readonly params: readonly unknown[]
  readonly view: View
}

/** Answers, or throws a JSON-RPC error, or never settles. */
export type Answer = (call: NodeCall) => unknown

/** Changes what is asked, or what `next` answers. */
export type Lie = (call: NodeCall, next: Answer) => unknown

/** What a node that has this view answers: all of it is from the record. */
export function recordedAnswer(chain: RecordedChain): Answer {
  return ({ method, params, view: { blocks, head, final } }) => {
    const shown = blocks.slice(0, head + 1)
    function byHash(hash: unknown): RecordedBlock {
      const block = shown.find((one) => one.hash === hash)
      if (block === undefined) throw rpcError(-32_000, 'header not found')
      return block
    }
    const at = (): RecordedBlock => byHash((params.at(-1) as { blockHash?: unknown }).blockHash)
    switch (method) {
      case 'eth_chainId':
        return numberToHex(CHAIN_ID)
      case 'eth_getBlockByNumber': {
        const [tag] = params
        const number = tag === 'latest' ? head : tag === 'finalized' ? final : Number(tag)
        return shown[number]?.raw ?? null
      }
      case 'eth_getBlockByHash':
        return byHash(params[0]).raw
      case 'eth_getBlockReceipts':
        return byHash(params[0]).receipts
      case 'eth_getCode':
        if (at().number < chain.created) return '0x'
        return chain.codes.get(String(params[0]).toLowerCase()) ?? '0x'
      case 'eth_call': {
        if (at().number < chain.created) return '0x'
        const { to, data } = params[0] as { to: string; data: string }
        return recorded(chain.calls.get(callKey(to, data)), `the call ${data} to ${to}`)
      }
      case 'eth_getProof': {
        const [address, keys] = params as [string, readonly Hex[]]
        const proof = recorded(at().proofs.get(address.toLowerCase()), `a proof of ${address}`)
        const slots = new Map((proof.storageProof as readonly Raw[]).map((one) => [BigInt(one.key as Hex), one]))
        return { ...proof, storageProof: keys.map((key) => recorded(slots.get(BigInt(key)), `slot ${key}`)) }
      }
      default:
        throw rpcError(-32_601, `the method ${method} does not exist`)
    }
  }
}

/** What is asked for and was not recorded is a fault of the test, not of the chain. */
function recorded<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new RangeError(`${what} was not recorded`)
  return found
}

/** Never answers: who asks waits for as long as it waits. */
export const SILENCE = Symbol('silence')

/** One provider, as viem reaches it in this process. */
export class ReplayedNode {
  /** Applied in turn, the last one first; honest while there are none. */
  lies: readonly Lie[] = []
  /** Answers that were not what an honest one would have said. */
  lied = 0
  /** What was asked of it while it was honest, and was not recorded: then a life is not what it should be. */
  readonly unrecorded: string[] = []
  readonly #honest: Answer
  readonly #view: () => View
  readonly #clock: Clock

  constructor(honest: Answer, view: () => View, clock: Clock) {
    this.#honest = honest
    this.#view = view
    this.#clock = clock
  }

  transport = (): Transport => custom({ request: (args) => this.#request(args) }, { retryCount: 0 })

  async #request({ method, params = [] }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    // for a metrics label alone: no lie is about it, and lives are the same with it and without
    if (method === 'web3_clientVersion') return 'replayed/v1'
    const call = { method, params, view: this.#view() }
    if (this.lies.length === 0) {
      const { thrown, value } = outcomeOf(() => this.#honest(call))
      if (!thrown) return value
      if (value instanceof RangeError) this.unrecorded.push(value.message)
      throw value
    }
    const answer = outcomeOf(() => this.lies.reduce<Answer>((next, lie) => (one) => lie(one, next), this.#honest)(call))
    const honest = outcomeOf(() => this.#honest(call))
    if (!isDeepStrictEqual(answer, honest)) this.lied++
    if (answer.value === SILENCE) {
      await new Promise<void>((resolve) => void this.#clock.after(REQUEST_TIMEOUT_MS, resolve))
      throw new TimeoutError({ body: {}, url: 'http://replayed' })
    }
    if (answer.thrown) throw answer.value
    return answer.value
  }
}

function outcomeOf(answer: () => unknown): { readonly thrown: boolean; readonly value: unknown } {
  try {
    return { thrown: false, value: answer() }
  } catch (value) {
    return { thrown: true, value }
  }
}
