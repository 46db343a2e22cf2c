import assert from 'node:assert/strict'
import { type Abi, erc20Abi, parseAbi, parseEther, toFunctionSelector } from 'viem'
import { EPOCHS_SERVICE, epochPayload } from '../../../src/avs/bridge/statements.ts'
import { Batch, type Call } from '../../../src/testnet/batch.ts'
import { wordOf } from '../../../src/testnet/bridge.ts'
import { Kind } from '../../../src/types/statement.ts'
import { type Address, bytesToHex, hexToBytes } from '../../../src/util/hex.ts'
import {
  checkpointOf,
  checkpointStatement,
  metadataFor,
  type OnChainCertificate,
  treeOf,
} from '../../support/bridgeCertificates.ts'
import { type SentMessage, treeAbi, type WorldChain } from '../../support/bridgeChain.ts'
import { type BridgeWorld, bridgeWorld } from '../../support/bridgeWorld.ts'

const routeAbi = parseAbi([
  'function transferRemote(uint32 destination, bytes32 recipient, uint256 amount) payable returns (bytes32)',
  'function lockedFor(uint32 domain) view returns (uint256)',
  'function getRate() view returns (uint256)',
])
const AMOUNT = parseEther('7')

/** How a transaction fails that reverts with a custom error. */
const refusal = (error: string) => ({
  code: 'testnet.transaction',
  message: new RegExp(`failed: ${toFunctionSelector(error)}`),
})

describe('a bridge between two chains, as the testnet puts it there', function () {
  this.timeout(180_000)
  let world: BridgeWorld
  before(async () => {
    world = await bridgeWorld({ blocks: 'automine' })
  })
  after(() => world?.close())

  const otherOf = (chain: WorldChain) => (chain === world.stake ? world.away : world.stake)

  /** All of a chain's messages so far under one checkpoint, certified by three of four. */
  async function attest(from: WorldChain) {
    const messages = await from.messages()
    const tree = treeOf(messages.map(({ id }) => id))
    const { number: epoch } = await world.table()
    const certificate = await world.certify(checkpointStatement(from.end, checkpointOf(tree), epoch), [2])
    const metadata = ({ index }: SentMessage, certified?: OnChainCertificate) =>
      metadataFor(tree, index, epoch, certified)
    return { messages, tree, certificate, metadata }
  }

  const send = async (chain: WorldChain, ...calls: readonly Call[]) => {
    const batch = await Batch.open(chain.client, world.traveller)
    for (const call of calls) batch.call(call)
    await batch.land(new AbortController().signal)
  }

  for (const name of ['stake', 'away'] as const) {
    it(`delivers messages from ${name}, each once, under one certificate`, async () => {
      const from = world[name]
      const to = otherOf(from)
      const sent = await from.dispatch({ count: 3 })
      const { tree, certificate, metadata } = await attest(from)
      const hook = { address: from.end.hook, abi: treeAbi } as const
      assert.equal(await from.client.readContract({ ...hook, functionName: 'root' }), bytesToHex(tree.root()))
      assert.equal(await from.client.readContract({ ...hook, functionName: 'count' }), tree.count)

      const [first, ...rest] = sent
      assert.ok(first !== undefined && rest.length === 2)
      await from.mineFinal()
      const { number: final } = await from.client.getBlock({ blockTag: 'finalized' })
      assert.ok(final !== null && final >= (sent.at(-1)?.block ?? final + 1n))

      // a root that nobody certified
      await assert.rejects(to.process(metadata(first), first.encoded), refusal('CheckpointNotRemembered(bytes32)'))
      assert.equal(await to.handled(first), 0)
      await to.process(metadata(first, certificate), first.encoded)
      for (const message of rest) await to.process(metadata(message), message.encoded)
      await assert.rejects(to.process(metadata(first), first.encoded), refusal('MessageAlreadyDelivered(bytes32)'))
      for (const message of sent) {
        assert.equal(await to.delivered(message.id), true)
        assert.equal(await to.handled(message), 1)
      }
      assert.equal(await to.handledAll(), sent.length)
    })
  }

  it('carries the LRT there and back, with its rate', async () => {
    const { stake, away, traveller, lrt, bridge } = world
    const transfer = (chain: WorldChain): Call => ({
      what: 'a transfer',
      ...{ address: chain.end.route, abi: routeAbi as Abi, functionName: 'transferRemote' },
      args: [otherOf(chain).end.domain, wordOf(traveller.address), AMOUNT],
    })
    const approval: Call = {
      what: 'approval',
      ...{ address: lrt, abi: erc20Abi, functionName: 'approve', args: [bridge.stake.route, AMOUNT] },
    }
    const balance = (chain: WorldChain, token: Address) =>
      chain.client.readContract({
        ...{ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [traveller.address] },
      })
    const locked = () =>
      stake.client.readContract({
        ...{ address: bridge.stake.route, abi: routeAbi, functionName: 'lockedFor', args: [away.end.domain] },
      })
    const deliverLast = async (from: WorldChain) => {
      const { messages, metadata, certificate } = await attest(from)
      const last = messages.at(-1)
      assert.ok(last !== undefined)
      await otherOf(from).process(metadata(last, certificate), last.encoded)
    }
    const before = await balance(stake, lrt)
    await world.setRate(parseEther('1.25'))
    await send(stake, approval, transfer(stake))
    assert.equal(await locked(), AMOUNT)
    await deliverLast(stake)
    assert.equal(await balance(away, bridge.away.route), AMOUNT)
    const rate = { address: bridge.away.route, abi: routeAbi, functionName: 'getRate' } as const
    assert.equal(await away.client.readContract(rate), parseEther('1.25'))

    await send(away, transfer(away))
    assert.equal(await balance(away, bridge.away.route), 0n)
    await deliverLast(away)
    assert.equal(await locked(), 0n)
    assert.equal(await balance(stake, lrt), before)
  })

  it('has a next epoch, which its operators hand over', async () => {
    const { number } = await world.table()
    const next = await world.nextEpoch()
    assert.equal(next.number, number + 1n)
    const payload = epochPayload({ ...next, rows: hexToBytes(next.rows) })
    const statement = { service: EPOCHS_SERVICE, kind: Kind.certify, epoch: number, slot: next.number, attempt: 0 }
    const { absent, signature } = await world.certify({ ...statement, payload })
    for (const chain of [world.stake, world.away]) {
      await send(chain, {
        what: 'handing an epoch over',
        ...{ address: chain.end.ism, abi: world.artifacts.get('BridgeIsm').abi, functionName: 'importEpoch' },
        args: [next, { absent: bytesToHex(absent), signature: bytesToHex(signature) }],
      })
    }
    const [message] = await world.stake.dispatch()
    assert.ok(message !== undefined)
    const { metadata, certificate } = await attest(world.stake)
    await world.away.process(metadata(message, certificate), message.encoded)
    assert.equal(await world.away.handled(message), 1)
  })
})
