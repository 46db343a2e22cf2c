import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Address, Hex } from '../../../src/util/hex.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { type AnvilTest, anvilAccount, anvilTest, deploy } from '../../support/anvil.ts'
import { keeper } from '../../support/assembly.ts'
import { buildChild } from '../../support/buildChild.ts'
import type { SendingEvent, SendingSetup } from './sending-child.ts'

const CHILD = new URL('./sending-child.ts', import.meta.url)
const COUNT = 12

describe('the journal of transactions under kill -9', function () {
  this.timeout(120_000)
  const seed = Number(process.env.KILL_SEED ?? Date.now() & 0x7fffffff)
  const random = seededRandom(seed)
  let test: AnvilTest
  let folder: string
  let program: string
  let contract: Address
  /** What each process told of each number. */
  const told = new Map<number, Hex[]>()

  before(async () => {
    console.log(`      seed ${seed} (KILL_SEED repeats it)`)
    folder = await mkdtemp(join(tmpdir(), 'lariat-journal-kill-'))
    ;[test, program] = await Promise.all([anvilTest(), buildChild(CHILD, 'sending-child')])
    contract = await deploy(test.sender(await test.open(), { index: 1 }), keeper)
    await test.rpc('anvil_mine', ['0x3'])
  })
  after(async () => {
    await test?.close()
    await rm(folder, { recursive: true, force: true })
    await rm(program, { force: true })
  })

  /** Runs one process until it dies: by its own fault, from outside after so many numbers, or because it is done. */
  async function live(how: { fault?: string; killAfter?: number } = {}): Promise<void> {
    const { fault, killAfter } = how
    const setup: SendingSetup = {
      ...{ rpcUrl: test.anvil.rpcUrl, folder, contract, count: COUNT },
      ...(fault === undefined ? {} : { fault }),
    }
    const child = spawn(process.execPath, [program, JSON.stringify(setup)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    let numbers = 0
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line) as SendingEvent
      if ('number' in event) {
        told.set(event.number, [...(told.get(event.number) ?? []), event.hash])
        // the last ones become final
        if (event.number === COUNT - 1) await test.rpc('anvil_mine', ['0x4'])
        if (++numbers === killAfter) child.kill('SIGKILL')
      }
    }
    const [code, signal] = await exit
    if (fault === undefined && killAfter === undefined) assert.equal(code, 0)
    else assert.equal(signal, 'SIGKILL', `the process ended by itself with code ${code}`)
  }

  const nonce = async () => Number(await test.rpc('eth_getTransactionCount', [anvilAccount(0).address, 'latest']))
  const pending = async () => Number(((await test.rpc('txpool_status')) as { pending: Hex }).pending)

  it('loses nothing and doubles nothing, wherever the process is killed', async () => {
    await live({ fault: 'after-journal:1' })
    assert.deepEqual([await nonce(), await pending()], [1, 0], 'it was written down, and not sent')
    await live({ fault: 'after-send:3' })
    assert.equal(await nonce(), 4, 'it landed, and nobody knows')

    await test.rpc('evm_setAutomine', [false])
    await live({ fault: 'after-send:4' })
    assert.deepEqual([await nonce(), await pending()], [4, 1], 'it waits in the pool')
    await test.rpc('evm_setAutomine', [true])
    await test.rpc('evm_mine')
    await live({ fault: 'after-receipt:6' })
    assert.equal(await nonce(), 7, 'its receipt was read, and not written down')
    await live({ fault: 'before-journal:8' })
    assert.equal(await nonce(), 8)
    // numbers that have landed are told at once, so this one dies somewhere in what is left
    await live({ killAfter: 8 + Math.floor(random() * 3) })
    await live()

    const logs = (await test.rpc('eth_getLogs', [{ address: contract, fromBlock: '0x0' }])) as {
      data: Hex
      transactionHash: Hex
    }[]
    assert.deepEqual(
      logs.map(({ data }) => Number(data)),
      Array.from({ length: COUNT }, (_, i) => i),
      'each once, in order',
    )
    assert.equal(await nonce(), COUNT, 'not a transaction more than there was to do')
    assert.deepEqual(
      [...told.keys()],
      logs.map(({ data }) => Number(data)),
    )
    for (const { data, transactionHash } of logs) {
      assert.deepEqual(
        new Set(told.get(Number(data))),
        new Set([transactionHash]),
        `every process told the truth of number ${Number(data)}`,
      )
    }
    assert.ok((told.get(0)?.length ?? 0) >= 6, 'by processes that had not sent it, too')
  })
})
