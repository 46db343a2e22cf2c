import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createManagedProcess, type Exited } from '../../../src/testnet/process.ts'
import { eventually } from '../../support/eventually.ts'
import { alive } from '../../support/processes.ts'

describe('processes of a testnet', () => {
  let folder: string
  let logFile: string
  const unexpected: Exited[] = []
  const script = (code: string) =>
    createManagedProcess({
      name: 'test',
      command: { file: process.execPath, args: ['-e', code] },
      logFile,
      onUnexpectedExit: (exited) => void unexpected.push(exited),
    })
  const says = (text: string) => eventually(async () => (await readFile(logFile, 'utf8')).includes(text), `no ${text}`)

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-process-'))
    logFile = join(folder, 'log')
    unexpected.length = 0
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('are killed, started again, and log on in the same file', async () => {
    const managed = script('console.log("up"); setInterval(() => {}, 1000)')
    await managed.start()
    const first = managed.pid()
    assert.ok(first !== undefined)
    await assert.rejects(managed.start(), /runs already/)
    await says('up\n')
    assert.deepEqual(await managed.kill('SIGKILL'), { code: null, signal: 'SIGKILL' })
    assert.equal(managed.pid(), undefined)
    assert.equal(alive(first), false)
    await managed.start()
    await says('up\nup\n')
    assert.deepEqual(await managed.stop(5_000), { code: null, signal: 'SIGTERM' })
    assert.equal(await managed.stop(5_000), undefined)
    assert.deepEqual(unexpected, [])
  })

  it('that do not stop when told are killed', async () => {
    const managed = script('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)')
    await managed.start()
    await says('up')
    assert.deepEqual(await managed.stop(50), { code: null, signal: 'SIGKILL' })
  })

  it('that end by themselves are told of, with their last words in the log', async () => {
    const managed = script('console.error("cannot go on"); process.exitCode = 3')
    await managed.start()
    await eventually(() => unexpected.length > 0, 'nothing was told')
    assert.deepEqual(unexpected, [{ code: 3, signal: null }])
    await says('cannot go on')
    assert.equal(managed.pid(), undefined)
  })

  it('that cannot be started are an error', async () => {
    const managed = createManagedProcess({
      name: 'test',
      command: { file: join(folder, 'none'), args: [] },
      logFile,
      onUnexpectedExit: () => {},
    })
    await assert.rejects(managed.start(), /test cannot be started/)
  })

  it('notice when the process that started them has gone', async () => {
    const module = fileURLToPath(new URL('../../../src/testnet/parent.ts', import.meta.url))
    const child = `import(${JSON.stringify(module)}).then(({ followParent }) => {
      followParent(() => process.exit(0)); setInterval(() => {}, 1000); console.log(process.pid) })`
    const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
      setInterval(() => {}, 1000)`
    const between = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(between.stdout, 'data')
    const pid = Number(String(line))
    assert.ok(alive(pid))
    between.kill('SIGKILL')
    await eventually(() => !alive(pid), 'it runs on')
  })
})
