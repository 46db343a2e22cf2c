import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Abi, encodeFunctionData, parseAbi } from 'viem'
import type { RouteRequest } from '../../../src/avs/api.ts'
import { bridgeIsmAbi } from '../../../src/avs/bridge/abi/bridgeIsm.ts'
import { mailboxAbi } from '../../../src/avs/bridge/abi/mailbox.ts'
import { traceCommand } from '../../../src/avs/bridge/commands/trace.ts'
import { routesOf, type Served } from '../../../src/avs/bridge/http/routes.ts'
import type { BridgeView } from '../../../src/avs/bridge/http/view.ts'
import { messageId } from '../../../src/avs/bridge/message.ts'
import { Module } from '../../../src/avs/bridge/relay/module.ts'
import type { Correction, Kept, RelayPorts, Revocation } from '../../../src/avs/bridge/relay/ports.ts'
import {
  type Checkpoint,
  EPOCHS_SERVICE,
  epochPayload,
  type HandedEpoch,
  Level,
  REVOCATIONS_SERVICE,
  revocationPayload,
  revocationSlot,
} from '../../../src/avs/bridge/statements.ts'
import { type ApiServer, createApiServer } from '../../../src/node/api/server.ts'
import { Batch } from '../../../src/testnet/batch.ts'
import { type TableData, wordOf } from '../../../src/testnet/bridge.ts'
import type { EpochTable } from '../../../src/types/epoch.ts'
import { Kind, type Statement } from '../../../src/types/statement.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { type Address, bytesToHex, type Hex, hexToBytes } from '../../../src/util/hex.ts'
import { createHttpClient } from '../../../src/util/http.ts'
import { silentLog } from '../../../src/util/log.ts'
import { MemoryCertificates } from '../../support/bridge.ts'
import { checkpointOf, checkpointStatement, metadataFor, treeOf } from '../../support/bridgeCertificates.ts'
import type { SentMessage, WorldChain } from '../../support/bridgeChain.ts'
import { type BridgeWorld, bridgeWorld } from '../../support/bridgeWorld.ts'
import { eventually } from '../../support/eventually.ts'
import { type RelayNode, startRelayNode } from '../../support/relayNode.ts'
import { type RpcGate, startRpcGate } from '../../support/rpcGate.ts'

/** Code that reverts, and code that takes everything. */
const [REFUSING, TAKING] = ['0x60006000fd', '0x00'] as const
const MOODY: Address = `0x${'ee'.repeat(20)}`
/** Bytes of metadata without a certificate. */
const BARE = 1_105
const dispatchAbi = parseAbi([
  'function dispatch(uint32 destination, bytes32 recipient, bytes body) payable returns (bytes32)',
])

describe('delivery by relayers, on two real chains', function () {
  this.timeout(240_000)
  let world: BridgeWorld
  let gate: RpcGate
  let folder: string
  const certificates = new MemoryCertificates()
  const handed = new Map<bigint, HandedEpoch>()
  const revocations: Revocation[] = []
  const corrections: Correction[] = []
  let members: { operator: Address }[] = []
  const nodes: RelayNode[] = []
  const ports: Omit<RelayPorts, 'sources'> = {
    certificates,
    epochs: { at: () => ({ members }) },
    handedEpoch: (number) => handed.get(number),
    revocations: () => revocations,
    corrections: () => corrections,
    votes: () => undefined,
  }

  before(async () => {
    world = await bridgeWorld({ levels: { stake: 'fast', away: 'finalized' } })
    folder = mkdtempSync(join(tmpdir(), 'relay-'))
    gate = await startRpcGate(world.away.test.anvil.rpcUrl)
    members = world.operators.slice(0, 2).map(({ account }) => ({ operator: account.address }))
    for (const i of [0, 1]) nodes.push(await nodeOf(i))
  })
  after(async () => {
    for (const node of nodes) await node.stop()
    await gate?.close()
    await world?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Delivers from the chain of the stake to the other one. */
  function nodeOf(i: number, data?: RelayNode['data']): Promise<RelayNode> {
    const account = world.operators[i]?.account
    assert.ok(account)
    const common = { origin: world.stake, destination: world.away, url: gate.url, account, ports, folder }
    return startRelayNode({ ...common, ...(data === undefined ? {} : { data }) })
  }

  /** Has a statement certified, as if operators had signed it. */
  async function certify(statement: Statement, absent: readonly number[] = []): Promise<Kept> {
    const made = await world.certify(statement, absent)
    const { service, slot, epoch, payload } = statement
    const onChain = { absent: bytesToHex(made.absent), signature: bytesToHex(made.signature) }
    return { ...certificates.add(service, slot, epoch, payload, Date.now(), onChain.absent, onChain.signature) }
  }

  /** A certificate of all messages so far of a chain. */
  async function attest(from: WorldChain, epoch?: bigint, level: Level = Level.finalized) {
    const tree = treeOf((await from.messages()).map(({ id }) => id))
    const checkpoint = checkpointOf(tree)
    await certify(checkpointStatement(from.end, checkpoint, epoch ?? (await world.table()).number, level))
    for (const { relayer } of nodes) relayer.kick(true)
    return checkpoint
  }

  const handledOnce = (messages: readonly SentMessage[]) => async () =>
    (await Promise.all(messages.map((message) => world.away.handled(message)))).every((times) => times === 1)

  /** Transactions that delivered something since a block, with the bytes of their metadata. */
  async function deliveries(fromBlock: bigint): Promise<{ from: Address; bytes: number }[]> {
    const { client, end } = world.away
    const logs = await client.getContractEvents({
      ...{ address: end.mailbox, abi: mailboxAbi, eventName: 'ProcessId', fromBlock, strict: true },
    })
    return Promise.all(
      logs.map(async ({ transactionHash }) => {
        const { input, from } = await client.getTransaction({ hash: transactionHash })
        // selector, two offsets, then the length of the metadata
        return { from, bytes: Number(BigInt(`0x${input.slice(10 + 128, 10 + 192)}`)) }
      }),
    )
  }

  /** Sends a message of its own to a recipient. */
  async function dispatchTo(recipient: Address): Promise<Hex> {
    const before = (await world.stake.messages()).length
    const batch = await Batch.open(world.stake.client, world.traveller)
    batch.call({
      what: 'a message',
      ...{ address: world.stake.end.mailbox, abi: dispatchAbi as Abi, functionName: 'dispatch' },
      args: [world.away.end.domain, wordOf(recipient), '0x01'],
    })
    await batch.land(new AbortController().signal)
    const message = (await world.stake.messages())[before]
    assert.ok(message)
    return message.id
  }

  it('each message is delivered once by two of them side by side, most without a certificate', async () => {
    const start = await world.away.client.getBlockNumber()
    const messages = await world.stake.dispatch({ count: 10 })
    await attest(world.stake)
    await eventually(handledOnce(messages), 'messages are not delivered', 60_000)
    const sent = await deliveries(start)
    assert.equal(sent.length, 10)
    assert.equal(new Set(sent.map(({ from }) => from)).size, 2)
    const certified = sent.filter(({ bytes }) => bytes > BARE).length
    assert.ok(certified === 1 || certified === 2, `${certified} came with a certificate`)
    const isFinal = () =>
      nodes.every(({ relayer }) =>
        messages.every(({ index }) => relayer.delivery(world.stake.end.domain, index)?.state === 'delivered'),
      )
    await eventually(isFinal, 'they are not final', 30_000)
    const own = nodes.map(({ relayer }) =>
      messages.filter(({ index }) => {
        const delivery = relayer.delivery(world.stake.end.domain, index)
        return delivery?.state === 'delivered' && delivery.own
      }),
    )
    assert.equal((own[0]?.length ?? 0) + (own[1]?.length ?? 0), 10)
  })

  it('goes on after an outage of the destination', async () => {
    gate.down = true
    const messages = await world.stake.dispatch({ count: 4 })
    await attest(world.stake)
    const waits = () =>
      nodes.every(({ relayer }) => {
        const delivery = relayer.delivery(world.stake.end.domain, messages[0]?.index ?? 0)
        return delivery?.state === 'waiting' && delivery.reason === 'destination-down'
      })
    await eventually(waits, 'nobody notices', 30_000)
    gate.down = false
    await eventually(handledOnce(messages), 'messages are not delivered', 90_000)
  })

  it('after a restart sends nothing again, and knows what was delivered', async () => {
    const [first] = nodes
    const account = world.operators[0]?.account
    assert.ok(first && account)
    const messages = await world.stake.dispatch({ count: 3 })
    await attest(world.stake)
    const { client } = world.away
    const nonce = () => client.getTransactionCount({ address: account.address })
    // one that is in a pool or a block, and that nothing was written of
    const before = await nonce()
    await eventually(async () => (await nonce()) > before, 'it sends nothing', 60_000)
    await first.stop()
    nodes[0] = await nodeOf(0, first.data)
    await eventually(handledOnce(messages), 'messages are not delivered', 60_000)
    const sent = await nonce()
    const { relayer } = nodes[0]
    const all = await world.stake.messages()
    const settled = () =>
      all.every(({ index }) => relayer.delivery(world.stake.end.domain, index)?.state === 'delivered')
    await eventually(settled, 'it does not know what was delivered', 30_000)
    assert.equal(await nonce(), sent)
    assert.ok((await Promise.all(all.map((message) => world.away.handled(message)))).every((times) => times === 1))
  })

  it('tries a message again whose recipient reverts, and delivers others meanwhile', async () => {
    await world.away.test.rpc('anvil_setCode', [MOODY, REFUSING])
    const id = await dispatchTo(MOODY)
    const others = await world.stake.dispatch({ count: 2 })
    const { index } = await attest(world.stake)
    await eventually(handledOnce(others), 'others are held up', 60_000)
    const moody = index - others.length
    const reverts = () =>
      nodes.some(({ relayer }) => {
        const delivery = relayer.delivery(world.stake.end.domain, moody)
        return delivery?.state === 'waiting' && delivery.reason === 'recipient-reverts'
      })
    await eventually(reverts, 'it does not say that the recipient reverts', 30_000)
    await world.away.test.rpc('anvil_setCode', [MOODY, TAKING])
    await eventually(() => world.away.delivered(id), 'it is given up', 60_000)
  })

  /** The node’s HTTP server with the routes of the bridge, as one of the relayers sees it. */
  async function serve({ relayer, destination, source, metrics }: RelayNode): Promise<ApiServer> {
    const { domain } = destination
    const module = new Module(destination, systemClock)
    const table = {
      number: 1n,
      members: world.operators.map(({ account }, index) => ({ index, operator: account.address })),
    }
    const view: BridgeView = {
      sources: new Map([[source.domain, source]]),
      mailboxes: new Map([[source.domain, world.stake.end.mailbox]]),
      destinations: new Map([[domain, { domain, chain: 'away', module, relayer }]]),
      ...{ certificates, epochs: { byNumber: () => table as unknown as EpochTable } },
    }
    const routes = routesOf<{ contract: Address }, Served>((state) => state).map(({ handle, ...route }) => ({
      ...route,
      handle: (request: RouteRequest) =>
        handle({ ...request, state: { view, validator: undefined } } as unknown as Parameters<typeof handle>[0]),
    }))
    const common = { host: '127.0.0.1', port: 0, log: silentLog, clock: systemClock }
    const server = createApiServer({ ...common, routes, metrics })
    await server.start(new AbortController().signal)
    return server
  }

  it('serves metadata to clients of EIP-3668 as they are, and tells what happened to a message', async () => {
    const [, second] = nodes
    assert.ok(second)
    const server = await serve(second)
    try {
      const { client, end } = world.away
      const batch = await Batch.open(client, world.owner)
      batch.call({
        what: 'naming the gateway',
        ...{ address: end.ism, abi: world.artifacts.get('BridgeIsm').abi, functionName: 'setGateways' },
        args: [[`${server.url()}/v1/bridge/gateway/{sender}/{data}`]],
      })
      await batch.land(new AbortController().signal)
      gate.down = true
      const [message] = await world.stake.dispatch()
      assert.ok(message)
      await attest(world.stake)
      gate.down = false
      await eventually(() => second.source.message(message.id) !== undefined, 'it is not final', 30_000)
      // viem follows the lookup by itself: it asks the gateway, and calls `verify` with the answer
      const data = encodeFunctionData({
        ...{ abi: bridgeIsmAbi, functionName: 'getOffchainVerifyInfo', args: [message.encoded] },
      })
      const { data: judged } = await client.call({ to: end.ism, data })
      assert.equal(BigInt(judged ?? 0), 1n)

      const isDelivered = () => second.relayer.delivery(world.stake.end.domain, message.index)?.state === 'delivered'
      await eventually(isDelivered, 'it is not delivered', 60_000)
      let text = ''
      const isWell = await traceCommand.run({
        args: [message.id],
        options: { url: server.url() },
        http: createHttpClient(),
        clock: systemClock,
        signal: new AbortController().signal,
        write(more) {
          text += more
        },
        read: () => Promise.reject(new Error('nothing is read')),
      })
      assert.ok(isWell)
      assert.match(
        text,
        new RegExp(`dispatched .* block ${message.block} of stake, which is final, leaf ${message.index}`),
      )
      assert.match(text, /attested .* finalized checkpoint \d+, epoch 1, by 4 of 4 operators/)
      assert.match(text, /delivered .* block \d+, transaction 0x[0-9a-f]{64}, by (this node|another)/)
    } finally {
      await server.stop()
    }
  })

  const tableOf = ({ rows, ...table }: TableData): HandedEpoch => ({ ...table, rows: hexToBytes(rows) })
  const isLive = (epoch: bigint) =>
    world.away.client
      .readContract({ address: world.away.end.ism, abi: bridgeIsmAbi, functionName: 'epochInfo', args: [epoch] })
      .then(({ rows }) => rows > 0)

  it('brings the next epoch there before it delivers under it', async () => {
    const before = (await world.table()).number
    const next = tableOf(await world.nextEpoch())
    assert.equal(next.number, before + 1n)
    const messages = await world.stake.dispatch({ count: 2 })
    await attest(world.stake)
    const waits = () =>
      nodes.every(({ relayer }) => {
        const delivery = relayer.delivery(world.stake.end.domain, messages[0]?.index ?? 0)
        return delivery?.state === 'waiting' && delivery.reason === 'epoch-not-here'
      })
    await eventually(waits, 'it does not wait for the epoch', 30_000)
    handed.set(next.number, next)
    await certify({
      ...{ service: EPOCHS_SERVICE, kind: Kind.certify, epoch: before, slot: next.number, attempt: 0 },
      payload: epochPayload(next),
    })
    for (const { relayer } of nodes) relayer.kick(true)
    await eventually(handledOnce(messages), 'messages are not delivered', 60_000)
    assert.equal(await isLive(next.number), true)
  })

  it('brings revocations there, and certificates of those who are left deliver', async () => {
    const { number: epoch } = await world.table()
    const revoked = Uint8Array.of(0b0001)
    const [atBlock, slot] = [5n, revocationSlot(5n, epoch)]
    const certificate = await certify({
      ...{ service: REVOCATIONS_SERVICE, kind: Kind.certify, epoch, slot, attempt: 0 },
      payload: revocationPayload(epoch, revoked),
    })
    revocations.push({ epoch, atBlock, revoked, certificate })
    const { client, end } = world.away
    const call = { address: end.ism, abi: bridgeIsmAbi, functionName: 'revokedRows', args: [epoch] } as const
    const isRevoked = async () => (await client.readContract(call)) === bytesToHex(revoked)
    await eventually(isRevoked, 'it is not revoked', 30_000)
    const messages = await world.stake.dispatch({ count: 1 })
    const tree = treeOf((await world.stake.messages()).map(({ id }) => id))
    await certify(checkpointStatement(world.stake.end, checkpointOf(tree), epoch), [0])
    await eventually(handledOnce(messages), 'it is not delivered', 60_000)
  })

  /** Delivers the other way, where fast checkpoints are believed; once the next epoch and its revocation are there. */
  async function backNode(): Promise<RelayNode> {
    const account = world.operators[1]?.account
    assert.ok(account)
    const back = await startRelayNode({
      ...{ origin: world.away, destination: world.stake, url: world.stake.test.anvil.rpcUrl, ports },
      ...{ account, folder: mkdtempSync(join(folder, 'back-')), fast: 1 },
    })
    nodes.push(back)
    const { client, end } = world.stake
    const args = [(await world.table()).number] as const
    const call = { address: end.ism, abi: bridgeIsmAbi, functionName: 'revokedRows', args } as const
    await eventually(async () => (await client.readContract(call)) !== '0x', 'the epoch is not there', 30_000)
    return back
  }

  it('delivers under a fast checkpoint before the block of the message is final', async () => {
    const back = await backNode()
    const { test } = world.away
    await test.rpc('evm_setIntervalMining', [0])
    await test.rpc('evm_setAutomine', [true])
    const [message] = await world.away.dispatch()
    assert.ok(message)
    await test.rpc('anvil_mine', ['0x1'])
    const { number: epoch } = await world.table()
    const tree = treeOf((await world.away.messages()).map(({ id }) => id))
    await certify(checkpointStatement(world.away.end, checkpointOf(tree), epoch, Level.fast), [0])
    back.relayer.kick(true)
    await eventually(async () => (await world.stake.handled(message)) === 1, 'it waits for the final block', 30_000)
    assert.equal(back.source.message(message.id), undefined)
    const isState = (state: string) => () =>
      back.relayer.delivery(world.away.end.domain, message.index)?.state === state
    await eventually(isState('landed'), 'the relayer does not see it', 10_000)
    await world.away.mineFinal()
    await test.rpc('evm_setIntervalMining', [1])
    await eventually(isState('delivered'), 'it is not settled', 30_000)
  })

  it('corrects a fast checkpoint that turned out to be wrong', async () => {
    await world.away.dispatch({ count: 1 })
    await world.away.mineFinal()
    const back = nodes.at(-1)
    assert.ok(back)
    const { client, end } = world.stake
    const { number: epoch } = await world.table()
    const messages = await world.away.messages()
    const tree = treeOf(messages.map(({ id }) => id))
    const right: Checkpoint = checkpointOf(tree)
    const real = messages.at(-1)
    assert.ok(real)
    // what never was dispatched, under a fast certificate for the same index
    const invented: Hex = `${real.encoded}ff`
    const wrong = treeOf([...messages.slice(0, -1).map(({ id }) => id), messageId(hexToBytes(invented))])
    const fast = await world.certify(checkpointStatement(world.away.end, checkpointOf(wrong), epoch, Level.fast), [0])
    const batch = await Batch.open(client, world.traveller)
    batch.call({
      what: 'a false message',
      ...{ address: end.ism, abi: bridgeIsmAbi as Abi, functionName: 'verify' },
      args: [bytesToHex(metadataFor(wrong, right.index, epoch, fast)), invented],
    })
    await batch.land(new AbortController().signal)

    const certificate = await certify(checkpointStatement(world.away.end, right, epoch), [0])
    corrections.push({ origin: world.away.end.domain, finalized: right, certificate })
    back.relayer.kick(true)
    const closed = () => back.log.entries.some(({ message }) => message.startsWith('a fast checkpoint was corrected'))
    await eventually(closed, 'it is not corrected', 30_000)
    await certify(checkpointStatement(world.away.end, right, epoch, Level.fast), [0])
    back.relayer.kick(true)
    const waits = () => {
      const delivery = back.relayer.delivery(world.away.end.domain, right.index)
      return delivery?.state === 'waiting' && delivery.reason === 'route-closed'
    }
    await eventually(waits, 'the route is not closed', 30_000)
  })
})
