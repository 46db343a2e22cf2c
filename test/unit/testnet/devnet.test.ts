import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAddress } from 'viem/accounts'
import type { Deployment } from '../../../src/chain/deployment.ts'
import {
  findNetworkFile,
  type NetworkFile,
  readNetworkFile,
  writeNetworkFile,
} from '../../../src/testnet/devnet/networkFile.ts'
import { untilNamed } from '../../../src/testnet/devnet/operator.ts'
import { statusServer } from '../../../src/testnet/devnet/statusServer.ts'
import type { KnownOperator } from '../../../src/testnet/operators.ts'
import { loopbackPlace, ownPlace } from '../../../src/testnet/places.ts'
import { SimClock } from '../../../src/util/simclock.ts'

const address = (n: number) => privateKeyToAddress(`0x${n.toString(16).padStart(64, '0')}`)

function operator(number: number): KnownOperator {
  const place = ownPlace(`net-operator-${number}`)
  return {
    ...{ name: `operator-${number}`, account: { address: address(number) }, identity: { peerId: `peer-${number}` } },
    ...{ multiaddr: place.announce, api: place.url },
  }
}
const OPERATORS = [1, 2, 3].map(operator)

describe('places of nodes', () => {
  it('are ports of one address, or host names', () => {
    const { listen, announce, url, loopback } = loopbackPlace({ api: 1, p2p: 2 })
    assert.deepEqual([listen, announce, url, loopback], ['/ip4/127.0.0.1/tcp/2', listen, 'http://127.0.0.1:1', true])
    const own = ownPlace('net-operator-3')
    assert.equal(own.announce, '/dns4/net-operator-3/tcp/9510')
    assert.equal(own.url, 'http://net-operator-3:9520')
    assert.ok(!own.loopback)
  })
})

describe('which operator a container is', () => {
  it('is the one whose announced name has its address', async () => {
    const names = new Map([1, 2].map((n) => [`net-operator-${n}`, `172.18.0.${n + 1}`]))
    const addressOf = async (host: string) => names.get(host)
    const own = () => new Set(['172.18.0.3'])
    const found = await untilNamed(OPERATORS, { clock: new SimClock(), addressOf, own })
    assert.equal(found.name, 'operator-2')
  })

  it('is waited for while its name is not known yet, and not for ever', async () => {
    const clock = new SimClock()
    let known = false
    const own = () => new Set(['172.18.0.4'])
    const addressOf = async (host: string) => (known && host === 'net-operator-1' ? '172.18.0.4' : undefined)
    const found = untilNamed(OPERATORS, { clock, addressOf, own })
    await clock.advance(1_000)
    known = true
    await clock.advance(1_000)
    assert.equal((await found).name, 'operator-1')

    known = false
    const nobody = assert.rejects(untilNamed(OPERATORS, { clock, addressOf, own }), {
      code: 'testnet.nobody',
      message: /net-operator-1, net-operator-2, net-operator-3/,
    })
    await clock.advance(20_000)
    await nobody
  })
})

describe('network.json', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-network-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const core = {
    ...{ delegationManager: address(1), strategyManager: address(2), allocationManager: address(3) },
    ...{ permissionController: address(4), rewardsCoordinator: address(5), keyRegistrar: address(6) },
  }
  const lst = { symbol: 'stETH', kind: 'steth', token: address(7), pool: address(8), strategy: address(9) } as const
  const lrt = { vault: address(10), token: address(11), rateFeed: address(12), lens: address(13) }
  const deployment: Deployment = {
    ...{ version: 2, name: 'testnet', chainId: 31_337, genesisHash: `0x${'ab'.repeat(32)}`, startBlock: 0, core },
    ...{ strategies: [{ token: address(7), strategy: address(9), symbol: 'stETH' }], lsts: [lst], lrt },
    services: { prices: address(14) },
  }
  const end = (n: number) => ({
    ...{ chainId: 31_336 + n, domain: 31_336 + n, mailbox: address(20 + n), hook: address(30 + n) },
    ...{ ism: address(40 + n), route: address(50 + n), from: BigInt(n) },
  })
  const network: NetworkFile = {
    rpcUrl: 'http://chain:8545',
    deployed: {
      ...{ deployment, priceFeeds: address(14), token: address(15), strategy: address(16), rewardToken: address(17) },
      restaking: { core, lsts: [{ ...lst, amount: 10n ** 20n }], lrt },
    },
    randomness: { service: address(60), beacon: address(61), keyGeneration: address(62) },
    bridge: { service: address(63), fraud: address(64), stake: end(1), away: end(2), awayUrl: 'http://chain-b:8545' },
    operators: OPERATORS,
  }

  it('is read as it was written', async () => {
    assert.equal(await findNetworkFile(folder), undefined)
    await assert.rejects(readNetworkFile(folder), { code: 'testnet.network', message: /devnet deploy/ })
    await writeNetworkFile(folder, network)
    assert.deepEqual(await readNetworkFile(folder), { version: 1, ...network })
  })

  it('has nothing of an operator but what everybody may know', async () => {
    const bls = { reveal: () => 'secret' }
    const [first] = OPERATORS
    assert.ok(first !== undefined)
    await writeNetworkFile(folder, { ...network, operators: [{ ...first, ...{ bls, folder: '/x' } }] })
    const { operators } = JSON.parse(await readFile(join(folder, 'network.json'), 'utf8'))
    assert.deepEqual(Object.keys(operators[0]), ['name', 'account', 'identity', 'multiaddr', 'api'])
  })

  it('of another version is refused with what to do', async () => {
    await writeFile(join(folder, 'network.json'), '{"version":0}')
    await assert.rejects(findNetworkFile(folder), { code: 'testnet.network', message: /--volumes/ })
  })
})

describe('the status of what runs around operators', () => {
  it('is told with the code that it has, and nothing else is', async () => {
    let status = 503
    const server = statusServer({ host: '127.0.0.1', port: 0, status: () => ({ status, body: { blocks: 3n } }) })
    await server.start(new AbortController().signal)
    try {
      const url = server.url()
      const answer = await fetch(`${url}/status`)
      assert.equal(answer.status, 503)
      assert.deepEqual(await answer.json(), { blocks: '3' })
      status = 200
      assert.equal((await fetch(`${url}/status`)).status, 200)
      assert.equal((await fetch(`${url}/`)).status, 404)
      assert.equal((await fetch(`${url}/status`, { method: 'POST' })).status, 404)
    } finally {
      await server.stop()
    }
  })
})
