import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createMetrics } from '../../src/metrics/registry.ts'
import { files } from '../../src/node/files.ts'
import { openOperatorKeys } from '../../src/node/operatorKeys.ts'
import { createCertificates } from '../../src/node/signer/certificates.ts'
import { SKEW_MARGIN_MS } from '../../src/signer/guard.ts'
import { createBlsKeystore } from '../../src/signer/keystore/bls.ts'
import type { OperatorKeys } from '../../src/signer/operatorKeys.ts'
import { memoryGuardStore } from '../../src/store/memory.ts'
import { openGuardStore } from '../../src/store/sqlite/guard.ts'
import type { GuardStore } from '../../src/store/store.ts'
import { systemClock } from '../../src/util/clock.ts'
import { silentLog } from '../../src/util/log.ts'
import { Secret } from '../../src/util/secret.ts'
import { needBundle } from '../support/bundle.ts'
import { launch, launchWith } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { bytes32, domain, operator, request, secret } from '../unit/signer/fixtures.ts'

/** ms. Each process runs on from what the machine's clock showed when it started. */
const CLOCKS_DIFFER_MS = 25
const PASSWORD = 'a-password-nobody-should-see'

describe('lariat signer as a process of its own', function () {
  this.timeout(60_000)
  let folder: string
  let config: string
  let signer: ChildProcess | undefined
  let printed = ''
  /** ms since the epoch; of every request to the signer that runs */
  let triggeredAt = 0
  const dataDir = () => join(folder, 'data')

  before(async () => {
    needBundle()
    folder = mkdtempSync(join(tmpdir(), 'lariat-signer-'))
    const at = (name: string) => join(folder, name)
    writeFileSync(at('password'), `${PASSWORD}\n`, { mode: 0o600 })
    const password = new Secret<string>(PASSWORD)
    await createBlsKeystore({ file: at('bls.json'), password, secret, strength: 'devnet' })
    await createCertificates(folder, ['127.0.0.1'], Date.now())
    config = at('signer.yaml')
    writeFileSync(
      config,
      stringify({
        dataDir: './data',
        listen: { port: 0 },
        tls: { ca: './node.crt', cert: './signer.crt', key: './signer.key' },
        operator: { address: operator },
        chain: { id: domain.chainId, genesisHash: domain.genesisHash },
        contracts: [domain.serviceManager],
        keys: { bls: { keystore: './bls.json', passwordFile: './password' } },
      }),
    )
  })
  after(async () => {
    await kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  function launchSigner() {
    const running = launch('signer', '--config', config)
    const ended = running.ended.then(({ code, stdout, stderr }) => {
      printed += stdout + stderr
      return code
    })
    return { child: running.child, ended, out: running.text }
  }

  /** Starts the signer; its address once it listens, and signs what was triggered at `triggeredAt`. */
  async function start(): Promise<string> {
    const { child, out } = launchSigner()
    signer = child
    await eventually(() => out().includes('"the signer listens"'), 'the signer does not start', 30_000)
    const { pid, url } = JSON.parse(readFileSync(files(dataDir()).signer, 'utf8'))
    assert.equal(pid, child.pid)
    // Its floor is a margin after its start, and it takes nothing that lies more than a margin ahead. Between the two there is as
    // much as has passed since it started: more than the clocks of two processes differ by.
    const listening = systemClock.now()
    triggeredAt = listening + SKEW_MARGIN_MS + CLOCKS_DIFFER_MS
    await eventually(() => systemClock.now() > listening + 2 * CLOCKS_DIFFER_MS, 'the clock stands still')
    return url
  }

  async function kill(how: NodeJS.Signals): Promise<number | null> {
    if (signer === undefined || signer.exitCode !== null || signer.signalCode !== null) return null
    const ended = once(signer, 'close')
    signer.kill(how)
    const [code] = await ended
    return code
  }

  /** A node with this configuration; its record is empty unless given. */
  async function node(url: string, store: GuardStore = memoryGuardStore()) {
    const tls = { ca: join(folder, 'signer.crt'), cert: join(folder, 'node.crt'), key: join(folder, 'node.key') }
    const { chainId, genesisHash } = domain
    const keys: OperatorKeys = await openOperatorKeys({
      config: {
        keys: {} as never,
        signer: { url, tls },
        operator: { address: operator, servedElsewhere: [] },
        chain: { id: chainId } as never,
      },
      genesisHash,
      clock: systemClock,
      log: silentLog,
      metrics: createMetrics(),
    })
    const clock = systemClock
    // the node has run for a while
    const options = { domain, operator, store, clock, log: silentLog, metrics: createMetrics(), startedAt: 0 }
    return { keys, signer: keys.signer(options) }
  }

  it('does not start without its record, which is made once, by hand', async () => {
    const { ended, out } = launchSigner()
    assert.equal(await ended, 6, out())
    assert.match(out(), /lariat guard create/)
    openGuardStore(files(dataDir()).guard, { create: true }).close()
  })

  it('keeps the law when it is killed and started again, for a node that has forgotten everything', async () => {
    let { keys, signer: first } = await node(await start())
    const slots = Array.from({ length: 20 }, (_, i) => BigInt(100 + i))
    const signatures = await Promise.all(slots.map((slot) => first.sign(request({ slot }, { triggeredAt }))))
    keys.close()
    await kill('SIGKILL')

    const again = await node(await start())
    keys = again.keys
    for (const [i, slot] of slots.entries()) {
      const stolen = (await node(JSON.parse(readFileSync(files(dataDir()).signer, 'utf8')).url)).signer
      await assert.rejects(stolen.sign(request({ slot, payload: bytes32(0xb) }, { triggeredAt })), {
        code: 'guard.conflict',
      })
      assert.deepEqual(await again.signer.sign(request({ slot }, { triggeredAt })), signatures[i])
      if (i === 4) break
    }
    keys.close()
  })

  it('is refused a second time on one data folder', async () => {
    const second = launchSigner()
    assert.equal(await second.ended, 3, second.out())
    assert.match(second.out(), /in use by another lariat process/)
  })

  it('stops when it is told to, and has printed no secret', async () => {
    assert.equal(await kill('SIGTERM'), 0)
    assert.match(printed, /lariat signer has stopped/)
    const key = readFileSync(join(folder, 'signer.key'), 'utf8')
    for (const hidden of [PASSWORD, Buffer.from(secret.reveal()).toString('hex'), key.split('\n')[1] ?? '']) {
      assert.ok(hidden.length > 8 && !printed.includes(hidden))
    }
  })

  it('takes its password from a file descriptor', async () => {
    const right = readFileSync(config, 'utf8')
    writeFileSync(config, right.replace(/passwordFile: .*/, 'passwordFd: 3'))
    try {
      const wrong = launchWith('another-password\n', 'signer', '--config', config)
      assert.equal((await wrong.ended).code, 4, wrong.text())
      assert.match(wrong.text(), /the password of file descriptor 3 does not open it/)
      const running = launchWith(`${PASSWORD}\n`, 'signer', '--config', config)
      await eventually(() => running.text().includes('"the signer listens"'), 'the signer does not start', 30_000)
      running.child.kill('SIGTERM')
      assert.equal((await running.ended).code, 0)
      assert.ok(!running.text().includes(PASSWORD))
    } finally {
      writeFileSync(config, right)
    }
  })

  it('tells what is wrong with its configuration, and with its certificates', async () => {
    const right = readFileSync(config, 'utf8')
    const cases: [edit: (text: string) => string, code: number, message: RegExp][] = [
      [(text) => `${text}colour: red\n`, 2, /signer\.yaml.*colour.*unknown key/],
      [(text) => text.replace(/contracts:\n.*\n/, ''), 2, /contracts.*missing/],
      [(text) => text.replace('./signer.key', './node.key'), 4, /node\.key: it is not the key of .*signer\.crt/],
      [(text) => text.replace('./signer.crt', './password'), 4, /password: it is not a certificate/],
      [(text) => text.replace(/passwordFile: .*/, 'passwordFd: 77'), 4, /file descriptor 77: cannot be read/],
      [
        (text) => text.replace(/ *passwordFile: .*\n/, ''),
        4,
        /bls\.json: its password is wanted, and nobody is at a terminal/,
      ],
      [(text) => text.replace(/( *)passwordFile: .*\n/, '$&$1passwordFd: 3\n'), 2, /there is a passwordFile too/],
    ]
    try {
      for (const [edit, code, message] of cases) {
        writeFileSync(config, edit(right))
        const { ended, out } = launchSigner()
        assert.equal(await ended, code, out())
        assert.match(out(), message)
      }
    } finally {
      writeFileSync(config, right)
    }
  })
})
