import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFunctionData } from 'viem'
import { randomnessBeaconAbi } from '../../src/avs/randomness/abi/randomnessBeacon.ts'
import { files } from '../../src/node/files.ts'
import { openEcdsaSecret } from '../../src/signer/ecdsa.ts'
import { localClient } from '../../src/testnet/batch.ts'
import { beaconWords } from '../../src/testnet/beaconWatch.ts'
import { startTestnet, type Testnet } from '../../src/testnet/launcher.ts'
import type { TestnetNode } from '../../src/testnet/nodes.ts'
import { beaconFigures } from '../../src/testnet/summary.ts'
import { syntheticSeries } from '../../src/testnet/venues/synthetic.ts'
import { type Address, type Hex, hexToBytes } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import { Secret } from '../../src/util/secret.ts'
import { BUNDLE, DIST, needBundle } from '../support/bundle.ts'
import { lariat } from '../support/cli.ts'
import type { Seen } from '../support/drandChild.ts'
import { eventually } from '../support/eventually.ts'
import { reportSchema, summarySchema } from '../support/history.ts'
import { type LyingProxy, lyingProxy } from '../support/lyingProxy.ts'
import { checksOf } from '../support/nodePages.ts'
import { alive, processesOf } from '../support/processes.ts'
import { filesIn, leaksIn, spellings } from '../support/secretSearch.ts'
import { secretsInVault } from '../support/vaultSecrets.ts'

/** Consecutive rounds of one second that drand's client reads. */
const ROUNDS = 100
const CHILD = join(import.meta.dirname, '../support/drandChild.ts')
const SOURCE = '--conditions=source'
/** Two sessions of key generation, in case the first one fails. */
const KEY_MS = 240_000
const HEALTHY_MS = 90_000

interface Answer {
  readonly round: number
  readonly randomness: string
  readonly signature: string
}

describe('the randomness beacon of a testnet, as processes', function () {
  this.timeout(600_000)
  const ending = new AbortController()
  let parent: string
  let testnet: Testnet
  let hash = ''
  let proxy: LyingProxy
  /** What drand's and tlock's clients saw. */
  let seen: Promise<Seen>
  /** Secrets that an operator's vault ever had, in hexadecimal. */
  const ever = { encryption: new Set<string>(), seeds: new Set<string>(), shares: new Set<string>() }

  const node = (i: number): TestnetNode => {
    const found = testnet.nodes[i]
    assert.ok(found !== undefined)
    return found
  }
  const api = (i: number) => node(i).operator.api
  const get = async (url: string): Promise<unknown> => {
    const response = await fetch(url)
    assert.equal(response.status, 200, url)
    return response.json()
  }
  const roundOf = async (i: number, round: number | 'latest') =>
    (await get(`${api(i)}/${hash}/public/${round}`)) as Answer
  const fact = async () => {
    await testnet.beacon?.look()
    return testnet.beacon?.fact()
  }
  /** Until it holds: a node that starts, or a connection that has just been closed, does not answer. */
  const until = (probe: () => Promise<boolean>, otherwise: string, timeoutMs: number) =>
    eventually(() => probe().catch(() => false), otherwise, timeoutMs)

  before(async () => {
    needBundle()
    parent = await mkdtemp(join(tmpdir(), 'lariat-beacon-'))
    testnet = await startTestnet({
      lariat: { file: process.execPath, args: [BUNDLE] },
      artifacts: join(DIST, 'artifacts'),
      operators: 4,
      remoteSigners: 1,
      series: syntheticSeries({ seed: 7 }),
      speed: 10,
      interval: 2,
      beacon: { period: 1 },
      folder: join(parent, 'net'),
      signal: ending.signal,
    })
  })
  after(async function () {
    ending.abort()
    await proxy?.close()
    await testnet?.stop()
    // a test that was not reached has no state
    const failed = this.test?.parent?.tests.some(({ state }) => state !== 'passed')
    if (failed) process.stderr.write(`logs of the testnet are in ${parent}\n`)
    else await rm(parent, { recursive: true, force: true })
  })

  /** Remembers what the vaults have now. */
  async function remember(): Promise<void> {
    const { genesisHash } = JSON.parse(await readFile(join(testnet.folder, 'deployment.json'), 'utf8'))
    const { randomness } = testnet.summary
    assert.ok(randomness !== null)
    for (const { operator } of testnet.nodes) {
      const password = await readFile(join(operator.folder, 'keys', 'shares-password.txt'), 'utf8')
      const found = await secretsInVault(
        join(files(join(operator.folder, 'data')).shares, 'randomness'),
        {
          ...{ chainId: 31_337, genesisHash, keyGeneration: randomness.keyGeneration },
          operator: operator.account.address,
        },
        new Secret(password.trim()),
      )
      for (const kind of ['encryption', 'seeds', 'shares'] as const) {
        for (const secret of found[kind]) ever[kind].add(Buffer.from(secret).toString('hex'))
      }
    }
  }

  it('generates a key, although a daemon is killed while dealings are posted, and comes back', async () => {
    const isDealing = async () => / so far$/.test((await fact())?.session?.phase ?? '')
    await until(isDealing, 'no session of key generation was opened', KEY_MS)
    await node(1).kill('SIGKILL')
    assert.ok(await isDealing(), beaconWords(testnet.beacon?.fact()))
    await remember()
    await node(1).restart()
    await until(async () => (await fact())?.chain !== undefined, 'no key is generated', KEY_MS).catch((error) =>
      assert.fail(`${error.message}: ${beaconWords(testnet.beacon?.fact())}`),
    )
    const { chain } = testnet.beacon?.fact() ?? {}
    hash = chain?.hash.slice(2) ?? ''
    assert.equal(hash.length, 64)
    await remember()
    const chains = () => Promise.all(testnet.nodes.map(async (_, i) => get(`${api(i)}/chains`)))
    await until(async () => (await chains()).every((list) => String(list) === hash), 'a node has no chain', 30_000)
  })

  it('makes rounds, which drand’s client begins to read', async () => {
    proxy = await lyingProxy(api(0))
    const isThere = async () => ((await fact())?.chain?.round ?? 0) >= 2
    await until(isThere, 'no rounds are made', HEALTHY_MS)
    await remember()
    const child = spawn(process.execPath, [SOURCE, CHILD, api(0), proxy.url, hash, `${ROUNDS}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
    seen = once(child, 'close').then(([code]) => {
      assert.equal(code, 0)
      return JSON.parse(text) as Seen
    })
    seen.catch(() => {}) // told by the test that waits for it
  })

  it('tells of its contracts and APIs in the summary', () => {
    const { randomness } = summarySchema.parse(testnet.summary)
    assert.equal(randomness?.period, 1)
    assert.deepEqual(
      randomness?.drand,
      testnet.nodes.map((_, i) => api(i)),
    )
    const chain = beaconFigures(testnet.beacon?.fact())
    assert.equal(chain?.hash, hash)
    reportSchema.shape.randomness.parse({ ...randomness, chain })
  })

  it('has every node well, with both services and its key in a remote signer or not', async () => {
    for (const i of testnet.nodes.keys()) {
      const isWell = async () => (await checksOf(api(i))).filter(({ ok }) => !ok)
      let ill = await isWell()
      await until(
        async () => {
          ill = await isWell()
          return ill.length === 0
        },
        'a self-check complains',
        HEALTHY_MS,
      ).catch((error) => assert.fail(`${error.message}: ${api(i)} ${JSON.stringify(ill)}`))
      const names = (await checksOf(api(i))).map(({ name }) => name)
      for (const service of ['prices', 'randomness']) assert.ok(names.includes(`${service}: membership`))
    }
    for (const i of [0, 3]) {
      const { code, stdout } = await lariat('doctor', '--config', node(i).operator.configFile)
      assert.equal(code, 0, stdout)
      assert.match(stdout, /randomness/)
    }
  })

  it('is read and verified with lariat randomness', async () => {
    const url = ['--url', api(2)]
    const info = await lariat('randomness', 'info', ...url)
    assert.equal(info.code, 0, info.stderr)
    assert.match(info.stdout, new RegExp(`^chain hash +${hash}$`, 'm'))
    const { round } = await roundOf(0, 'latest')
    const got = await lariat('randomness', 'get', `${round}`, '--chain', hash, '--json', ...url)
    assert.equal(got.code, 0, got.stderr)
    const { signature, randomness } = JSON.parse(got.stdout) as Answer
    assert.deepEqual(await roundOf(1, round), { round, randomness, signature })
    const verified = await lariat('randomness', 'verify', `${round}`, signature, ...url)
    assert.deepEqual([verified.code, verified.stdout.includes(randomness)], [0, true], verified.stderr)
    assert.equal((await lariat('randomness', 'verify', `${round + 1}`, signature, ...url)).code, 1)
    const other = await lariat('randomness', 'get', '--chain', 'ab'.repeat(32), ...url)
    assert.notEqual(other.code, 0)
    const lied = await lariat('randomness', 'get', `${round}`, '--url', proxy.url)
    assert.equal(lied.code, 1)
    assert.match(lied.stderr, /does not verify/)
  })

  it('is asked for by a contract, which one of the nodes calls back with the round, for a fee', async () => {
    const { randomness, rpcUrl } = testnet.summary
    assert.ok(randomness !== null)
    const client = localClient(rpcUrl)
    // a contract that accepts whatever it is called with
    const consumer: Address = `0x${'c0'.repeat(20)}`
    const fee = 10n ** 17n
    const send = (method: string, ...params: unknown[]) => client.request({ method, params } as never)
    await send('anvil_setCode', consumer, '0x00')
    await send('anvil_setBalance', consumer, `0x${(10n ** 18n).toString(16)}`)
    await send('anvil_impersonateAccount', consumer)
    const contract = { address: randomness.beacon, abi: randomnessBeaconAbi } as const
    const { request } = await client.simulateContract({
      ...{ ...contract, functionName: 'request', args: [0n, 100_000], account: consumer, value: fee },
    })
    await client.waitForTransactionReceipt({
      hash: (await send('eth_sendTransaction', {
        ...{ from: consumer, to: randomness.beacon, value: `0x${fee.toString(16)}` },
        data: encodeFunctionData(request),
      })) as Hex,
    })
    const fulfilled = () => client.getContractEvents({ ...contract, eventName: 'RandomnessFulfilled', fromBlock: 0n })
    await until(async () => (await fulfilled()).length > 0, 'nobody calls back', HEALTHY_MS)
    const [asked] = await client.getContractEvents({ ...contract, eventName: 'RandomnessRequested', fromBlock: 0n })
    const [answer, ...more] = await fulfilled()
    assert.deepEqual(more, [])
    const { success, randomness: given, deliverer } = answer?.args ?? {}
    const { id, round } = asked?.args ?? {}
    assert.ok(id !== undefined && round !== undefined && success === true)
    const { randomness: made } = await roundOf(0, Number(round))
    assert.equal(given, await client.readContract({ ...contract, functionName: 'derive', args: [id, `0x${made}`] }))
    const operators = testnet.nodes.map(({ operator }) => operator.account.address)
    assert.ok(deliverer !== undefined && operators.includes(deliverer))
  })

  it('lets no secret into any file of any operator, logs and databases and all', async () => {
    await remember()
    const keys = await Promise.all(
      testnet.nodes.map(({ operator: { folder } }) => {
        const [keystore, passwordFile] = ['ecdsa.json', 'password.txt'].map((name) => join(folder, 'keys', name))
        return openEcdsaSecret({ keystore: keystore ?? '', passwordFile: passwordFile ?? '' }, silentLog)
      }),
    )
    const { encryption, seeds, shares } = ever
    assert.ok(encryption.size >= 4 && seeds.size >= 3 && shares.size >= 3)
    const secrets = [
      ...[...encryption, ...seeds, ...shares].map((hex) => hexToBytes(`0x${hex}`)),
      ...testnet.nodes.map(({ operator }) => operator.bls.reveal()),
      ...keys.map((key) => key.reveal()),
    ]
    for (const secret of secrets) assert.equal(secret.length, 32)
    for (const { operator } of testnet.nodes) {
      const names = filesIn(operator.folder).map((file) => file.slice(operator.folder.length + 1))
      for (const name of ['data/guard.sqlite', 'data/data.sqlite', 'data/shares/randomness/vault.json', 'node.log']) {
        assert.ok(names.includes(name), `${operator.name} has no ${name}`)
      }
    }
    assert.ok(filesIn(testnet.folder).includes(join(node(3).operator.folder, 'signer', 'signer.log')))
    assert.deepEqual(leaksIn(testnet.folder, secrets), [])
    // that it would be found, however it was written
    const shelf = join(node(0).operator.folder, 'data', 'shares')
    const leak = join(shelf, 'leak')
    for (const spelling of spellings(secrets.at(-1) ?? new Uint8Array())) {
      await writeFile(leak, Buffer.concat([Buffer.from('x'), spelling, Buffer.from('x')]))
      assert.deepEqual(leaksIn(shelf, secrets), [leak])
    }
    assert.deepEqual(leaksIn(testnet.folder, secrets), [leak])
    await rm(leak)
  })

  it('is read by drand’s client unmodified, a hundred rounds on end, which refuses one that was changed', async () => {
    const { rounds, hash: told, health, past, tampered, early, opened } = await seen
    const [first = 0] = rounds
    assert.deepEqual(
      rounds,
      Array.from({ length: ROUNDS }, (_, i) => first + i),
    )
    assert.deepEqual([told, health, past, opened], [hash, 200, 2, 'sealed bid'])
    assert.match(tampered, /not valid/)
    assert.ok(proxy.lies() > 0)
    assert.notEqual(early, '')

    const last = rounds.at(-1) ?? 0
    for (let round = 1; round <= last; round++) {
      const answers = await Promise.all(testnet.nodes.map((_, i) => roundOf(i, round)))
      for (const answer of answers) assert.deepEqual(answer, answers[0])
    }
  })

  it('goes on with prices, and leaves nothing running', async () => {
    const { rounds } = testnet.collector.facts()
    const newest = [...rounds.values()].reduce((latest, { triggeredAt }) => Math.max(latest, triggeredAt), 0)
    assert.ok(Date.now() - newest < 20_000, 'no prices are certified any more')
    assert.deepEqual(testnet.problems, [])
    const before = processesOf(testnet.folder)
    assert.equal(before.length, 5) // and a signer
    await testnet.stop()
    assert.deepEqual(before.filter(alive), [])
  })
})
