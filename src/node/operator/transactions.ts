import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import type { SentRecord, SentTransaction } from '../../chain/sent.ts'
import type { Receipt } from '../../chain/types.ts'
import { hexText, integerText, signedShape } from '../../store/signedShape.ts'
import { LariatError } from '../../util/errors.ts'
import { writeFileAtomic } from '../../util/files.ts'
import type { Address, Hex } from '../../util/hex.ts'
import { toJson } from '../../util/json.ts'

/** Version of the file's format. */
const VERSION = 1
/** Ended transactions that are kept for people to look up; an operator's whole life has about twenty. */
const MAX_DONE = 64
/** Forms that a transaction may have had: each raises the fees by a tenth at least, so the fee cap ends that far earlier. */
const MAX_FORMS = 256

const sentSchema = z.strictObject({
  ...signedShape,
  hashes: z.array(hexText).min(1).max(MAX_FORMS),
})

const doneSchema = z.strictObject({
  what: z.string(),
  nonce: integerText,
  /** Missing when another transaction took the nonce. */
  hash: hexText.optional(),
  blockNumber: integerText.optional(),
  gasUsed: integerText.optional(),
  status: z.enum(['success', 'reverted', 'replaced']),
})

const fileSchema = z.strictObject({
  version: z.literal(VERSION),
  genesisHash: hexText,
  account: hexText,
  sent: sentSchema.optional(),
  done: z.array(doneSchema).max(MAX_DONE),
})

/** A transaction that has ended. */
export type DoneTransaction = z.output<typeof doneSchema>

/** What the commands sent: the one under way, and the last ones that ended. */
export interface TransactionsFile extends SentRecord {
  /** What an earlier process sent and did not see end. */
  underway(): SentTransaction | undefined
  done(): readonly DoneTransaction[]
}

/**
 * The record of what one account sends on one chain, in a file that is replaced in one step before anything goes out: after
 * a kill or a power cut, what may have been sent is in it. What it holds of another chain is dropped: it can never matter here.
 * @throws LariatError `operator.transactions` when the file is damaged
 */
export async function openTransactions(
  file: string,
  { genesisHash, account }: { readonly genesisHash: Hex; readonly account: Address },
): Promise<TransactionsFile> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const read = parse(file, await textOf(file))
  const ours = read !== undefined && read.genesisHash === genesisHash && read.account === account
  let sent = ours ? (read.sent as SentTransaction | undefined) : undefined
  let done: readonly DoneTransaction[] = ours ? read.done : []
  const write = () =>
    writeFileAtomic(file, `${toJson({ version: VERSION, genesisHash, account, sent, done }, 2)}\n`, 0o600)

  return {
    underway: () => sent,
    done: () => done,
    async keep(transaction) {
      const { hashes } = transaction
      sent = { ...transaction, hashes: hashes.slice(-MAX_FORMS) }
      await write()
    },
    async settle(nonce, receipt) {
      if (sent?.nonce !== nonce) return
      done = [...done, ended(sent, receipt)].slice(-MAX_DONE)
      sent = undefined
      await write()
    },
  }
}

function ended({ what, nonce }: SentTransaction, receipt: Receipt | undefined): DoneTransaction {
  if (receipt === undefined) return { what, nonce, status: 'replaced' }
  const { hash, blockNumber, gasUsed, status } = receipt
  return { what, nonce, hash, blockNumber, gasUsed, status }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw damaged(file, error)
  }
}

function parse(file: string, text: string | undefined): z.output<typeof fileSchema> | undefined {
  if (text === undefined) return undefined
  try {
    return fileSchema.parse(JSON.parse(text))
  } catch (error) {
    throw damaged(file, error)
  }
}

function damaged(file: string, cause: unknown): LariatError {
  return new LariatError(
    'operator.transactions',
    `${file}, the record of transactions that are under way, cannot be read: see on a block explorer that none of the account is pending, then remove the file`,
    { file },
    cause,
  )
}
