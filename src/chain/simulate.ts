import { type Abi, BaseError, numberToHex, type PublicClient, RpcRequestError } from 'viem'
import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import { type Call, runCode, toRpcCall } from './call.ts'
import type { Chain } from './clients.ts'
import { readSendFailure } from './sendErrors.ts'

/** Osaka's cap on the gas of a transaction (EIP-7825). */
export const MAX_TRANSACTION_GAS = 16_777_216n
/** Added to an estimate, per cent: state may move between estimate and inclusion. Unused gas costs nothing. */
const GAS_MARGIN = 25n
/** JSON-RPC's "invalid params": how a node says that it knows no block overrides. */
const INVALID_PARAMS = -32_602

/**
 * Runs a transaction in the block that could come next, without sending it, and returns the gas limit to send it with.
 * The next block's time is taken as now, at least one second after the latest block's: a call that is only valid from
 * this second on would fail at the latest block's time, and succeed when it is mined.
 * @param what names the transaction in errors
 * @param maxGas that an estimate may come to
 * @throws LariatError `chain.reverted`, `chain.too-much-gas`, `chain.unavailable`
 */
export async function simulate(
  chain: Chain,
  call: Call,
  abi: Abi,
  what: string,
  maxGas = MAX_TRANSACTION_GAS,
): Promise<bigint> {
  const gas = await inNextBlock(
    chain,
    { ...call, gas: call.gas ?? MAX_TRANSACTION_GAS },
    abi,
    what,
    call.gas === undefined,
  )
  if (call.gas !== undefined) return call.gas
  const estimate = BigInt(gas)
  if (estimate > maxGas) throw tooMuchGas(what, `${estimate}`, maxGas)
  const limit = (estimate * (100n + GAS_MARGIN)) / 100n
  return limit > maxGas ? maxGas : limit
}

/** Runs the call as if after all of block `number`: tells why a transaction of that block failed. */
export async function rerun(chain: Chain, call: Call, abi: Abi, what: string, number: bigint): Promise<void> {
  await chain.providers.ask(what, (client) =>
    runCode(client, 'eth_call', [toRpcCall(call), numberToHex(number)], abi, what),
  )
}

async function inNextBlock(chain: Chain, call: Call, abi: Abi, what: string, estimate: boolean): Promise<Hex> {
  const method = estimate ? 'eth_estimateGas' : 'eth_call'
  const latest = chain.heads.current('latest')
  const now = BigInt(Math.floor(chain.clock.now() / 1_000))
  const time = now > latest.timestamp ? now : latest.timestamp + 1n
  const run = (client: PublicClient, params: readonly unknown[]) => runCode(client, method, params, abi, what)
  return chain.providers.ask(what, async (client) => {
    try {
      return await run(client, [toRpcCall(call), 'latest', {}, { time: numberToHex(time) }])
    } catch (error) {
      const rpc = error instanceof BaseError ? error.walk((e) => e instanceof RpcRequestError) : null
      if (!(rpc instanceof RpcRequestError)) throw error
      if (/out ?of ?gas|gas required exceeds|tx_gas_limit/i.test(rpc.details)) throw tooMuchGas(what, rpc.details)
      if (readSendFailure(rpc).refusal === 'no-funds') throw noFunds(what, call)
      if (rpc.code !== INVALID_PARAMS) throw error
      return run(client, [toRpcCall(call), 'pending'])
    }
  })
}

/** The account cannot pay for the transaction. */
export function noFunds(what: string, { from, value = 0n }: Call): LariatError {
  const message = `${what}: ${from ?? 'the account'} cannot pay for the transaction: send it ETH`
  return new LariatError('chain.no-funds', message, { what, account: from, value })
}

function tooMuchGas(what: string, need: string, most = MAX_TRANSACTION_GAS): LariatError {
  return new LariatError(
    'chain.too-much-gas',
    `${what} needs more than the ${most} gas that a transaction may have (${need}): do less at once`,
    { what },
  )
}
