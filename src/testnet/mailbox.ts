import type { Address } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import type { Batch } from './batch.ts'

/** A mailbox and its tree of messages. */
export interface TestnetMailbox {
  readonly mailbox: Address
  readonly hook: Address
}

/**
 * Queues the creation of a mailbox whose contract is named `Mailbox`, with its tree as required hook and `ism` as judge of what
 * arrives for those who name none. @returns the addresses that they will have
 */
export type QueueMailbox = (
  batch: Batch,
  of: { readonly artifacts: Artifacts; readonly domain: number; readonly owner: Address; readonly ism: Address },
) => TestnetMailbox

/** The small ones of contracts/bridge. */
export const queueMailbox: QueueMailbox = (batch, { artifacts, domain, owner, ism }) => {
  const mailbox = batch.deploy(artifacts, 'Mailbox', [domain, owner])
  const hook = batch.deploy(artifacts, 'MerkleTreeHook', [mailbox])
  const none = batch.deploy(artifacts, 'NoHook', [])
  const set = (functionName: string, contract: Address) =>
    batch.call({
      ...{ what: `${functionName} of the mailbox`, address: mailbox, functionName, args: [contract] },
      abi: artifacts.get('Mailbox').abi,
    })
  set('setRequiredHook', hook)
  set('setDefaultHook', none)
  set('setDefaultIsm', ism)
  return { mailbox, hook }
}
