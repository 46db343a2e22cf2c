import { keccak256, numberToHex, toHex } from 'viem'
import type { Hex } from '../../src/util/hex.ts'
import { forged } from './blocks.ts'
import { rpcError } from './fakeNode.ts'
import { FORGERIES, forgeChain } from './forgedChain.ts'
import type { Raw, RecordedBlock, RecordedChain } from './recordedChain.ts'
import { type Lie, type NodeCall, SILENCE } from './replayedNode.ts'

/** Chains that are not the one, whole and consistent: real forks, and forged ones. */
export interface OtherChains {
  readonly real: readonly (readonly RecordedBlock[])[]
  readonly forged: readonly (readonly RecordedBlock[])[]
}

/** Blocks from which on chains are forged. */
const FORGED_FROM = [4, 9, 12]

export async function otherChains(chain: RecordedChain): Promise<OtherChains> {
  const made: RecordedBlock[][] = []
  for (const forge of Object.values(FORGERIES)) {
    for (const from of FORGED_FROM) made.push(await forgeChain(chain, chain.main, from, forge))
  }
  return { real: chain.forks.map(({ blocks }) => blocks), forged: made }
}

export interface Drawn {
  readonly name: string
  readonly lie: Lie
  /**
   * Whether it can be proven false, or is outvoted, when fewer than a third tell it, so that all goes on meanwhile. Another chain is no
   * such lie: nothing proves which is the one.
   */
  readonly isHarmless: boolean
}

/** What lies are drawn with. */
interface Die {
  readonly chain: RecordedChain
  readonly others: OtherChains
  pick(below: number): number
  chance(p: number): boolean
}

type Kind = Omit<Drawn, 'name' | 'lie'> & { readonly make: (die: Die) => Lie }

const isBlock = ({ method }: NodeCall) => method === 'eth_getBlockByNumber' || method === 'eth_getBlockByHash'
const any = <T>(die: Die, from: readonly T[]): T => from[die.pick(from.length)] as T
const word = (n: number): Hex => keccak256(toHex(n))

/** Says something else than the block `raw`, but not of the first block, which all know. */
const aboutBlocks =
  (change: (raw: Raw) => Raw): Lie =>
  (call, next) => {
    const raw = next(call) as Raw | null
    return !isBlock(call) || raw === null || raw.number === '0x0' ? raw : change(raw)
  }

const aboutProofs =
  (change: (proof: Raw) => Raw): Lie =>
  (call, next) =>
    call.method === 'eth_getProof' ? change(next(call) as Raw) : next(call)

const ofSlots = (change: (slot: Raw, n: number) => Raw) => (proof: Raw) => ({
  ...proof,
  storageProof: (proof.storageProof as readonly Raw[]).map(change),
})

const aboutCalls =
  (answer: (call: NodeCall) => unknown): Lie =>
  (call, next) =>
    call.method === 'eth_call' ? answer(call) : next(call)

const seen = (change: (view: NodeCall['view']) => NodeCall['view']): Lie => {
  return (call, next) => next({ ...call, view: change(call.view) })
}

/** Every kind of lie, by name. */
const KINDS: Readonly<Record<string, Kind>> = {
  'another chain': {
    isHarmless: false,
    make: (die) => {
      const blocks = any(die, die.others.real)
      return seen((view) => ({ ...view, blocks }))
    },
  },
  'a forged chain': {
    isHarmless: false,
    make: (die) => {
      const blocks = any(die, die.others.forged)
      return seen((view) => ({ ...view, blocks }))
    },
  },
  "the newest blocks upon another chain's": {
    isHarmless: false,
    make: (die) => {
      const others = any(die, die.others.real)
      const own = 1 + die.pick(2)
      return seen((view) => {
        const from = Math.max(0, view.final - own)
        return { ...view, blocks: [...others.slice(0, from), ...view.blocks.slice(from)] }
      })
    },
  },
  "the blocks of one chain with another's receipts and state": {
    isHarmless: true,
    make: (die) => {
      const blocks = any(die, die.others.real)
      return (call, next) => {
        const at = call.params.at(-1)
        const hash = typeof at === 'object' && at !== null && 'blockHash' in at ? at.blockHash : at
        const number = call.view.blocks.findIndex((block) => block.hash === hash)
        const other = blocks[number]
        if (isBlock(call) || other === undefined) return next(call)
        const params = [...call.params.slice(0, -1), at === hash ? other.hash : { blockHash: other.hash }]
        return next({ ...call, params, view: { ...call.view, blocks } })
      }
    },
  },
  'blocks that stand still': {
    isHarmless: false,
    make: (die) => {
      let last: number | undefined
      const back = die.pick(4)
      return seen(({ blocks, head, final }) => {
        last ??= Math.max(0, head - back)
        return { blocks, head: Math.min(head, last), final: Math.min(final, last) }
      })
    },
  },
  'blocks to come': {
    isHarmless: true,
    make: (die) => {
      const more = 1 + die.pick(3)
      return seen(({ blocks, head, final }) => ({ blocks, head: Math.min(blocks.length - 1, head + more), final }))
    },
  },
  'too much as final': {
    isHarmless: true,
    make: (die) => {
      const more = 1 + die.pick(4)
      return seen(({ blocks, head, final }) => ({ blocks, head, final: Math.min(head, final + more) }))
    },
  },
  'blocks to come as final': {
    isHarmless: true,
    make: () =>
      seen(({ blocks, head }) => {
        const to = Math.min(blocks.length - 1, head + 2)
        return { blocks, head: to, final: to }
      }),
  },
  'too little as final': {
    isHarmless: true,
    make: (die) => {
      const less = 1 + die.pick(6)
      return seen((view) => ({ ...view, final: Math.max(0, view.final - less) }))
    },
  },
  'false receipts': {
    isHarmless: true,
    make: (die) => {
      const forge = any(die, Object.values(FORGERIES))
      return (call, next) => {
        const answer = next(call)
        return call.method === 'eth_getBlockReceipts' ? forge(answer as Raw[], die.chain.hook) : answer
      }
    },
  },
  'receipts of another block': {
    isHarmless: true,
    make: (die) => {
      const by = 1 + die.pick(2)
      return (call, next) => {
        if (call.method !== 'eth_getBlockReceipts') return next(call)
        const { blocks } = call.view
        const other = blocks[blocks.findIndex(({ hash }) => hash === call.params[0]) - by]
        return other === undefined ? next(call) : other.receipts
      }
    },
  },
  'blooms without logs': {
    isHarmless: true,
    make: () => aboutBlocks((raw) => ({ ...raw, logsBloom: `0x${'00'.repeat(256)}` })),
  },
  'another hash of a block': { isHarmless: true, make: () => aboutBlocks((raw) => ({ ...raw, hash: word(1) })) },
  'one forged header': {
    isHarmless: false,
    make: (die) => {
      const field = any(die, ['receiptsRoot', 'stateRoot', 'parentHash', 'extraData'])
      return aboutBlocks((raw) => forged(raw, { [field]: field === 'extraData' ? '0xbad0' : word(2) }))
    },
  },
  'a time to come': {
    isHarmless: false,
    make: () => aboutBlocks((raw) => forged(raw, { timestamp: numberToHex(Number(raw.timestamp) + 3_600) })),
  },
  'false values with true proofs': {
    isHarmless: true,
    make: () => aboutProofs(ofSlots((slot) => ({ ...slot, value: '0xff' }))),
  },
  'changed proofs': {
    isHarmless: true,
    make: () =>
      aboutProofs(
        ofSlots((slot) => {
          const proof = slot.proof as readonly Hex[]
          return { ...slot, value: '0xff', proof: proof.map((node, i) => (i === 0 ? `${node.slice(0, -2)}ff` : node)) }
        }),
      ),
  },
  'no proofs': { isHarmless: true, make: () => aboutProofs(ofSlots((slot) => ({ ...slot, value: '0x0', proof: [] }))) },
  'proofs that there is no account': {
    isHarmless: true,
    make: (die) => {
      const keep = die.pick(2)
      return aboutProofs((proof) => ({
        ...ofSlots((slot) => ({ ...slot, value: '0x0', proof: [] }))(proof),
        accountProof: (proof.accountProof as readonly Hex[]).slice(0, keep),
      }))
    },
  },
  'proofs of other slots': {
    isHarmless: true,
    make: () =>
      aboutProofs((proof) => ({ ...proof, storageProof: [...(proof.storageProof as readonly Raw[])].reverse() })),
  },
  'another mailbox and domain': {
    isHarmless: true,
    make: (die) => {
      const answer = any(die, [`0x${'00'.repeat(31)}ff`, `0x${'00'.repeat(12)}${'a1'.repeat(20)}`, '0x', '0x1234'])
      return aboutCalls(() => answer)
    },
  },
  'a revert': {
    isHarmless: true,
    make: () =>
      aboutCalls(() => {
        throw rpcError(3, 'execution reverted', '0x')
      }),
  },
  'other code': {
    isHarmless: true,
    make: () => (call, next) => (call.method === 'eth_getCode' ? '0x600160005260206000f3' : next(call)),
  },
  'another chain id': {
    isHarmless: false,
    make: () => (call, next) => (call.method === 'eth_chainId' ? '0x1' : next(call)),
  },
  'another genesis': {
    isHarmless: false,
    make: () => (call, next) => {
      const raw = next(call) as Raw | null
      return isBlock(call) && raw?.number === '0x0' ? forged(raw, { extraData: '0xbad0' }) : raw
    },
  },
  errors: {
    isHarmless: true,
    make: (die) => {
      const code = any(die, [-32_000, -32_005, -32_601, 3])
      return () => {
        throw rpcError(code, 'no')
      }
    },
  },
  nonsense: {
    isHarmless: true,
    make: (die) => {
      const answer = any<unknown>(die, [null, {}, [], '0x', 'latest', 7, { hash: '0x', number: {} }])
      return () => answer
    },
  },
  silence: { isHarmless: true, make: () => () => SILENCE },
}

/** Names of all kinds of lies. */
export const KINDS_OF_LIES: readonly string[] = Object.keys(KINDS)

/** Part of the answers that a liar who cannot make up its mind lies in. */
const FICKLE = 0.6

/** The lies that agree with themselves most, the strongest first. */
const STRONGEST = ['another chain', 'another chain', "the newest blocks upon another chain's", 'too much as final']

/**
 * One to three lies at a time, one upon the other; some of them told now and then, so that answers change between calls. The strongest
 * are drawn often, and alone.
 */
export function drawLies(die: Die): Drawn[] {
  if (die.chance(0.35)) return [drawn(die, any(die, STRONGEST), false)]
  return Array.from({ length: 1 + die.pick(3) }, () => drawn(die, any(die, KINDS_OF_LIES), die.chance(0.25)))
}

function drawn(die: Die, name: string, isFickle: boolean): Drawn {
  const { make, isHarmless } = KINDS[name] as Kind
  const lie = make(die)
  return {
    ...{ name, isHarmless },
    lie: isFickle ? (call, next) => (die.chance(FICKLE) ? lie(call, next) : next(call)) : lie,
  }
}
