import assert from 'node:assert/strict'
import { erc20Abi } from 'viem'
import type { TransactionReceipt, TransactionRequest } from '../../../../src/chain/sender.ts'
import type { SentTransaction } from '../../../../src/chain/sent.ts'
import { carryOut, type Errand, type Manners } from '../../../../src/node/operator/carryOut.ts'
import type { Plan, Step } from '../../../../src/node/operator/plan.ts'
import type { Terminal } from '../../../../src/node/operator/terminal.ts'
import { fakeChain } from '../../../support/chain.ts'
import { rpcError } from '../../../support/fakeNode.ts'

const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const step = (what: string): Step => ({
  what,
  consequences: [`after that, ${what} is done`],
  to: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  abi: erc20Abi,
  functionName: 'approve',
  args: [account, 5n],
  by: 'operator',
})
const receipt: TransactionReceipt = {
  hash: `0x${'01'.repeat(32)}`,
  blockNumber: 12n,
  gasUsed: 50_000n,
  status: 'success',
  contractAddress: null,
}

/** A command with two steps, of which those that were sent are left out of the next plan. */
async function errand(answer: boolean | undefined, underway?: SentTransaction) {
  const { chain, node } = await fakeChain()
  chain.heads.close()
  const sent: string[] = []
  const resumed: string[] = []
  const printed: string[] = []
  const asked: string[] = []
  const terminal: Terminal = {
    interactive: answer !== undefined,
    out: (line) => printed.push(line),
    async confirm(question) {
      asked.push(question)
      return answer === true
    },
  }
  const plan = async (): Promise<Plan> => ({
    steps: ['first', 'second'].filter((what) => !sent.includes(what) && !resumed.includes(what)).map(step),
    notes: ['A note.'],
    later: [{ what: 'third', fromBlock: 500 }],
  })
  const all: Errand = {
    chain,
    deployment: { name: 'fake', chainId: 31_337 },
    title: 'Operator',
    account,
    sending: {
      account,
      sender: {
        address: account,
        async send({ what }: TransactionRequest) {
          sent.push(what)
          return receipt
        },
        async resume({ what }) {
          resumed.push(what)
          return receipt
        },
        close: async () => {},
      },
      transactions: { underway: () => underway, done: () => [], keep: () => {}, settle: () => {} },
    },
    look: async () => {
      const block = { number: 100n, hash: receipt.hash, timestamp: 1_700_000_000n }
      return { block, now: block, seconds: 12, read: () => Promise.reject(new Error('nothing is read')) }
    },
    plan,
  }
  const run = (manners: Manners = {}) => carryOut(manners, terminal, all)
  return { run, all, terminal, node, sent, resumed, printed, asked }
}

describe('carrying a plan out', () => {
  it('shows it, asks at a terminal, sends every step, and says what remains', async () => {
    const { run, sent, printed, asked } = await errand(true)
    assert.equal(await run(), 0)
    assert.deepEqual(asked, [`Send these 2 transactions from ${account}?`])
    assert.deepEqual(sent, ['first', 'second'])
    const text = printed.join('\n')
    assert.match(
      text,
      /^Operator 0x7099.* on fake \(chain 31337\), block 100\n1\. first\n {3}- after that, first is done\n2\. second/,
    )
    assert.match(text, /done 1\/2: first \(block 12, 50,000 gas/)
    assert.match(text, /later: third, from block 500 \(in about 1\.3 hours/)
  })

  it('sends nothing when the answer is no, or nobody can give one', async () => {
    const refusing = await errand(false)
    await assert.rejects(refusing.run(), { code: 'operator.declined' })
    const alone = await errand(undefined)
    await assert.rejects(alone.run(), { code: 'usage.confirm', message: /--yes/ })
    assert.deepEqual([...refusing.sent, ...alone.sent], [])
    assert.match(alone.printed.join('\n'), /1\. first/, 'the plan is shown all the same')
  })

  it('does not ask with --yes', async () => {
    const { run, sent, asked } = await errand(undefined)
    assert.equal(await run({ yes: true }), 0)
    assert.deepEqual([sent.length, asked.length], [2, 0])
  })

  it('waits for what an earlier run sent before it plans', async () => {
    const underway: SentTransaction = {
      what: 'first',
      call: { gas: 1n },
      nonce: 0n,
      fees: { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n },
      raw: '0x',
      hashes: [receipt.hash],
    }
    const { run, sent, resumed, printed } = await errand(undefined, underway)
    assert.equal(await run({ yes: true }), 0)
    assert.deepEqual([resumed, sent], [['first'], ['second']])
    assert.match(printed[0] ?? '', /An earlier run sent a transaction: first/)
  })

  it('asks nothing and sends nothing when the core would refuse the first step', async () => {
    const { run, node, sent, asked } = await errand(true)
    node.overrides.eth_estimateGas = () => {
      throw rpcError(3, 'execution reverted', '0x')
    }
    await assert.rejects(run(), { code: 'chain.reverted' })
    assert.deepEqual([sent, asked], [[], []])
  })

  it('prints one object a line for programs', async () => {
    const { run, printed } = await errand(undefined)
    await run({ yes: true, json: true })
    const events = printed.map((line) => JSON.parse(line))
    assert.deepEqual(
      events.map(({ event }) => event),
      ['plan', 'landed', 'landed', 'after'],
    )
    assert.equal(events[0].operator, account)
    assert.deepEqual(events.at(-1).steps, [])
  })

  it('prints what others shall send, with what it says', async () => {
    const { all, terminal, printed, sent } = await errand(undefined)
    assert.equal(await carryOut({ calldata: true }, terminal, { ...all, sending: undefined }), 0)
    const [line] = printed.map((text) => JSON.parse(text))
    assert.deepEqual(
      [line.step, line.of, line.from, line.chainId, line.function, line.value],
      [1, 2, account, 31_337, 'approve(address,uint256)', '0'],
    )
    assert.match(line.data, /^0x095ea7b3/)
    assert.deepEqual(sent, [])
  })
})
