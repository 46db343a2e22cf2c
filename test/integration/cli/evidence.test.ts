import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { decodeFunctionData } from 'viem'
import { EvidenceDesk } from '../../../src/avs/evidence/desk.ts'
import { declareEvidenceMetrics } from '../../../src/avs/evidence/metrics.ts'
import { delegationManagerAbi } from '../../../src/chain/abi/delegationManager.ts'
import { serviceManagerAbi } from '../../../src/chain/abi/serviceManager.ts'
import { FULL_MAGNITUDE } from '../../../src/chain/core.ts'
import { openEpochs } from '../../../src/chain/epochs.ts'
import { createServiceChain } from '../../../src/chain/serviceChain.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { files } from '../../../src/node/files.ts'
import { openSightings } from '../../../src/node/secondSelf/file.ts'
import { serviceIdOf } from '../../../src/node/service.ts'
import { proveRegistration } from '../../../src/signer/proof.ts'
import { generateBlsSecret } from '../../../src/signer/secrets.ts'
import { lockDataDir } from '../../../src/store/lock.ts'
import { openEvidenceStore } from '../../../src/store/sqlite/evidence.ts'
import { equivocationOf } from '../../../src/types/evidence.ts'
import { type Domain, Kind } from '../../../src/types/statement.ts'
import { systemClock } from '../../../src/util/clock.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { type AnvilGuest, anvilAccount, anvilGuest } from '../../support/anvil.ts'
import type { Ended } from '../../support/cli.ts'
import { createCoreClient } from '../../support/coreClient.ts'
import { eventually } from '../../support/eventually.ts'
import { inProcess } from '../../support/inProcess.ts'
import { signAs } from '../../support/rogueSigner.ts'
import { type ShortCore, startShortCore } from '../../support/shortCore.ts'
import { type Cast, payloadOf } from '../../support/simnet.ts'

const ARTIFACTS = join(import.meta.dirname, '../../../build/artifacts')
const STAKE = 10n ** 19n
const SERVICE = serviceIdOf('prices')
const OTHER = anvilAccount(5)

describe('the commands about slashing, for an operator and one that equivocates', function () {
  this.timeout(60_000)
  let core: ShortCore
  let test: AnvilGuest
  let config: string
  let cast: Cast
  let domain: Domain
  /** Of the evidence against the other operator, and of that against this one. */
  let ids: [Hex, Hex]

  const own = (): Address => core.operator.account.address
  const dataDir = () => join(core.operator.folder, 'data')
  const evidence = (...args: string[]) => inProcess('evidence', ...args, '--config', config)
  const acknowledge = (...args: string[]) => inProcess('acknowledge', 'slashed', ...args, '--config', config)
  const told = ({ stdout, stderr }: Ended) => stdout + stderr
  const good = async (running: Promise<Ended>): Promise<string> => {
    const ended = await running
    assert.equal(ended.code, 0, told(ended))
    assert.equal(ended.stderr, '')
    return ended.stdout
  }
  const refused = async (running: Promise<Ended>, code: number, message: RegExp): Promise<void> => {
    const ended = await running
    assert.equal(ended.code, code, told(ended))
    assert.equal(ended.stdout, '')
    assert.match(ended.stderr, message)
  }
  const lines = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  const sent = () => core.client.getTransactionCount({ address: own() })
  const sharesOf = (operator: Address) =>
    core.client.readContract({
      address: core.deployment.core.delegationManager,
      abi: delegationManagerAbi,
      functionName: 'operatorShares',
      args: [operator, core.deployment.strategies[0]?.strategy as Address],
    })

  before(async () => {
    core = await startShortCore(ARTIFACTS)
    config = await core.configure('node.yaml')
    const { deployment, operator } = core
    const prices = deployment.services.prices as Address
    domain = { chainId: deployment.chainId, genesisHash: deployment.genesisHash, serviceManager: prices }
    test = anvilGuest(core.anvil)
    const chain = await test.open({ genesisHash: deployment.genesisHash })
    const common = { chain, log: silentLog }
    const strategy = deployment.strategies[0] as { token: Address; strategy: Address }
    const minting = await core.batch()
    minting.call({
      ...{ what: 'tokens', address: strategy.token, abi: core.artifacts.get('TestToken').abi },
      ...{ functionName: 'mint', args: [OTHER.address, STAKE] },
    })
    await minting.land(new AbortController().signal)
    const members = [
      { account: operator.account, bls: operator.bls, peerId: operator.identity.peerId },
      { account: OTHER, bls: generateBlsSecret(), peerId: '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp' },
    ]
    for (const { account, bls, peerId } of members) {
      const client = createCoreClient(
        createServiceChain({ ...common, sender: test.sender(chain, { account }) }),
        deployment.core,
      )
      const set = { avs: prices, id: 0 }
      await client.registerAsOperator({ metadataUri: '', allocationDelay: 0 })
      await client.deposit(strategy.strategy, STAKE)
      await client.allocate(account.address, set, [{ strategy: strategy.strategy, magnitude: FULL_MAGNITUDE }])
      const proof = proveRegistration(bls, domain, account.address)
      await client.join(account.address, set, { ...proof, peerId, addresses: [] })
    }
    await core.mine(1)
    const building = await core.batch()
    for (const [functionName, args] of [
      ['beginEpoch', []],
      ['addToEpoch', [10n]],
      ['finishEpoch', []],
    ] as const) {
      building.call({
        ...{ what: functionName, functionName, args, address: prices, abi: serviceManagerAbi },
        gas: 10_000_000n,
      })
    }
    await building.land(new AbortController().signal)
    await core.mine(5)
    const sender = test.sender(chain)
    const epochs = await openEpochs({
      chain: createServiceChain({ ...common, sender }),
      serviceManager: prices,
      clock: systemClock,
      log: silentLog,
      metrics: createMetrics(),
    })
    try {
      await eventually(async () => {
        await chain.heads.refresh()
        await epochs.refresh()
        return epochs.tables().length === 1
      }, 'no epoch is read')
      const [table] = epochs.tables()
      assert.ok(table !== undefined)
      const secretOf = (address: Address) => members.find(({ account }) => account.address === address)?.bls
      cast = {
        operators: table.members.map(({ operator: address }) => address),
        secrets: table.members.map(({ operator: address }) => secretOf(address) ?? generateBlsSecret()),
        table,
      }
    } finally {
      epochs.close()
    }
  })
  after(async () => {
    await test?.end()
    await core?.close()
  })

  /** Files proof that an operator signed twice, as this operator's node does. */
  async function accuse(operator: Address, slot: bigint): Promise<Hex> {
    const author = cast.operators.indexOf(operator)
    const side = async (value: bigint) => {
      const statement = {
        ...{ service: SERVICE, kind: Kind.certify, epoch: cast.table.number, slot, attempt: 0 },
        payload: payloadOf(value),
      }
      return {
        form: 'signature',
        statement,
        author,
        signature: await signAs(cast, author, statement, domain),
      } as const
    }
    const store = openEvidenceStore(files(dataDir()).evidence)
    try {
      const desk = new EvidenceDesk({
        ...{ serviceManager: domain.serviceManager, service: SERVICE, name: 'prices', operator: own(), store },
        ...{ clock: systemClock, log: silentLog, metrics: declareEvidenceMetrics(createMetrics()) },
      })
      desk.file(equivocationOf(await side(1n), await side(2n)), [operator], 'here')
      const [newest] = store.list()
      return newest?.id as Hex
    } finally {
      store.close()
    }
  }

  it('want a configuration, an id that is there, and no more', async () => {
    for (const args of [['list'], ['show', '0x12'], ['submit']]) {
      await refused(inProcess('evidence', ...args), 2, /required option '--config <file>' not specified/)
      const missing = [...args, '--config', join(core.folder, 'none.yaml')]
      await refused(inProcess('evidence', ...missing), 2, /none\.yaml/)
    }
    await refused(evidence('show'), 2, /missing required argument 'id'/)
    await refused(evidence('erase'), 2, /unknown command 'erase'|too many arguments/)
    await refused(evidence('list', '--yes'), 2, /unknown option '--yes'/)
    await refused(
      inProcess('acknowledge', 'everything', '--config', config),
      2,
      /unknown command 'everything'|too many/,
    )
    await refused(inProcess('acknowledge', 'slashed'), 2, /required option '--config <file>'/)
    await refused(inProcess('resume'), 2, /required option '--config <file>'/)
  })

  it('say so where there is nothing', async () => {
    assert.match(await good(evidence('list')), /knows of no operator that signed two payloads/)
    assert.equal(await good(evidence('list', '--json')), '')
    assert.match(await good(evidence('submit', '--yes')), /There is no evidence to be brought on chain/)
    await refused(evidence('show', '0x12'), 2, /there is no evidence 0x12/)
    await refused(evidence('submit', '0x12', '--yes'), 2, /there is no evidence 0x12/)
    assert.match(await good(acknowledge()), /no slash of the operator waits to be acknowledged/)
    assert.match(await good(inProcess('resume', '--config', config)), /Nothing holds this node back/)
    assert.ok(!existsSync(files(dataDir()).evidence), 'looking makes no file')
  })

  it('evidence list and show tell who, what and when, while the node runs', async () => {
    ids = [await accuse(OTHER.address, 7n), await accuse(own(), 8n)]
    const lock = lockDataDir(dataDir())
    try {
      const list = await good(evidence('list'))
      assert.match(
        list,
        new RegExp(`${ids[0]} {2}open\n {2}${OTHER.address.toLowerCase()} signed twice: prices, certify`),
      )
      assert.match(list, /slot 8, attempt 0, epoch 1\n.*against this operator, which does not bring it/)
      const cases = lines(await good(evidence('list', '--json')))
      assert.deepEqual(
        cases.map(({ id, operator, status, service, kind, slot }) => [id, operator, status, service, kind, slot]),
        [
          [ids[1], own().toLowerCase(), 'own', 'prices', 'certify', '8'],
          [ids[0], OTHER.address.toLowerCase(), 'open', 'prices', 'certify', '7'],
        ],
      )

      const shown = await good(evidence('show', ids[0].slice(0, 12).toUpperCase().replace('0X', '0x')))
      assert.match(shown, new RegExp(`^Evidence ${ids[0]}\n`))
      for (const value of [1n, 2n]) assert.match(shown, new RegExp(`payload ${payloadOf(value)} under epoch 1`))
      const [one] = lines(await good(evidence('show', ids[0], '--json')))
      assert.deepEqual([one.id, one.first.form, one.cases.length], [ids[0], 'signature', 1])
    } finally {
      lock.release()
    }
    await refused(evidence('show', `${ids[0]}00`), 2, /there is no evidence/)
    await refused(evidence('show', '0x'), 2, /there is no evidence/)
    await refused(evidence('show', 'zz'), 2, /there is no evidence/)
  })

  it('evidence submit asks, prints for others, sends once, and leaves out what is slashed', async () => {
    const before = await Promise.all([sharesOf(OTHER.address), sharesOf(own())])
    const count = await sent()
    const asked = await evidence('submit')
    assert.equal(asked.code, 2, told(asked))
    assert.match(asked.stderr, /--yes/)
    const [line, ...more] = lines(await good(evidence('submit', '--calldata')))
    assert.equal(more.length, 0)
    assert.equal(line.to.toLowerCase(), domain.serviceManager.toLowerCase())
    const { functionName, args } = decodeFunctionData({ abi: serviceManagerAbi, data: line.data })
    assert.equal(functionName, 'slashEquivocation')
    assert.deepEqual(args?.[2], [OTHER.address])
    assert.equal(await sent(), count)

    const done = await good(evidence('submit', '--yes'))
    assert.match(done, /Each loses 10 % of what it allocated to the service/)
    assert.match(done, /done 1\/1: slash 0x.* for two payloads of slot 7 \(prices, certify\)/)
    assert.equal(await sent(), count + 1)
    assert.deepEqual(await Promise.all([sharesOf(OTHER.address), sharesOf(own())]), [(before[0] * 9n) / 10n, before[1]])
    assert.match(await good(evidence('submit', ids[0], '--yes')), /was slashed for epoch 1 already/)
    assert.equal(await good(evidence('submit', '--calldata')), '')
    assert.equal(await sent(), count + 1)
  })

  it('acknowledge slashed shows each slash until it is acknowledged, and says by its code whether one waits', async () => {
    assert.match(await good(acknowledge()), /no slash of the operator waits/)
    assert.match(await good(evidence('submit', ids[1], '--yes')), /is this operator itself/)
    for (let i = 0; i < 2; i++) {
      const shown = await acknowledge()
      assert.equal(JSON.parse((await acknowledge('--json')).stdout).done, false)
      assert.equal(shown.code, 1, told(shown))
      assert.match(
        shown.stdout,
        new RegExp(`^slashed: 10 % by operator set 0 of ${domain.serviceManager} in block \\d+`),
      )
      assert.match(shown.stdout, /run this again with --yes\n$/)
    }
    assert.match(await good(acknowledge('--yes')), /^slashed: .*\nacknowledged: a running node signs again/)
    assert.match(await good(acknowledge()), /no slash of the operator waits/)
  })

  it('resume moves a sighting away, not without being sure and not while the node runs', async () => {
    const file = files(dataDir()).secondSelf
    const payload = payloadOf(1n)
    openSightings(file, silentLog).report({
      ...{ at: 1, service: 'prices', contract: domain.serviceManager, form: 'signature', conflicts: true },
      ...{ peer: 'peer-9', peerOperator: undefined },
      statement: { service: SERVICE, kind: Kind.certify, epoch: 1n, slot: 9n, attempt: 0, payload },
    })
    const resume = (...args: string[]) => inProcess('resume', ...args, '--config', config)
    const asked = await resume()
    assert.equal(asked.code, 2, told(asked))
    assert.match(asked.stderr, /no terminal to ask at/)
    const lock = lockDataDir(dataDir())
    await refused(resume('--yes'), 3, /in use by another lariat process/).finally(() => lock.release())
    assert.ok(existsSync(file))
    assert.match(
      await good(resume('--yes')),
      /peer-9.*\n(.*\n)*The node may sign again once it is started and has listened for 3 slots/,
    )
    assert.ok(!existsSync(file))
    assert.match(await good(resume()), /Nothing holds this node back/)
  })
})
