import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { encodeErrorResult, type Hex, HttpRequestError, parseAbi, TimeoutError } from 'viem'
import { strategyManagerAbi } from '../../../src/chain/abi/strategyManager.ts'
import {
  decodeRevert,
  isReverted,
  revertData,
  reverted,
  toChainError,
  unavailability,
} from '../../../src/chain/errors.ts'
import { readSendFailure } from '../../../src/chain/sendErrors.ts'
import { isAbort } from '../../../src/util/errors.ts'
import { rpcError } from '../../support/fakeNode.ts'

const abi = parseAbi(['error TooYoung(uint64 until)', 'function f()'])
const url = 'https://rpc.example/v1/secret-key'

describe('errors of the chain', () => {
  it('say why a provider failed, and never show its URL', () => {
    const cases: [Error, string][] = [
      [new TimeoutError({ body: {}, url }), 'timeout'],
      [new HttpRequestError({ url }), 'unreachable'],
      [new HttpRequestError({ url, status: 429 }), 'refused'],
      [rpcError(-32_005, 'limit exceeded'), 'refused'],
      [new TypeError('x is not a function'), 'malformed'],
    ]
    for (const [thrown, why] of cases) {
      const error = toChainError(thrown, 'rpc.example', 'a question')
      assert.equal(error.code, 'chain.unavailable')
      assert.equal(unavailability(error), why)
      assert.ok(!inspect(error, { depth: 9 }).includes('secret-key'), inspect(error))
      assert.ok(!isAbort(error))
    }
  })

  it('clip what a provider says', () => {
    const error = toChainError(rpcError(-32_000, 'x'.repeat(10_000)), 'p', 'w')
    assert.ok(error.message.length < 500)
  })

  it('hold the decoded error of a contract', () => {
    const data = encodeErrorResult({ abi, errorName: 'TooYoung', args: [77n] })
    assert.equal(revertData(rpcError(3, 'execution reverted', data)), data)
    assert.deepEqual(decodeRevert(data, abi), { error: 'TooYoung', args: ['77'] })
    const text = encodeErrorResult({
      abi: parseAbi(['error Error(string)']),
      errorName: 'Error',
      args: ['No data present'],
    })
    assert.deepEqual(decodeRevert(text, abi), { error: 'Error', args: ['No data present'] })
    assert.deepEqual(decodeRevert('0xdeadbeef', abi), { error: '0xdeadbeef', args: [] })
    assert.deepEqual(decodeRevert('0x', abi), { error: 'unknown', args: [] })
  })

  it('show a refused transfer as either OpenZeppelin tells it', () => {
    const token = '0x0000000000000000000000000000000000005afe'
    const message = (data: Hex) => reverted('the deposit', data, strategyManagerAbi).message
    const ours = { abi: strategyManagerAbi, errorName: 'SafeERC20FailedOperation', args: [token] } as const
    assert.match(
      message(encodeErrorResult(ours)),
      /SafeERC20FailedOperation\(0x0\w+5aFE\): the token refused the transfer/,
    )
    // OpenZeppelin 4, which the real core has
    for (const reason of ['SafeERC20: ERC20 operation did not succeed', 'Address: call to non-contract']) {
      const real = { abi: parseAbi(['error Error(string)']), errorName: 'Error', args: [reason] } as const
      assert.equal(message(encodeErrorResult(real)), `the deposit reverted: Error(${reason})`)
    }
  })

  it('tell a revert without data from other refusals', () => {
    assert.equal(revertData(rpcError(3, 'execution reverted')), '0x')
    assert.equal(revertData(rpcError(-32_000, 'execution reverted')), '0x')
    assert.equal(revertData(rpcError(-32_000, 'header not found')), undefined)
    assert.equal(revertData(new Error('execution reverted')), undefined)
    assert.ok(!isReverted(toChainError(rpcError(-32_000, 'header not found'), 'p', 'w')))
  })
})

describe('refusals of a transaction', () => {
  const texts: [string, string][] = [
    ['already known', 'known'], // geth, reth
    ['transaction already imported', 'known'], // anvil, openethereum
    ['AlreadyKnown', 'known'], // nethermind
    ['Known transaction', 'known'], // besu
    ['nonce too low: next nonce 5, tx nonce 4', 'nonce-too-low'],
    ['OldNonce', 'nonce-too-low'],
    ['Nonce too low', 'nonce-too-low'],
    ['replacement transaction underpriced', 'underpriced'],
    ['transaction underpriced: tip needed 1, tip permitted 0', 'underpriced'],
    ['max fee per gas less than block base fee: address 0x…', 'underpriced'],
    ['FeeTooLow, MaxFeePerGas too low', 'underpriced'],
    ['insufficient funds for gas * price + value: balance 0', 'no-funds'],
    ['InsufficientFunds, Balance is 0', 'no-funds'],
    ['intrinsic gas too high -- tx.gas_limit > env.cfg.tx_gas_limit_cap', 'rejected'],
    ['exceeds block gas limit', 'rejected'],
    ['the node is busy', 'unclear'],
  ]
  for (const [text, meaning] of texts) {
    it(`"${text}" means ${meaning}`, () => assert.equal(readSendFailure(rpcError(-32_000, text)).refusal, meaning))
  }

  it('of several providers: the one that says most counts, and a lost answer is not forgotten', () => {
    const failing = (...texts: string[]) => new AggregateError(texts.map((text) => rpcError(-32_000, text)))
    assert.deepEqual(readSendFailure(failing('the node is busy', 'insufficient funds', 'nonce too low')), {
      refusal: 'nonce-too-low',
      mayHaveArrived: true,
    })
    assert.deepEqual(readSendFailure(failing('insufficient funds', 'nonce too low')), {
      refusal: 'nonce-too-low',
      mayHaveArrived: false,
    })
    assert.deepEqual(readSendFailure(new AggregateError([new Error('fetch failed')])), {
      refusal: 'unclear',
      mayHaveArrived: true,
    })
  })
})
