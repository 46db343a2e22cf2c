import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { startAnvil } from '../../../src/testnet/anvil.ts'
import { eventually } from '../../support/eventually.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

async function rpc(url: string, method: string): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return ((await response.json()) as { result: unknown }).result
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('anvil as the testnet starts it', () => {
  it('answers on a free port with the chain id it was given, and is gone after stop', async () => {
    const anvil = await startAnvil({ chainId: 4_242 })
    try {
      assert.equal(await rpc(anvil.rpcUrl, 'eth_chainId'), '0x1092')
      assert.ok(alive(anvil.pid))
    } finally {
      await anvil.stop()
    }
    assert.ok(!alive(anvil.pid))
  })

  it('tells of an end that nobody ordered', async () => {
    const ended = Promise.withResolvers<string>()
    const anvil = await startAnvil({ onUnexpectedExit: ended.resolve })
    process.kill(anvil.pid, 'SIGKILL')
    assert.equal(await ended.promise, 'SIGKILL')
    await anvil.stop()
  })

  it('says why it did not start', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    try {
      assert.ok(address !== null && typeof address === 'object')
      await assert.rejects(startAnvil({ port: address.port }), { code: 'testnet.anvil', message: /exit code|in use/ })
    } finally {
      server.close()
    }
  })

  it('dies with a parent that is killed', async () => {
    const script = `
      const { startAnvil } = await import(${JSON.stringify(resolve(ROOT, 'src/testnet/anvil.ts'))})
      const anvil = await startAnvil({ blocks: 1 })
      process.stdout.write(anvil.pid + '\\n')
    `
    const parent: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    assert.ok(parent.stdout !== null)
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    assert.ok(alive(pid))
    parent.kill('SIGKILL')
    await eventually(() => !alive(pid), 'anvil outlives its parent')
  })
})
