import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RewardsRoot } from '../../../../src/chain/rewards/roots.ts'
import { fillSource, openSource } from '../../../../src/chain/rewards/source.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import { createHttpClient } from '../../../../src/util/http.ts'

const root: RewardsRoot = {
  index: 7,
  root: `0x${'ab'.repeat(32)}`,
  endTimestamp: 1_763_769_600,
  activatedAt: 1_763_776_800,
  disabled: false,
}
const entry = JSON.stringify({
  earner: `0x${'1'.repeat(40)}`,
  token: `0x${'2'.repeat(40)}`,
  cumulative_amount: '3',
})

async function refused(loading: Promise<unknown>, code: string, what: RegExp): Promise<void> {
  await assert.rejects(loading, (error: unknown) => {
    assert.ok(error instanceof LariatError)
    assert.equal(error.code, code)
    assert.match(error.message, what)
    return true
  })
}

describe('sources of distributions', () => {
  let folder = ''
  let server: Server | undefined
  const http = createHttpClient()
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-rewards-'))
  })
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true })
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
    server = undefined
  })

  async function serve(answer: (path: string) => { status: number; body: string }): Promise<string> {
    server = createServer((request, response) => {
      const { status, body } = answer(request.url ?? '')
      response.writeHead(status).end(body)
    })
    const listening = server
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', () => resolve()))
    return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
  }

  it('have the facts of a root put into their braces', () => {
    const filled = fillSource('https://x.example/{date}/{index}-{root}/{end}.json?{index}', root)
    assert.equal(filled, `https://x.example/2025-11-22/7-0x${'ab'.repeat(32)}/1763769600.json?7`)
    assert.equal(fillSource('/data/all.json', root), '/data/all.json')
  })

  it('may be files', async () => {
    writeFileSync(join(folder, 'rewards-7.json'), entry)
    const { distribution, where } = await openSource(join(folder, 'rewards-{index}.json'), http).load(root)
    assert.equal(distribution.length, 1)
    assert.equal(where, join(folder, 'rewards-7.json'))
    await refused(
      openSource(join(folder, 'none.json'), http).load(root),
      'rewards.source',
      /none\.json.*ENOENT.*rewards\.source/,
    )
    writeFileSync(join(folder, 'bad.json'), '{}')
    await refused(openSource(join(folder, 'bad.json'), http).load(root), 'rewards.distribution', /bad\.json, line 1/)
  })

  it('may be URLs, whose secrets no error tells', async () => {
    const base = await serve((path) =>
      path.startsWith('/7.json') ? { status: 200, body: `${entry}\n` } : { status: 404, body: '' },
    )
    const { distribution, where } = await openSource(`${base}/{index}.json?key=secret`, http).load(root)
    assert.equal(distribution.length, 1)
    assert.equal(where, `${base}/7.json`)
    await assert.rejects(openSource(`${base}/none.json?key=secret`, http).load(root), (error: unknown) => {
      assert.ok(error instanceof LariatError)
      assert.equal(error.code, 'rewards.source')
      assert.match(error.message, /answered 404/)
      assert.doesNotMatch(error.message, /secret/)
      return true
    })
  })

  it('stop with the signal', async () => {
    const base = await serve(() => ({ status: 200, body: entry }))
    const reason = new Error('stopping')
    await assert.rejects(openSource(`${base}/x`, http).load(root, AbortSignal.abort(reason)), reason)
  })
})
