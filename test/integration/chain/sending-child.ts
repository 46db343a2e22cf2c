// Sends one transaction for each number until it is killed or done, telling on stdout what landed. Started by
// journal-kill.test.ts. A fault ("point:number") makes it kill itself with SIGKILL there: the hooks are here, not in src.
import { writeSync } from 'node:fs'
import { http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { openChain } from '../../../src/chain/clients.ts'
import { createSender } from '../../../src/chain/sender.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { openIntentStore } from '../../../src/store/sqlite/transactions.ts'
import type { IntentStore } from '../../../src/store/transactions.ts'
import { ANVIL_MNEMONIC } from '../../../src/testnet/anvil.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'

/** What the child is told. */
export interface SendingSetup {
  readonly rpcUrl: string
  readonly folder: string
  readonly contract: Address
  /** One transaction for each number below it. */
  readonly count: number
  readonly fault?: string
}

/** What the child tells. */
export type SendingEvent =
  | { readonly started: true }
  | { readonly number: number; readonly hash: Hex }
  | { readonly final: true }

/** ms between looks. */
const POLL_MS = 30

const setup: SendingSetup = JSON.parse(process.argv[2] ?? '')
let current = -1

function point(name: string): void {
  if (setup.fault !== `${name}:${current}`) return
  process.kill(process.pid, 'SIGKILL')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) // not one instruction further
}

/** Written at once and in order; what is in the pipe survives this process. */
function tell(event: SendingEvent): void {
  const line = Buffer.from(`${JSON.stringify(event)}\n`)
  for (let at = 0; at < line.length; ) at += writeSync(1, line, at)
}

const metrics = createMetrics()
const chain = await openChain({
  ...{ id: 31_337, rpc: [{ url: setup.rpcUrl }], singleProvider: true },
  ...{ pollMs: POLL_MS, log: silentLog, metrics },
  transport: (url) => (options) => {
    const transport = http(url, { retryCount: 0 })(options)
    const request = async (args: Parameters<typeof transport.request>[0]) => {
      const answer = await transport.request(args)
      if (args.method === 'eth_sendRawTransaction') point('after-send')
      return answer
    }
    return { ...transport, request: request as typeof transport.request }
  },
})
const account = mnemonicToAccount(ANVIL_MNEMONIC)
const file = openIntentStore(`${setup.folder}/transactions.sqlite`, {
  genesisHash: chain.genesisHash,
  account: account.address,
})
const journal: IntentStore = {
  ...file,
  put(record) {
    current = Number(record.key.split('/')[1])
    if (record.state === 'sending') point('before-journal')
    if (record.state === 'mined') point('after-receipt')
    file.put(record)
    if (record.state === 'sending') point('after-journal')
  },
}
const sender = createSender({ chain, account, journal, log: silentLog, receiptPollMs: POLL_MS })
tell({ started: true })
for (let number = 0; number < setup.count; number++) {
  const data: Hex = `0x${number.toString(16).padStart(64, '0')}`
  const intent = { id: `service/${number}/0` }
  const { hash } = await sender.send({ what: `number ${number}`, to: setup.contract, data, intent })
  tell({ number, hash })
}
while (file.open().length > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
tell({ final: true })
await sender.close()
chain.close()
file.close()
