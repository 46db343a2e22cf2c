import assert from 'node:assert/strict'
import { type Abi, concat, keccak256, numberToHex, parseAbi, parseEther } from 'viem'
import { print } from '../../bench/lib/print.ts'
import { decodeMessage, encodeMessage, messageId } from '../../src/avs/bridge/message.ts'
import { epochRows, Level } from '../../src/avs/bridge/statements.ts'
import { blsPublicKey, blsSecretFromSeed } from '../../src/signer/secrets.ts'
import type { Artifacts } from '../../src/testnet/artifacts.ts'
import { Batch, type Call } from '../../src/testnet/batch.ts'
import { LEVELS, wordOf } from '../../src/testnet/bridge.ts'
import type { Domain } from '../../src/types/statement.ts'
import { type Address, bytesToHex, hexToBytes } from '../../src/util/hex.ts'
import {
  certifyWith,
  checkpointOf,
  checkpointStatement,
  metadataFor,
  type OnChainCertificate,
  treeOf,
} from '../../test/support/bridgeCertificates.ts'
import { type SentMessage, treeAbi, type WorldChain } from '../../test/support/bridgeChain.ts'
import { type BridgeWorld, bridgeWorld } from '../../test/support/bridgeWorld.ts'
import { eventually } from '../../test/support/eventually.ts'
import { minedTree } from '../../test/support/minedTree.ts'
import { loadHyperlane, queueHyperlane } from './contracts.ts'
import {
  deployMultisig,
  merkleRootMetadata,
  messageIdMetadata,
  type Origin,
  signatures,
  thresholdOf,
  validatorsOf,
} from './multisig.ts'

/** Validators, or operators, that gas is compared for. */
const SIZES = [4, 16, 64] as const
/** The limits on `Mailbox.process` with an empty recipient: the first message under a root, and later ones. */
const FIRST_LIMIT = 300_000n
const LATER_LIMIT = 120_000n
/** And for each operator that is absent, whose key is added. */
const ABSENT_LIMIT = 1_500n
/** Code that takes everything and does nothing; it names no security module. */
const EMPTY_RECIPIENT = { address: `0x${'ee'.repeat(20)}`, code: '0x00' } as const
/** Bodies of a warp route: recipient and amount. */
const BODY_WORDS = 2
const WEIGHT = 32_000_000_000n
const EPOCH_SECONDS = 100_000
const GRACE = 600
const RECOVERY = 86_400

const verifyAbi = parseAbi(['function verify(bytes metadata, bytes message) view returns (bool)'])
const routeAbi = parseAbi(['function transferRemote(uint32, bytes32, uint256) payable returns (bytes32)'])

describe('Hyperlane’s own mailbox, tree and modules', function () {
  this.timeout(180_000)
  let hyperlane: Artifacts
  let world: BridgeWorld
  before(async () => {
    hyperlane = await loadHyperlane()
    world = await bridgeWorld({ blocks: 'automine', queueMailbox: queueHyperlane(hyperlane) })
  })
  after(() => world?.close())

  const send = async (chain: WorldChain, from: BridgeWorld['owner'], ...calls: readonly Call[]) => {
    const batch = await Batch.open(chain.client, from)
    for (const call of calls) batch.call(call)
    await batch.land(new AbortController().signal)
  }
  const otherOf = (chain: WorldChain) => (chain === world.stake ? world.away : world.stake)
  const treeFrom = async (chain: WorldChain) => treeOf((await chain.messages()).map(({ id }) => id))
  const originOf = ({ end }: WorldChain): Origin => ({ domain: end.domain, hook: wordOf(end.hook) })

  /** A static multisig module of Hyperlane's on the other chain. */
  function multisigOf(name: 'MerkleRoot' | 'MessageId', count: number): Promise<Address> {
    const { owner, away } = world
    const validators = validatorsOf(count).map((each) => each.address)
    return deployMultisig({ hyperlane, client: away.client, owner }, name, validators, thresholdOf(count))
  }

  it('have the tree that ours has, at every size, and messages as we read them', async () => {
    const { stake } = world
    const hook = { address: stake.end.hook, abi: treeAbi } as const
    const ids: SentMessage['id'][] = []
    for (const count of [1, 1, 1, 4, 9, 16, 1]) {
      for (const sent of await stake.dispatch({ count })) {
        assert.equal(sent.index, ids.length)
        ids.push(sent.id)
        const bytes = hexToBytes(sent.encoded)
        assert.deepEqual(Buffer.from(encodeMessage(decodeMessage(bytes))), Buffer.from(bytes))
        assert.equal(messageId(bytes), sent.id)
      }
      const tree = treeOf(ids)
      assert.equal(await stake.client.readContract({ ...hook, functionName: 'root' }), bytesToHex(tree.root()))
      assert.equal(await stake.client.readContract({ ...hook, functionName: 'count' }), tree.count)
    }
  })

  it('have a tree that is followed as ours is, by its logs and its storage', async () => {
    const tree = await minedTree(queueHyperlane(hyperlane))
    try {
      const { source, tips, fastTips, caughtUp } = await tree.follow({ fast: 1 })
      for (const messages of [1, 3, 0, 2]) await tree.mine(messages)
      await tree.mineEmpty(3)
      await caughtUp()
      assert.equal(source.halted(), undefined)
      assert.deepEqual(tips, await tree.truth())
      assert.equal(tips.length, 3)
      assert.equal(source.messageAt(5)?.id, tips.at(-1)?.messageId)
      await tree.mine(1)
      await tree.mineEmpty(1)
      await eventually(() => fastTips.some(({ index }) => index === 6), 'no fast tip comes')
    } finally {
      await tree.close()
    }
  })

  it('take our proofs of random messages under roots of any age, and none of another leaf', async () => {
    const { stake, away } = world
    const address = await multisigOf('MerkleRoot', 4)
    const signers = validatorsOf(4).slice(0, thresholdOf(4))
    const messages = await stake.messages()
    const tree = await treeFrom(stake)
    const verify = async (leaf: number, count: number, message: SentMessage) => {
      const proven = { leaf, proof: tree.proof(leaf, count) }
      const [origin, checkpoint] = [originOf(stake), checkpointOf(tree, count)]
      const metadata = merkleRootMetadata(
        origin.hook,
        checkpoint,
        proven,
        await signatures(origin, checkpoint, signers),
      )
      const args = [metadata, message.encoded] as const
      return away.client.readContract({ address, abi: verifyAbi, functionName: 'verify', args }).catch(() => false)
    }
    assert.ok(messages.length > 30)
    for (const [leaf, message] of messages.entries()) {
      const count = leaf + 1 + ((leaf * 7) % (messages.length - leaf))
      assert.equal(await verify(leaf, count, message), true)
      const wrong = messages[leaf === 0 ? 1 : leaf - 1]
      assert.ok(wrong !== undefined)
      assert.equal(await verify(leaf, count, wrong), false)
    }
  })

  it('deliver, each once, what our operators attested to, both ways', async () => {
    for (const from of [world.stake, world.away]) {
      const to = otherOf(from)
      const sent = await from.dispatch({ count: 5 })
      const tree = await treeFrom(from)
      const { number: epoch } = await world.table()
      const certificate = await world.certify(checkpointStatement(from.end, checkpointOf(tree), epoch), [1])
      const metadata = ({ index }: SentMessage, certified?: OnChainCertificate) =>
        metadataFor(tree, index, epoch, certified)
      for (const [i, message] of sent.entries()) {
        await to.process(metadata(message, i === 0 ? certificate : undefined), message.encoded)
      }
      for (const message of sent) {
        assert.equal(await to.handled(message), 1)
        await assert.rejects(to.process(metadata(message), message.encoded), { code: 'testnet.transaction' })
      }
      assert.equal(await to.handledAll(), sent.length)
    }
  })

  it('carry the LRT', async () => {
    const { stake, away, traveller, lrt } = world
    const { abi } = world.artifacts.get('TestToken')
    const amount = parseEther('3')
    const args = [away.end.domain, wordOf(traveller.address), amount]
    await send(
      stake,
      traveller,
      { what: 'approval', address: lrt, abi, functionName: 'approve', args: [stake.end.route, amount] },
      {
        what: 'a transfer',
        ...{ address: stake.end.route, abi: routeAbi as Abi, functionName: 'transferRemote', args },
      },
    )
    const message = (await stake.messages()).at(-1)
    assert.ok(message !== undefined)
    const tree = await treeFrom(stake)
    const { number: epoch } = await world.table()
    const certificate = await world.certify(checkpointStatement(stake.end, checkpointOf(tree), epoch))
    await away.process(metadataFor(tree, message.index, epoch, certificate), message.encoded)
    const balance = { address: away.end.route, abi, functionName: 'balanceOf', args: [traveller.address] } as const
    assert.equal(await away.client.readContract(balance), amount)
  })

  describe('need gas for Mailbox.process', () => {
    let serial = 0
    before(async () => {
      await world.away.test.rpc('anvil_setCode', [EMPTY_RECIPIENT.address, EMPTY_RECIPIENT.code])
    })

    /** Two messages to nobody, and a module that judges them. */
    async function prepare(ism: Address) {
      const { stake, away } = world
      await send(away, world.owner, {
        what: 'naming the module',
        ...{ address: away.end.mailbox, abi: hyperlane.get('Mailbox').abi, functionName: 'setDefaultIsm', args: [ism] },
      })
      const bodies = [0, 1].map(() =>
        concat(Array.from({ length: BODY_WORDS }, () => keccak256(numberToHex(serial++)))),
      )
      const sent = await stake.dispatch({ bodies, recipient: EMPTY_RECIPIENT.address })
      return { sent, tree: await treeFrom(stake) }
    }

    /** Delivers both; prints what each took, and returns it. */
    async function measure(
      module: string,
      of: { readonly validators: number; readonly signed: number },
      sent: readonly SentMessage[],
      metadata: (message: SentMessage, isFirst: boolean) => Promise<Uint8Array> | Uint8Array,
    ): Promise<readonly bigint[]> {
      const gas: bigint[] = []
      for (const [i, message] of sent.entries()) {
        const { gasUsed } = await world.away.process(await metadata(message, i === 0), message.encoded)
        gas.push(gasUsed)
        const step = i === 0 ? 'first message under a root' : 'next message under it'
        print({ bench: 'gas', case: 'hyperlane', module, ...of, step, value: Number(gasUsed), unit: 'gas' })
      }
      return gas
    }

    for (const count of SIZES) {
      const quorum = thresholdOf(count)
      for (const signed of [count, quorum]) {
        it(`of a BridgeIsm with ${signed} of ${count} operators, within the limits`, async () => {
          const { stake, away } = world
          const secrets = Array.from({ length: count }, (_, i) =>
            blsSecretFromSeed(Buffer.from(keccak256(numberToHex(i)).slice(2), 'hex')),
          )
          const domain: Pick<Domain, 'chainId' | 'serviceManager'> = {
            chainId: stake.end.chainId,
            serviceManager: `0x${'5e'.repeat(20)}`,
          }
          const batch = await Batch.open(away.client, world.owner)
          const parameters = [domain.chainId, domain.serviceManager, 6_667, GRACE, RECOVERY, world.owner.address]
          const ism = batch.deploy(world.artifacts, 'BridgeIsm', parameters)
          const { abi } = world.artifacts.get('BridgeIsm')
          const call = (functionName: string, ...args: readonly unknown[]) =>
            batch.call({ what: functionName, address: ism, abi, functionName, args, gas: 10_000_000n })
          call('addRoute', stake.end.domain, wordOf(stake.end.hook), LEVELS.finalized)
          const activatesAt = await away.now()
          const rows = epochRows(secrets.map((secret) => ({ key: blsPublicKey(secret), weight: WEIGHT })))
          const validUntil = activatesAt + EPOCH_SECONDS
          call('initialize', { number: 1n, activatesAt, validUntil, rows: bytesToHex(rows) })
          await batch.land(new AbortController().signal)

          const { sent, tree } = await prepare(ism)
          const statement = checkpointStatement(stake.end, checkpointOf(tree), 1n, Level.finalized)
          // those at the end of the table are absent
          const present = secrets.map((secret, row) => (row < signed ? secret : undefined))
          const certificate = certifyWith(domain, statement, present)
          const metadata = ({ index }: SentMessage, isFirst: boolean) =>
            metadataFor(tree, index, 1n, isFirst ? certificate : undefined)
          const gas = await measure('BridgeIsm', { validators: count, signed }, sent, metadata)
          const [first = 0n, next = 0n] = gas
          assert.ok(first > 0n && first <= FIRST_LIMIT + ABSENT_LIMIT * BigInt(count - signed), `${first}`)
          assert.ok(next > 0n && next <= LATER_LIMIT, `${next}`)
        })
      }

      for (const name of ['MessageId', 'MerkleRoot'] as const) {
        it(`of a Static${name}MultisigIsm with ${quorum} of ${count} validators`, async () => {
          const { sent, tree } = await prepare(await multisigOf(name, count))
          const signers = validatorsOf(count).slice(0, quorum)
          const origin = originOf(world.stake)
          const metadata = async ({ index }: SentMessage) => {
            const proven = { leaf: index, proof: tree.proof(index) }
            const checkpoint = name === 'MessageId' ? checkpointOf(tree, index + 1) : checkpointOf(tree)
            const signed = await signatures(origin, checkpoint, signers)
            return hexToBytes(
              name === 'MessageId'
                ? messageIdMetadata(origin.hook, checkpoint, signed)
                : merkleRootMetadata(origin.hook, checkpoint, proven, signed),
            )
          }
          const of = { validators: count, signed: quorum }
          const gas = await measure(`Static${name}MultisigIsm`, of, sent, metadata)
          assert.ok(gas.every((each) => each > 0n))
        })
      }
    }
  })
})
