import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LaterPhase, link, loadArtifacts, loadArtifactsOf } from '../../../src/testnet/artifacts.ts'
import { systemClock } from '../../../src/util/clock.ts'
import type { LariatError } from '../../../src/util/errors.ts'
import type { Address } from '../../../src/util/hex.ts'

describe('compiled contracts', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-artifacts-'))
    await writeFile(
      join(folder, 'Linked.json'),
      JSON.stringify({
        abi: [{ type: 'constructor' }],
        bytecode: `0x6001${'__$aaaa$__'.padEnd(40, '_')}60${'__$aaaa$__'.padEnd(40, '_')}`,
        linkReferences: { 'contracts/a.sol': { Lib: [2, 23].map((start) => ({ start, length: 20 })) } },
      }),
    )
  })
  after(() => rm(folder, { recursive: true }))

  it('are linked with their libraries', async () => {
    const artifact = (await loadArtifacts(folder)).get('Linked')
    const lib: Address = `0x${'Ab'.repeat(20)}`
    assert.equal(link(artifact, new Map([['Lib', lib]])), `0x6001${'ab'.repeat(20)}60${'ab'.repeat(20)}`)
    assert.throws(() => link(artifact, new Map()), /library Lib has no address/)
  })

  it('that are still being compiled are waited for while somebody compiles them', async () => {
    const { signal } = new AbortController()
    const building = join(folder, 'building')
    const of = (phase: LaterPhase) => loadArtifactsOf(phase, folder, systemClock, signal)
    await writeFile(building, `${process.pid} lrt randomness`)
    const [lrt, randomness] = [of('lrt'), of('randomness')]
    const write = (name: string) =>
      writeFile(join(folder, name), JSON.stringify({ abi: [], bytecode: '0x', linkReferences: {} }))
    await write('Late.json')
    await writeFile(building, `${process.pid} randomness`)
    const withLrt = await lrt
    assert.equal(withLrt.get('Late').bytecode, '0x')
    await write('Last.json')
    await rm(building)
    assert.equal((await randomness).get('Last').bytecode, '0x')
    assert.throws(() => withLrt.get('Last'), { code: 'testnet.artifacts' })
    await Promise.all(['Late.json', 'Last.json'].map((name) => rm(join(folder, name))))

    const { pid } = spawnSync(process.execPath, ['--version'])
    for (const builder of [String(pid), '', 'x']) {
      await writeFile(building, `${builder} randomness`)
      await assert.rejects(of('randomness'), { code: 'testnet.artifacts' })
      await of('lrt')
    }
    await rm(building)
  })

  it('must be there and be whole', async () => {
    const code = (error: LariatError) => error.code === 'testnet.artifacts' && /npm run build/.test(error.message)
    await assert.rejects(loadArtifacts(join(folder, 'none')), code)
    const artifacts = await loadArtifacts(folder)
    assert.throws(() => artifacts.get('Other'), code)
    await writeFile(join(folder, 'Broken.json'), '{"abi": []}')
    await assert.rejects(loadArtifacts(folder), code)
  })
})
