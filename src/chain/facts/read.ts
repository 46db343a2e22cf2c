import type { Abi, PublicClient } from 'viem'
import { LariatError } from '../../util/errors.ts'
import type { Address, Hex } from '../../util/hex.ts'
import { toRpcCall } from '../call.ts'
import { Lie, revertData, reverted } from '../errors.ts'
import type { ChainMetrics } from '../metrics.ts'
import type { Answer, Answers, Providers } from '../providers.ts'
import type { TrustKeeper } from '../trust.ts'
import type { Header } from './header.ts'
import type { CallOutcome } from './run.ts'
import { createProvenState } from './state.ts'

export interface AgreedCallOptions {
  readonly chainId: number
  readonly providers: Providers
  readonly trust: TrustKeeper
  readonly metrics: Pick<ChainMetrics, 'provenCalls'>
}

export interface AgreedCall {
  readonly to: Address
  readonly data: Hex
  /** Decodes a revert. */
  readonly abi: Abi
  /** Names the call in errors. */
  readonly what: string
}

/**
 * The result of a view call in an agreed block. Every provider is asked for that block by its hash. When enough answer and
 * all say the same, that is it. Otherwise the call is run here over proven state, and who said something else is caught;
 * where that cannot be done, nothing is returned.
 * @throws LariatError `chain.reverted`; `chain.contradiction` when they differ and it cannot be proven who is right;
 * `chain.no-quorum` when too few answer and it cannot be proven either
 */
export async function agreedCall(options: AgreedCallOptions, header: Header, call: AgreedCall): Promise<Hex> {
  const outcome = await agreedOutcome(options, header, call)
  if ('revert' in outcome) throw reverted(call.what, outcome.revert, call.abi)
  return outcome.result
}

async function agreedOutcome(options: AgreedCallOptions, header: Header, call: AgreedCall): Promise<CallOutcome> {
  const { providers, trust } = options
  const found = await providers.collect(call.what, (client) => callAt(client, header, call))
  const { answers } = found
  const [first] = answers
  const same = answers.every(({ value }) => textOf(value) === textOf(first?.value))
  if (first !== undefined && same && answers.length >= providers.needed) return first.value
  try {
    const truth = await prove(options, header, call)
    convict(providers, answers, truth, call)
    return truth
  } catch (error) {
    if (!(error instanceof LariatError)) throw error
    const problem = unresolved(options, header, call, found, error)
    if (problem.code === 'chain.contradiction') trust.contradicted(problem.message)
    throw problem
  }
}

async function callAt(client: PublicClient, header: Header, { to, data }: AgreedCall): Promise<CallOutcome> {
  const request = client.request as (args: { method: string; params: readonly unknown[] }) => Promise<unknown>
  try {
    const result = await request({ method: 'eth_call', params: [toRpcCall({ to, data }), { blockHash: header.hash }] })
    if (typeof result !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(result))
      throw new TypeError('a result that is no bytes')
    return { result: result.toLowerCase() as Hex }
  } catch (error) {
    const data = revertData(error)
    if (data === undefined) throw error
    return { revert: data.toLowerCase() as Hex }
  }
}

/** The result of the call as the block's own state gives it. */
async function prove(
  { chainId, providers, metrics }: AgreedCallOptions,
  header: Header,
  call: AgreedCall,
): Promise<CallOutcome> {
  try {
    // An EVM is loaded only when it is needed.
    const { runProven } = await import('./run.ts')
    const outcome = await runProven(chainId, header, createProvenState(providers, header), call)
    metrics.provenCalls.inc({ outcome: 'proven' })
    return outcome
  } catch (error) {
    metrics.provenCalls.inc({ outcome: 'failed' })
    throw error
  }
}

/** Names who said something else. When nobody said what we found, the fault may be ours: then it is a contradiction. */
function convict(
  providers: Providers,
  answers: readonly Answer<CallOutcome>[],
  truth: CallOutcome,
  call: AgreedCall,
): void {
  const liars = answers.filter(({ value }) => !agree(value, truth))
  if (liars.length === answers.length && liars.length > 0) {
    throw new LariatError('chain.unprovable', 'no provider says what the state that they prove gives')
  }
  for (const { provider } of liars) {
    providers.accuse(provider, new Lie('call', `its answer to ${call.what} is not what the block's state gives`))
  }
}

function unresolved(
  { providers }: AgreedCallOptions,
  header: Header,
  { what }: AgreedCall,
  { answers }: Answers<CallOutcome>,
  cause: LariatError,
): LariatError {
  const differ = new Set(answers.map(({ value }) => textOf(value))).size > 1
  if (differ || cause.code === 'chain.unprovable') {
    const who = answers.map(({ provider, value }) => `${provider}: ${textOf(value).slice(0, 80)}`).join('; ')
    return new LariatError(
      'chain.contradiction',
      `the providers differ on ${what} in block ${header.number} (${who}), and none proves its answer (eth_getProof): nothing is signed until they agree; replace the wrong one`,
      { what },
      cause,
    )
  }
  return new LariatError(
    'chain.no-quorum',
    `${answers.length} of ${providers.count} providers answered ${what}, and ${providers.needed} are needed: check ${providers.section}.rpc and its providers`,
    { what },
    cause,
  )
}

function textOf(outcome: CallOutcome | undefined): string {
  if (outcome === undefined) return ''
  return 'result' in outcome ? outcome.result : `revert ${outcome.revert}`
}

/** Some nodes leave a revert's data out: that is less than others say, and no lie. */
function agree(said: CallOutcome, truth: CallOutcome): boolean {
  if ('revert' in said && 'revert' in truth) return said.revert === truth.revert || said.revert === '0x'
  return textOf(said) === textOf(truth)
}
