import { createHash } from 'node:crypto'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { concatHex, encodeFunctionData, padHex, parseEther, toHex, zeroHash } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { ANVIL_MNEMONIC, startAnvil } from '../../src/testnet/anvil.ts'
import type { Artifacts } from '../../src/testnet/artifacts.ts'
import { Batch, localClient } from '../../src/testnet/batch.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { MAX_TRANSACTION_GAS, transact } from './transact.ts'

/** The limits: verifying one round, and delivering and storing it. */
const VERIFY_LIMIT = 150_000n
const DELIVER_LIMIT = 178_000n
/** Seconds. */
const PERIOD = 3
const BLOCK_INTERVAL = 12
const REORG_MARGIN = 12
/** Past every round that is asked for here. */
const WAIT = 600
const SECRET = 0x1a71a7n
const TAG = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'
const GAS_LIMIT = 200_000
const FEE = parseEther('0.001')
/** Rounds that a request leaves for the blocks that come before it. */
const LEAD = 10n
/** Requests of one round that one transaction fulfills. */
const PAGE = 20
/** A callback that does nothing. */
const STOP: Hex = '0x00'

interface Request {
  readonly id: bigint
  readonly consumer: Address
  readonly round: bigint
  readonly gasLimit: number
  readonly fee: bigint
}

/** Takes a figure: what was measured, its gas, and the most that it may be. */
type Report = (figure: Readonly<Record<string, string | number>>, gas: bigint, limit: bigint) => void

/** Rounds that are verified and stored, and requests for them, whose callbacks do nothing: what is told is overhead. */
export async function beaconGas(artifacts: Artifacts, report: Report): Promise<void> {
  const anvil = await startAnvil({ accounts: 2 })
  try {
    const net = await startBeacon(artifacts, anvil.rpcUrl)
    const { call, read, deliverer } = net
    const tell = (step: string, gas: bigint, limit = MAX_TRANSACTION_GAS) =>
      report({ case: 'beacon', step }, gas, limit)

    tell('verify', await call(deliverer, 'verify', [1n, sign(1n)]), VERIFY_LIMIT)
    await expectRefusal(read('verify', [2n, sign(1n)]))
    tell('deliver', await call(deliverer, 'deliver', [1n, sign(1n)]), DELIVER_LIMIT)

    const first = await ask(net)
    const second = await ask(net, first.request.round)
    tell('request', second.gas)
    await net.answer()
    // The deliverer has no fees yet, and afterwards some.
    const { round } = first.request
    tell('deliver-and-fulfill', await call(deliverer, 'deliverAndFulfill', [round, sign(round), [first.request]]))
    const fulfill = await call(deliverer, 'fulfill', [[second.request]])
    tell('fulfill', fulfill)
    tell('request-and-fulfill', second.gas + fulfill)

    await net.silence()
    const page = [(await ask(net)).request]
    const common = page[0]?.round ?? 0n
    while (page.length < PAGE) page.push((await ask(net, common)).request)
    await net.answer()
    const all = await call(deliverer, 'deliverAndFulfill', [common, sign(common), page])
    report({ case: 'beacon', step: 'deliver-and-fulfill', requests: PAGE }, all, MAX_TRANSACTION_GAS)
    if (((await read('feesOf', [deliverer.address])) as bigint) !== FEE * BigInt(PAGE + 2)) {
      throw new Error('not all requests were fulfilled')
    }
  } finally {
    await anvil.stop()
  }
}

interface BeaconNet {
  /** Sends a transaction to the beacon. @returns the gas that all of it used */
  call(from: HDAccount, functionName: string, args: readonly unknown[], value?: bigint): Promise<bigint>
  read(functionName: string, args: readonly unknown[]): Promise<unknown>
  /** Waits until all rounds that were asked for have come, and gives the consumer code. */
  answer(): Promise<void>
  /** Takes the code away: what has code sends no transactions. */
  silence(): Promise<void>
  /** An account that asks; it is given code before it is called back. */
  readonly consumer: HDAccount
  readonly deliverer: HDAccount
  /** Requests so far; they are numbered from 1. */
  asked: number
}

/** A beacon with a group, on a chain as mainnet is, some rounds after its genesis. */
async function startBeacon(artifacts: Artifacts, rpcUrl: string): Promise<BeaconNet> {
  const client = localClient(rpcUrl)
  const [consumer, deliverer] = [0, 1].map((addressIndex) => mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex }))
  if (consumer === undefined || deliverer === undefined) throw new Error('accounts are missing')
  const { abi } = artifacts.get('RandomnessBeacon')
  const setCode = async (address: Address, code: Hex) => {
    await client.request({ method: 'anvil_setCode', params: [address, code] } as never)
  }
  const pass = async (seconds: number) => {
    await client.request({ method: 'evm_increaseTime', params: [seconds] } as never)
    await client.request({ method: 'evm_mine', params: [] } as never)
  }
  // Stands for the service: answers that the deliverer is the key generation.
  const service = `0x${'5e'.repeat(20)}` as const
  await setCode(service, concatHex(['0x73', deliverer.address, '0x5f5260205ff3']))
  const batch = await Batch.open(client, deliverer)
  const parameters = [service, PERIOD, BLOCK_INTERVAL, REORG_MARGIN]
  const address = batch.deploy(artifacts, 'RandomnessBeacon', parameters)
  await batch.land(new AbortController().signal)
  const net: BeaconNet = {
    call: (from, functionName, args, value = 0n) =>
      transact({ client, from, to: address, data: encodeFunctionData({ abi, functionName, args }), value, abi }),
    read: (functionName, args) => client.readContract({ address, abi, functionName, args }),
    answer: async () => {
      await pass(WAIT)
      await setCode(consumer.address, STOP)
    },
    silence: () => setCode(consumer.address, '0x'),
    consumer,
    deliverer,
    asked: 0,
  }
  const genesis = (await client.getBlock()).timestamp + BigInt(WAIT)
  await net.call(deliverer, 'setGroup', [groupKey(), zeroHash, genesis])
  await pass(WAIT + PERIOD)
  return net
}

/** Asks for `round`, or one soon after the earliest. @returns the request, and the gas of asking */
async function ask(net: BeaconNet, round?: bigint): Promise<{ readonly request: Request; readonly gas: bigint }> {
  const committed = round ?? ((await net.read('earliestRound', [])) as bigint) + LEAD
  const gas = await net.call(net.consumer, 'request', [committed, GAS_LIMIT], FEE)
  const id = BigInt(++net.asked)
  return { request: { id, consumer: net.consumer.address, round: committed, gasLimit: GAS_LIMIT, fee: FEE }, gas }
}

async function expectRefusal(verification: Promise<unknown>): Promise<void> {
  const refused = await verification.then(
    () => false,
    (error: unknown) => String(error).includes('RoundSignatureInvalid'),
  )
  if (!refused) throw new Error('the signature of another round was not refused')
}

function coordinate(value: bigint): Hex {
  return padHex(toHex(value), { size: 48 })
}

function groupKey(): Hex {
  const { x, y } = bls12_381.G2.Point.BASE.multiply(SECRET).toAffine()
  return concatHex([x.c0, x.c1, y.c0, y.c1].map(coordinate))
}

/** The group's signature of a round, as the contract takes it. */
function sign(round: bigint): Hex {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(round)
  const message = bls12_381.G1.hashToCurve(createHash('sha256').update(bytes).digest(), { DST: TAG })
  const { x, y } = message.multiply(SECRET).toAffine()
  return concatHex([coordinate(x), coordinate(y)])
}
