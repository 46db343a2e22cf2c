import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Sighting } from '../../../../src/avs/secondSelf/sighting.ts'
import { openSightings } from '../../../../src/node/secondSelf/file.ts'
import { resume } from '../../../../src/node/secondSelf/resume.ts'
import { lockDataDir } from '../../../../src/store/lock.ts'
import { Kind } from '../../../../src/types/statement.ts'
import { type LogLine, recordingLog } from '../../signer/fixtures.ts'

const sighting: Sighting = {
  ...{ at: 1_700_000_000_000, service: 'prices', contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3' },
  ...{ form: 'signature', conflicts: true, peer: 'peer-9', peerOperator: undefined },
  statement: {
    ...{ service: `0x${'01'.repeat(32)}`, kind: Kind.observe, epoch: 3n, slot: 77n, attempt: 0 },
    payload: `0x${'02'.repeat(32)}`,
  },
}

describe('sightings on file', () => {
  let folder: string
  let file: string
  let lines: LogLine[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-self-'))
    file = join(folder, 'second-self.json')
    lines = []
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const open = () => openSightings(file, recordingLog(lines))
  const errors = () => lines.filter(({ level }) => level === 'error').map(({ message }) => message)

  it('keep the first one, on disk at once, over restarts', () => {
    const sightings = open()
    assert.equal(sightings.current(), undefined)
    sightings.report(sighting)
    const seen = sightings.current()
    assert.match(
      seen?.reason ?? '',
      /peer peer-9 handed over a statement signed by it that the guard has another payload on record for/,
    )
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const text = readFileSync(file, 'utf8')
    sightings.report({ ...sighting, peer: 'peer-10' })
    assert.deepEqual([sightings.current(), readFileSync(file, 'utf8')], [seen, text])
    assert.match(errors().join(), /^signing has stopped: another instance/)
    assert.equal(JSON.parse(text).statement.slot, '77')

    assert.deepEqual(open().current(), seen)
    assert.match(errors().at(-1) ?? '', /^nothing is signed: another instance/)
    assert.deepEqual(readdirSync(folder), ['second-self.json'])
  })

  it('hold a node back when they cannot be read, and stop it when they cannot be written', () => {
    writeFileSync(file, '{"version":1')
    assert.match(open().current()?.reason ?? '', /is there and cannot be read/)
    rmSync(folder, { recursive: true })
    const sightings = open()
    sightings.report(sighting)
    assert.ok(sightings.current() !== undefined)
    assert.match(errors().at(-1) ?? '', /could not be written/)
  })

  describe('lariat resume', () => {
    const dataDir = () => join(folder, 'data')
    let config: string
    let said: string[]
    const terminal = (answer?: boolean) => ({
      interactive: answer !== undefined,
      out: (line: string) => void said.push(line),
      confirm: async () => answer === true,
    })
    beforeEach(() => {
      said = []
      lockDataDir(dataDir()).release()
      file = join(dataDir(), 'second-self.json')
      config = join(folder, 'node.yaml')
      for (const name of ['bls.json', 'password', 'deployment.json'])
        writeFileSync(join(folder, name), '', { mode: 0o600 })
      const keys = { keystore: './bls.json', passwordFile: './password' }
      writeFileSync(
        config,
        stringify({
          dataDir: './data',
          chain: {
            id: 31337,
            rpc: [{ url: 'http://127.0.0.1:1' }],
            deployment: './deployment.json',
            singleProvider: true,
          },
          operator: { address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' },
          keys: { bls: keys, ecdsa: keys },
          services: [
            {
              use: 'prices',
              contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
              feeds: [
                {
                  name: 'BTC/USD',
                  sources: ['coinbase', 'kraken', 'bitstamp'].map((venue) => ({ venue, symbol: 'BTC/USD' })),
                },
              ],
            },
          ],
        }),
      )
    })

    it('moves away what was seen, after asking, and the next start signs again', async () => {
      open().report(sighting)
      assert.equal(await resume({ config }, terminal(false)), 1)
      assert.ok(existsSync(file))
      assert.equal(await resume({ config }, terminal(true)), 0)
      assert.ok(!existsSync(file))
      assert.match(said.join('\n'), /another instance of this operator runs/)
      assert.match(said.join('\n'), /listened for 3 slots/)
      assert.equal(readdirSync(dataDir()).filter((name) => name.startsWith('second-self.json.')).length, 1)
      assert.equal(open().current(), undefined)
      assert.equal(await resume({ config }, terminal(false)), 0)
      assert.match(said.at(-1) ?? '', /Nothing holds this node back/)
    })

    it('asks at a terminal only, and not while the node runs', async () => {
      open().report(sighting)
      await assert.rejects(resume({ config }, terminal()), { code: 'usage.confirm' })
      const lock = lockDataDir(dataDir())
      try {
        await assert.rejects(resume({ config, yes: true }, terminal()), { code: 'store.locked' })
      } finally {
        lock.release()
      }
      assert.equal(await resume({ config, yes: true }, terminal()), 0)
      assert.ok(!existsSync(file))
    })
  })
})
