import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { freePorts, portsFrom } from '../../../src/testnet/ports.ts'
import type { LariatError } from '../../../src/util/errors.ts'

describe('ports of a testnet', () => {
  const all = (ports: ReturnType<typeof portsFrom>) => [
    ports.chain,
    ports.venues,
    ...ports.nodes.flatMap(({ api, p2p }) => [api, p2p]),
    ...ports.signers,
    ports.away,
  ]

  it('are consecutive from a base', () => {
    const nine = Array.from({ length: 9 }, (_, i) => 9_000 + i)
    assert.deepEqual(all(portsFrom(9_000, 3)), nine)
    assert.deepEqual(all(portsFrom(9_000, 2, 2)), nine)
  })

  it('must all exist', () => {
    assert.equal(all(portsFrom(65_525, 4)).at(-1), 65_535)
    assert.throws(
      () => portsFrom(65_526, 4),
      (error: LariatError) => error.code === 'testnet.ports',
    )
  })

  it('are free ones unless there is a base', async () => {
    const ports = all(await freePorts(4))
    assert.equal(new Set(ports).size, 11)
    for (const port of ports) {
      const server = createServer()
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, '127.0.0.1', resolve)
      })
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
