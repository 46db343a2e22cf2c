import { createHash } from 'node:crypto'
import { encodeFunctionData, encodePacked, padHex, toHex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { messageId } from '../../src/avs/bridge/message.ts'
import { encodeMetadata } from '../../src/avs/bridge/metadata.ts'
import { type Checkpoint, checkpointPayload, epochRows, Level, streamService } from '../../src/avs/bridge/statements.ts'
import { MessageTree } from '../../src/avs/bridge/tree.ts'
import { encodeG1, encodeG2 } from '../../src/bls/eip2537.ts'
import { decodeSignature, type PublicKey } from '../../src/bls/keys.ts'
import { derivePublicKey, secretFromEntropy, signerOf } from '../../src/bls/secret/key.ts'
import { aggregateSignatures } from '../../src/bls/verify.ts'
import { ANVIL_MNEMONIC, startAnvil } from '../../src/testnet/anvil.ts'
import type { Artifacts } from '../../src/testnet/artifacts.ts'
import { Batch, localClient } from '../../src/testnet/batch.ts'
import { statementDigest } from '../../src/types/digest.ts'
import { Kind } from '../../src/types/statement.ts'
import { type Address, bytesToHex, hexToBytes } from '../../src/util/hex.ts'
import { MAX_TRANSACTION_GAS, transact } from './transact.ts'

/** The limits on `Mailbox.process` with an empty recipient: the first message under a root, and later ones. */
const FIRST_LIMIT = 300_000n
const LATER_LIMIT = 120_000n
/** And for each operator that is absent, whose key is added. */
const ABSENT_LIMIT = 1_500n
/** Operators, and how many of them are absent from the certificate. */
const SIZES = [
  { operators: 4, absent: 0 },
  { operators: 4, absent: 1 },
  { operators: 16, absent: 5 },
  { operators: 64, absent: 0 },
  { operators: 64, absent: 21 },
  { operators: 200, absent: 0 },
] as const
const [ORIGIN, DESTINATION] = [1_000, 2_000]
const HOOK = `0x${'00'.repeat(12)}${'40'.repeat(20)}` as const
const SERVICE: Address = `0x${'5e'.repeat(20)}`
/** Code that takes everything and does nothing; it names no security module. */
const EMPTY_RECIPIENT = { address: `0x${'ee'.repeat(20)}`, code: '0x00' } as const
const WEIGHT = 32_000_000_000n
/** A message of a warp route: recipient and amount. */
const BODY = `0x${'07'.repeat(64)}` as const
const GRACE = 600
const RECOVERY = 86_400
const EPOCH_SECONDS = 100_000n

/** Takes a figure: what was measured, its gas, and the most that it may be. */
type Report = (figure: Readonly<Record<string, string | number>>, gas: bigint, limit: bigint) => void

interface Operator {
  readonly key: PublicKey
  readonly sign: (digest: Uint8Array) => Uint8Array
}

/** Messages that are delivered, the first under a root with its certificate and the next ones with their proof alone. */
export async function bridgeGas(artifacts: Artifacts, report: Report): Promise<void> {
  const anvil = await startAnvil({ accounts: 2 })
  try {
    const largest = Math.max(...SIZES.map(({ operators }) => operators))
    const cast = Array.from({ length: largest }, (_, i): Operator => {
      const secret = secretFromEntropy(createHash('sha256').update(`operator ${i}`).digest())
      return { key: derivePublicKey(secret), sign: signerOf(secret) }
    })
    for (const { operators, absent } of SIZES) {
      await deliver(artifacts, anvil.rpcUrl, cast.slice(0, operators), absent, report)
    }
  } finally {
    await anvil.stop()
  }
}

async function deliver(
  artifacts: Artifacts,
  rpcUrl: string,
  operators: readonly Operator[],
  absentees: number,
  report: Report,
): Promise<void> {
  const client = localClient(rpcUrl)
  const relayer = mnemonicToAccount(ANVIL_MNEMONIC)
  const chainId = await client.getChainId()
  await client.request({ method: 'anvil_setCode', params: [EMPTY_RECIPIENT.address, EMPTY_RECIPIENT.code] } as never)
  const batch = await Batch.open(client, relayer)
  const mailbox = batch.deploy(artifacts, 'Mailbox', [DESTINATION, relayer.address])
  const ism = batch.deploy(artifacts, 'BridgeIsm', [chainId, SERVICE, 6_667, GRACE, RECOVERY, relayer.address])
  await batch.land(new AbortController().signal)
  const call = (contract: 'Mailbox' | 'BridgeIsm', functionName: string, args: readonly unknown[]) => {
    const to = contract === 'Mailbox' ? mailbox : ism
    const { abi } = artifacts.get(contract)
    return transact({ client, from: relayer, to, data: encodeFunctionData({ abi, functionName, args }), abi })
  }
  const figure = { case: 'bridge', operators: operators.length, absent: absentees }
  await call('Mailbox', 'setDefaultIsm', [ism])
  await call('BridgeIsm', 'addRoute', [ORIGIN, HOOK, Level.finalized])
  const { timestamp } = await client.getBlock()
  const rows = epochRows(operators.map(({ key }) => ({ key: unpadded(encodeG1(key)), weight: WEIGHT })))
  const table = {
    number: 1n,
    activatesAt: timestamp,
    validUntil: timestamp + EPOCH_SECONDS,
    rows: bytesToHex(rows),
  }
  report({ ...figure, step: 'import an epoch' }, await call('BridgeIsm', 'initialize', [table]), MAX_TRANSACTION_GAS)

  const messages = Array.from({ length: 3 }, (_, nonce) => messageOf(nonce))
  const tree = new MessageTree()
  for (const message of messages) tree.append(hexToBytes(messageId(hexToBytes(message))))
  const index = messages.length - 1
  const checkpoint: Checkpoint = { root: bytesToHex(tree.root()), index, messageId: bytesToHex(tree.leaf(index)) }
  const service = streamService({ domain: ORIGIN, hook: HOOK }, Level.finalized)
  const payload = checkpointPayload(checkpoint)
  const statement = { service, kind: Kind.certify, epoch: 1n, slot: BigInt(index), attempt: 0, payload }
  const digest = statementDigest({ chainId, serviceManager: SERVICE }, statement)
  // spread over the table
  const rowsAbsent = Array.from({ length: absentees }, (_, i) => Math.floor((i * operators.length) / absentees))
  const absent = new Uint8Array(absentees === 0 ? 0 : (Math.max(...rowsAbsent) >> 3) + 1)
  for (const row of rowsAbsent) absent[row >> 3] = (absent[row >> 3] ?? 0) | (1 << (row & 7))
  const present = operators.filter((_, row) => !rowsAbsent.includes(row))
  const signature = encodeG2(aggregateSignatures(present.map(({ sign }) => decodeSignature(sign(digest)))))

  for (const [leaf, message] of messages.entries()) {
    const certificate = leaf === 0 ? { certificate: { signature, absent } } : {}
    const proof = tree.proof(leaf)
    const metadata = encodeMetadata({ epoch: 1n, checkpoint, leaf, proof, ...certificate })
    const gas = await call('Mailbox', 'process', [bytesToHex(metadata), message])
    const step = leaf === 0 ? 'first message under a root' : 'next message under it'
    const limit = leaf === 0 ? FIRST_LIMIT + ABSENT_LIMIT * BigInt(absentees) : LATER_LIMIT
    if (leaf < 2) report({ ...figure, step }, gas, limit)
  }
}

/** A message to the empty recipient. */
function messageOf(nonce: number) {
  return encodePacked(
    ['uint8', 'uint32', 'uint32', 'bytes32', 'uint32', 'bytes32', 'bytes'],
    [3, nonce, ORIGIN, padHex(toHex(0x5e), { size: 32 }), DESTINATION, padHex(EMPTY_RECIPIENT.address), BODY],
  )
}

/** `x ‖ y` of 48 bytes each, from EIP-2537's form. */
function unpadded(padded: Uint8Array): Uint8Array {
  return Uint8Array.from([...padded.subarray(16, 64), ...padded.subarray(80, 128)])
}
