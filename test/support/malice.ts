import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { encodeFunctionData } from 'viem'
import { LariatError, onChainSignature, type Receipt, type ShareDealing } from '../../src/avs/api.ts'
import { keyGenerationAbi } from '../../src/avs/randomness/abi/keyGeneration.ts'
import { proveSharedPoint } from '../../src/bls/secret/encryption.ts'
import { dealingPayload } from '../../src/bls/threshold/dealing.ts'
import { isSame, memberOf, shareIndices } from '../../src/bls/threshold/session.ts'
import type { Dealing, Session } from '../../src/bls/threshold/types.ts'
import { bytesToHex, type Hex } from '../../src/util/hex.ts'
import type { CeremonyPorts, CeremonySelf, Conduct } from './ceremonies.ts'
import { notOnTheCurve, outOfTheSubgroup, pastTheModulus } from './strangePoints.ts'
import { stateOnDisk } from './vaultState.ts'

/** The contract's reasons of a conviction. */
export const REASON = { wrongShare: 1, wrongCommitment: 2, falseComplaint: 3, twoDealings: 4 } as const

const POINT = 192
const POLL_MS = 100
/** ms since the epoch; a signer that was just started signs what came after it. */
const NO_FLOOR = 1e13
/** Enough for whatever a dealing of the tests takes. */
const GAS = 8_000_000n

/** One way to break the rules. */
export interface Malice {
  readonly name: string
  /** What the contract convicts it for; undefined when nothing shows who it was, so that it only counts as absent. */
  readonly reason?: number
  readonly conduct: Conduct
}

/** What the contract refused, and with which error. */
export interface Refused {
  readonly name: string
  readonly error: unknown
  /** Of the transaction that was sent all the same, and reverted. */
  readonly hash: Hex
}

type Write = (call: { functionName: string; args: readonly unknown[]; signal?: AbortSignal }) => Promise<Receipt>

const NOTHING = {} as Receipt

/**
 * Who is malicious takes part as far as it must, does nothing for the others (opens nothing, adds nothing up), and spares its own
 * kind: of what is wrong with a dealing it says nothing. `own` writes what it writes itself.
 */
function selfish(ports: CeremonyPorts, own: Readonly<Record<string, Write>>): CeremonyPorts {
  const write = ports.chain.write as unknown as Write
  const chosen: Write = async (call) => {
    if (call.functionName === 'registerEncryptionKey') return write(call)
    return own[call.functionName]?.(call) ?? NOTHING
  }
  return {
    ...ports,
    chain: { ...ports.chain, write: chosen as unknown as CeremonyPorts['chain']['write'] },
    shares: { ...ports.shares, examine: async (_, dealt) => dealt.map(() => undefined) },
  }
}

/** Deals what `spoil` makes of its dealing. */
function deals(spoil: (dealing: ShareDealing, session: Session, self: CeremonySelf) => ShareDealing): Conduct {
  return (ports, self) => {
    const write = ports.chain.write as unknown as Write
    const { shares, ...rest } = selfish(ports, { deal: write })
    return { ...rest, shares: { ...shares, deal: async (session) => spoil(await shares.deal(session), session, self) } }
  }
}

const replaced = (bytes: Uint8Array, at: number, part: Uint8Array) => {
  const copy = bytes.slice()
  copy.set(part, at)
  return copy
}

/** C_1 of the first polynomial, which no proof is about, is something else. */
const commits = (name: string, make: (point: Uint8Array) => Uint8Array): Malice => ({
  name,
  reason: REASON.wrongCommitment,
  conduct: deals((dealing) => ({
    ...dealing,
    commitments: replaced(dealing.commitments, POINT, make(dealing.commitments.subarray(POINT, 2 * POINT))),
  })),
})

/** A wrong share for operator `victim` alone. */
const wrongShare = (victim: number): Malice => ({
  name: 'a wrong share',
  reason: REASON.wrongShare,
  conduct: deals((dealing, session, { run }) => {
    const [index = 0] = shareIndices(session.members, run.operator(victim))
    const { sealedShares } = dealing
    return { ...dealing, sealedShares: sealedShares.map((byte, i) => (i === 32 * index + 9 ? byte ^ 4 : byte)) }
  }),
})

const noise: Malice = {
  name: 'noise in place of all shares',
  reason: REASON.wrongShare,
  conduct: deals((dealing) => ({ ...dealing, sealedShares: new Uint8Array(randomBytes(dealing.sealedShares.length)) })),
}

/** Says with a right proof that the share which operator `victim` dealt to it is wrong. */
const falseComplaint = (victim: number): Malice => ({
  name: 'a false complaint',
  reason: REASON.falseComplaint,
  conduct(ports, self) {
    const write = ports.chain.write as unknown as Write
    const { operator, run, vault } = self
    const { shares, ...rest } = selfish(ports, { deal: write, complainShare: write })
    return {
      ...rest,
      shares: {
        ...shares,
        async examine(session, dealt) {
          const [shareIndex = 0] = shareIndices(session.members, operator)
          const isVictim = (dealer: `0x${string}`) => isSame(dealer, run.operator(victim))
          return dealt.map(({ dealer }) =>
            isVictim(dealer) ? { kind: 'share', polynomial: 0, shareIndex } : undefined,
          )
        },
        async complain(session, { dealer, dealing }, { polynomial, shareIndex }) {
          const key = memberOf(session.members, operator)?.encryptionKey ?? new Uint8Array()
          const secret = (await stateOnDisk(vault)).encryptionOf(key)?.secret.reveal() ?? new Uint8Array()
          const place = { sessionId: session.id, dealer, recipient: operator, polynomial, shareIndex }
          return { dealer, polynomial, shareIndex, ...proveSharedPoint(place, secret, dealing.ephemeral) }
        },
      },
    }
  },
})

type DealArgs = readonly [bigint, `0x${string}`, bigint, Record<keyof Dealing, Hex>, Hex, Hex]

/** Posts a second dealing after the first, signed as well, by a signer whose guard remembers nothing. */
const twoDealings: Malice = {
  name: 'two dealings',
  reason: REASON.twoDealings,
  conduct(ports, self) {
    const write = ports.chain.write as unknown as Write
    let session: Session | undefined
    const { shares, ...rest } = selfish(ports, {
      async deal(call) {
        const receipt = await write(call)
        const [slot, dealer, epoch, dealing, , old] = call.args as DealArgs
        if (session === undefined) throw new Error('nothing was dealt yet')
        const other = { ...dealing, sealedShares: bytesToHex(randomBytes((dealing.sealedShares.length - 2) / 2)) }
        const payload = dealingPayload(session.id, dealer, bytesOf(other))
        const signature = await self.unguarded({ epoch, slot, payload, triggeredAt: NO_FLOOR })
        await write({ ...call, args: [slot, dealer, epoch, other, onChainSignature(signature), old] })
        return receipt
      },
    })
    const deal = (of: Session) => {
      session = of
      return shares.deal(of)
    }
    return { ...rest, shares: { ...shares, deal } }
  },
}

/** Posts what `spoil` makes of its dealing, signed as it is, though the contract refuses it; `refused` gets how. */
function refusedDealing(
  name: string,
  refused: Refused[],
  spoil: (dealing: ShareDealing) => ShareDealing,
  isLate = false,
): Malice {
  const send = async (call: Parameters<Write>[0], write: Write, { run }: CeremonySelf): Promise<void> => {
    const error = await write(call).then(
      () => 'none',
      (thrown: unknown) => (thrown instanceof LariatError ? thrown.details.error : thrown),
    )
    const data = encodeFunctionData({ abi: keyGenerationAbi, functionName: 'deal', args: call.args as DealArgs })
    // by another account, which anyone may use to bring a dealing, so that the operator's own transactions go on
    const from = run.courier.address
    const sent = { from, to: run.contracts.keyGeneration, data, gas: `0x${GAS.toString(16)}` }
    refused.push({ name, error, hash: (await run.test.rpc('eth_sendTransaction', [sent])) as Hex })
  }
  return {
    name,
    conduct(ports, self) {
      const write = ports.chain.write as unknown as Write
      const sent = new Set<unknown>()
      const { shares, ...rest } = selfish(ports, {
        async deal({ signal: _, ...call }) {
          const [session] = call.args
          // it is asked for until the board shows it
          if (sent.has(session)) return NOTHING
          sent.add(session)
          // in the background, as the ceremony stops waiting when the time for dealings is over; what is not sent is missed in `refused`
          if (isLate)
            void dealingIsOver(ports, self, call).then(
              () => send(call, write, self),
              () => {},
            )
          else await send(call, write, self)
          return NOTHING
        },
      })
      return { ...rest, shares: { ...shares, deal: async (session) => spoil(await shares.deal(session)) } }
    },
  }
}

async function dealingIsOver(
  { chain }: CeremonyPorts,
  { run }: CeremonySelf,
  { args }: Parameters<Write>[0],
): Promise<void> {
  const call = { address: run.contracts.keyGeneration, abi: keyGenerationAbi } as const
  const info = { ...call, functionName: 'sessionInfo', args: [args[0] as bigint], block: 'latest' } as const
  const { dealEnd } = await chain.read(info)
  while ((await run.block()) <= dealEnd) await setTimeout(POLL_MS)
}

function bytesOf(dealing: Record<keyof Dealing, Hex>): Dealing {
  const bytes = (hex: Hex) => new Uint8Array(Buffer.from(hex.slice(2), 'hex'))
  const { commitments, ephemeral, sealedShares, proofs } = dealing
  return {
    commitments: bytes(commitments),
    ephemeral: bytes(ephemeral),
    sealedShares: bytes(sealedShares),
    proofs: bytes(proofs),
  }
}

/**
 * All the ways to break the rules that there are here.
 * @param victim an honest operator, by its number
 * @param refused gets what the contract refused
 */
export function allMalice(victim: number, refused: Refused[]) {
  return {
    wrongShare: wrongShare(victim),
    noise,
    offTheCurve: commits('a commitment off the curve', notOnTheCurve),
    outOfTheSubgroup: commits('a commitment outside the subgroup', outOfTheSubgroup),
    pastTheModulus: commits('a commitment with a coordinate past the modulus', pastTheModulus),
    infinite: commits('a commitment to infinity', (point) => new Uint8Array(point.length)),
    falseComplaint: falseComplaint(victim),
    twoDealings,
    late: refusedDealing('late', refused, (dealing) => dealing, true),
    wrongLength: refusedDealing('bytes of a wrong length', refused, (dealing) => ({
      ...dealing,
      sealedShares: dealing.sealedShares.subarray(1),
    })),
    badProof: refusedDealing('a bad proof of knowledge', refused, (dealing) => ({
      ...dealing,
      proofs: dealing.proofs.map((byte, i) => (i === 63 ? byte ^ 1 : byte)),
    })),
    /** Takes its place, and posts nothing. */
    silent: { name: 'silent', conduct: (ports) => selfish(ports, {}) },
  } satisfies Record<string, Malice>
}

/** Misbehaves from the second session on. */
export function later({ name, reason, conduct }: Malice, from = 2n): Malice {
  return {
    name,
    ...(reason === undefined ? {} : { reason }),
    conduct(ports, self) {
      const bad = conduct(ports, self)
      const pick = (session: bigint) => (session < from ? ports : bad)
      const write: Write = (call) => {
        const [session] = call.args
        // whatever is about no session it does as an honest one
        const chosen = typeof session === 'bigint' ? pick(session) : ports
        return (chosen.chain.write as unknown as Write)(call)
      }
      return {
        deal: ports.deal,
        chain: { ...ports.chain, write: write as unknown as CeremonyPorts['chain']['write'] },
        shares: {
          ...ports.shares,
          deal: (session) => pick(session.session).shares.deal(session),
          examine: (session, dealt) => pick(session.session).shares.examine(session, dealt),
          complain: (session, dealt, fault) => pick(session.session).shares.complain(session, dealt, fault),
        },
      }
    },
  }
}
