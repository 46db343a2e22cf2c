import { mnemonicToAccount } from 'viem/accounts'
import { type Chain, type ChainOptions, openChain } from '../../src/chain/clients.ts'
import { createSender, type SenderOptions, type TransactionSender } from '../../src/chain/sender.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { ANVIL_MNEMONIC, type Anvil, type AnvilOptions, startAnvil } from '../../src/testnet/anvil.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'

/** The i-th account that anvil gives money. */
export const anvilAccount = (index: number) => mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: index })

/** Polls fast, so that tests do not wait. */
const POLL_MS = 50

/** Everything of a test on a chain of its own; `close` ends it all. */
export interface AnvilTest extends Omit<AnvilGuest, 'end'> {
  readonly anvil: Anvil
  close(): Promise<void>
}

/** What uses a chain; `end` ends that, and leaves the chain. */
export interface AnvilGuest {
  open(options?: Partial<ChainOptions>): Promise<Chain>
  sender(chain: Chain, options?: Partial<SenderOptions> & { index?: number }): TransactionSender
  /** Any method of anvil. */
  rpc(method: string, params?: readonly unknown[]): Promise<unknown>
  end(): Promise<void>
}

export async function anvilTest(options: AnvilOptions = {}): Promise<AnvilTest> {
  const anvil = await startAnvil(options)
  const { end, ...guest } = anvilGuest(anvil, options.chainId)
  return {
    ...guest,
    anvil,
    async close() {
      await end()
      await anvil.stop()
    },
  }
}

export function anvilGuest(anvil: Anvil, chainId = 31_337): AnvilGuest {
  const closing: (() => void | Promise<void>)[] = []
  return {
    async open(overrides = {}) {
      const chain = await openChain({
        id: chainId,
        rpc: [{ url: anvil.rpcUrl }],
        singleProvider: true,
        pollMs: POLL_MS,
        log: silentLog,
        metrics: createMetrics(),
        ...overrides,
      })
      closing.push(() => chain.close())
      return chain
    },
    sender(chain, { index = 0, ...overrides } = {}) {
      const account = anvilAccount(index)
      const sender = createSender({ chain, account, log: silentLog, receiptPollMs: POLL_MS, ...overrides })
      closing.push(() => sender.close())
      return sender
    },
    async rpc(method, params = []) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
      const response = await fetch(anvil.rpcUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      const answer = (await response.json()) as { result: unknown; error?: { message: string } }
      if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
      return answer.result
    },
    async end() {
      for (const end of closing.reverse()) await end()
    },
  }
}

/** Deploys code; the chain must make blocks by itself. */
export async function deploy(sender: TransactionSender, code: Hex, what = 'a test contract'): Promise<Address> {
  const { contractAddress } = await sender.send({ what: `deploying ${what}`, data: code })
  if (contractAddress === null) throw new Error('nothing was deployed')
  return contractAddress
}
