import { createHash } from 'node:crypto'
import { encodeAbiParameters, encodeFunctionData, parseAbiParameters, toHex } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { encodeG1, encodeG2 } from '../../src/bls/eip2537.ts'
import type { PublicKey } from '../../src/bls/keys.ts'
import { decodeSignature } from '../../src/bls/keys.ts'
import { derivePublicKey, provePossession, secretFromEntropy, signerOf } from '../../src/bls/secret/key.ts'
import { aggregateSignatures } from '../../src/bls/verify.ts'
import { ANVIL_MNEMONIC, startAnvil } from '../../src/testnet/anvil.ts'
import { localClient } from '../../src/testnet/batch.ts'
import { deploy, type FeedSettings, OPERATOR_SET_ID } from '../../src/testnet/deploy.ts'
import { registrationDigest, statementDigest } from '../../src/types/digest.ts'
import type { Statement } from '../../src/types/statement.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { builtArtifacts } from './artifacts.ts'
import { transact } from './transact.ts'

/** Test tokens that every operator stakes, 10^-18. */
const STAKE = 32n * 10n ** 18n

const REGISTRATION = parseAbiParameters([
  'Registration registration',
  'struct Registration { bytes publicKey; bytes proofOfPossession; bytes peerId; string[] addresses; }',
])

interface GasOperator {
  readonly index: number
  readonly account: HDAccount
  readonly secret: Uint8Array
  readonly publicKey: PublicKey
  readonly sign: (digest: Uint8Array) => Uint8Array
}

/** A chain as mainnet is, with the core and the price service on it, and operators that join one by one. */
export interface GasNet {
  readonly priceFeeds: Address
  /** Seconds since the genesis of the price service, by the newest block. */
  now(): Promise<bigint>
  /** Sends a transaction to the price service. @returns the gas that all of it used */
  transact(functionName: string, args: readonly unknown[]): Promise<bigint>
  /** Reads from the price service. */
  read(functionName: string, args: readonly unknown[]): Promise<unknown>
  pass(seconds: number): Promise<void>
  /** Brings operator `index` into the core and the service. @returns the gas of joining with a new key */
  join(index: number): Promise<bigint>
  /** The certificate of the operators that have joined, but for the rows in `absent`. */
  certify(statement: Statement, absent: readonly number[]): { absent: Hex; signature: Hex }
  stop(): Promise<void>
}

/** Seconds between rounds. */
const INTERVAL = 1
/** Seconds for which rounds have been going on when the chain begins. */
const PAST = 100_000

/** @param operators how many may join */
export async function startGasNet(operators: number, feeds: readonly FeedSettings[]): Promise<GasNet> {
  const artifacts = await builtArtifacts()
  const anvil = await startAnvil({ accounts: operators + 1 })
  const client = localClient(anvil.rpcUrl)
  const cast = Array.from({ length: operators }, (_, i) => createOperator(i))
  const genesis = Number((await client.getBlock()).timestamp) - PAST
  const { deployment, priceFeeds, token, strategy } = await deploy({
    client,
    artifacts,
    deployer: mnemonicToAccount(ANVIL_MNEMONIC),
    genesis,
    interval: INTERVAL,
    feeds,
    operators: cast.map(({ account }) => account.address),
    stake: STAKE,
    signal: new AbortController().signal,
  })
  const domain = { chainId: deployment.chainId, serviceManager: priceFeeds }
  const abi = artifacts.get('PriceFeeds').abi
  const anyone = cast[0]?.account ?? mnemonicToAccount(ANVIL_MNEMONIC)
  const { delegationManager, strategyManager, allocationManager } = deployment.core
  const joined: GasOperator[] = []

  async function call(from: HDAccount, contract: string, to: Address, functionName: string, args: readonly unknown[]) {
    const { abi } = artifacts.get(contract)
    return transact({ client, from, to, data: encodeFunctionData({ abi, functionName, args }), abi })
  }

  return {
    priceFeeds,
    now: async () => (await client.getBlock()).timestamp - BigInt(genesis),
    transact: (functionName, args) => call(anyone, 'PriceFeeds', priceFeeds, functionName, args),
    read: (functionName, args) => client.readContract({ address: priceFeeds, abi, functionName, args }),
    async pass(seconds) {
      await client.request({ method: 'evm_increaseTime', params: [seconds] } as never)
      await client.request({ method: 'evm_mine', params: [] } as never)
    },
    async join(index) {
      const operator = cast[index]
      if (operator === undefined) throw new RangeError(`there is no operator ${index}`)
      const { account } = operator
      await call(account, 'DelegationManager', delegationManager, 'registerAsOperator', [`0x${'0'.repeat(40)}`, 0, ''])
      await call(account, 'TestToken', token, 'approve', [strategyManager, STAKE])
      await call(account, 'StrategyManager', strategyManager, 'depositIntoStrategy', [strategy, token, STAKE])
      const operatorSet = { avs: priceFeeds, id: OPERATOR_SET_ID }
      const allocation = { operatorSet, strategies: [strategy], newMagnitudes: [10n ** 18n] }
      await call(account, 'AllocationManager', allocationManager, 'modifyAllocations', [account.address, [allocation]])
      const data = registrationOf(operator, domain)
      const gas = await call(account, 'AllocationManager', allocationManager, 'registerForOperatorSets', [
        account.address,
        { avs: priceFeeds, operatorSetIds: [OPERATOR_SET_ID], data },
      ])
      joined.push(operator)
      return gas
    },
    certify(statement, absent) {
      const digest = statementDigest(domain, statement)
      const bitmap = new Uint8Array(absent.length === 0 ? 0 : (Math.max(...absent) >> 3) + 1)
      for (const row of absent) bitmap[row >> 3] = (bitmap[row >> 3] ?? 0) | (1 << (row & 7))
      const present = joined.filter((_, row) => !absent.includes(row))
      const sum = aggregateSignatures(present.map(({ sign }) => decodeSignature(sign(digest))))
      return { absent: toHex(bitmap), signature: toHex(encodeG2(sum)) }
    },
    stop: () => anvil.stop(),
  }
}

/** An operator with keys that follow from its number. */
function createOperator(index: number): GasOperator {
  const secret = secretFromEntropy(createHash('sha256').update(`operator ${index}`).digest())
  const account = mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: index + 1 })
  return { index, account, secret, publicKey: derivePublicKey(secret), sign: signerOf(secret) }
}

/** What an operator hands over when it joins, as the contracts' `Registration`. */
function registrationOf(operator: GasOperator, domain: { chainId: number; serviceManager: Address }): Hex {
  const { index, account, secret, publicKey } = operator
  const key = encodeG1(publicKey)
  const proof = provePossession(secret, registrationDigest(domain, account.address, key))
  const peerId = new Uint8Array(38).fill(index)
  return encodeAbiParameters(REGISTRATION, [
    {
      publicKey: toHex(key),
      proofOfPossession: toHex(encodeG2(proof)),
      peerId: toHex(peerId),
      addresses: ['/ip4/203.0.113.77/tcp/9000', '/dns4/operator.example/tcp/9000'],
    },
  ])
}
