import { publicKeyFromBytes, signatureFromBytes } from '../../bls/keys.ts'
import { verify } from '../../bls/verify.ts'
import type { Metrics } from '../../metrics/registry.ts'
import { statementDigest } from '../../types/digest.ts'
import type { Domain } from '../../types/statement.ts'
import type { Clock } from '../../util/clock.ts'
import { describe, LariatError } from '../../util/errors.ts'
import { type Address, equalBytes, type Hex } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import { Guard } from '../guard.ts'
import { kindName, signerMetrics } from '../metrics.ts'
import { type OperatorKeys, unknownKey } from '../operatorKeys.ts'
import type { StatementSigner } from '../signer.ts'
import type { RemoteClient } from './client.ts'
import { declareRemoteMetrics, type RemoteMetrics } from './metrics.ts'
import { type KeysAnswer, keyId, publicKeyOf } from './protocol.ts'

export interface RemoteKeysOptions {
  readonly client: RemoteClient
  readonly clock: Clock
  readonly metrics: Metrics
  /** Whose statements shall be signed. */
  readonly operator: Address
  readonly chainId: number
  readonly genesisHash: Hex
}

/**
 * The keys that a remote signer holds for this operator. Statements pass the guard of this process, then that of the
 * signer; what comes back is verified before anyone sees it.
 * @throws LariatError `signer.unavailable`, `signer.mismatch` when it serves another operator or chain
 */
export async function openRemoteKeys(options: RemoteKeysOptions): Promise<OperatorKeys> {
  const { client, clock, operator } = options
  const counted = declareRemoteMetrics(options.metrics)
  let publicKeys = listed(await client.keys(), options)

  async function sign(domain: Domain, request: Parameters<StatementSigner['sign']>[0], key: Uint8Array) {
    const began = clock.now()
    try {
      const signature = await client.sign(keyId(key), { domain, operator, request })
      if (!isSignature(domain, request.statement, key, signature)) {
        throw new LariatError(
          'signer.unavailable',
          `the remote signer at ${client.where} sent something that is not the signature it was asked for: check which signer answers there`,
          { where: client.where },
        )
      }
      counted.requests.inc({ outcome: 'signed' })
      return signature
    } catch (error) {
      counted.requests.inc({ outcome: outcomeOf(error) })
      throw error
    } finally {
      counted.seconds.observe({}, (clock.now() - began) / 1_000)
    }
  }

  function pick(publicKey: Uint8Array | undefined): Uint8Array {
    const found = publicKeys.find((key) => publicKey === undefined || equalBytes(key, publicKey))
    if (found === undefined) throw unknownKey()
    return found
  }

  return {
    publicKeys: () => publicKeys,
    signer(guarded) {
      const guard = new Guard(guarded)
      const { signatures } = signerMetrics(guarded.metrics)
      return {
        operator: guarded.operator,
        publicKey: pick(undefined),
        publicKeys: () => publicKeys,
        floor: guard.floor,
        async sign(request) {
          const publicKey = pick(request.publicKey) // before the guard: what cannot be signed needs no record
          const { statement } = await guard.authorize(request)
          // what was recorded is what is asked for, whatever the caller's object does meanwhile
          const asked = { statement, triggeredAt: request.triggeredAt, window: { ...request.window } }
          const signature = await sign(guarded.domain, asked, publicKey).catch((error: unknown) => {
            warnOfConflict(error, guarded.log)
            throw error
          })
          const kind = kindName(statement.kind)
          if (kind !== undefined) signatures.inc({ kind })
          return signature
        },
      }
    },
    prove: async (domain, registering, publicKey) =>
      client.prove(keyId(pick(publicKey)), { domain, operator: registering }),
    async reload() {
      const before = publicKeys
      publicKeys = listed(await client.keys(), options)
      return publicKeys.filter((key) => !before.some((other) => equalBytes(key, other))).length
    },
    async check() {
      try {
        const now = listed(await client.keys(), options)
        return publicKeys.every((key) => now.some((other) => equalBytes(key, other)))
          ? undefined
          : `the remote signer at ${client.where} no longer has a key that this node had from it: restart the node, or give the signer its key back`
      } catch (error) {
        return describe(error)
      }
    },
    close: () => client.close(),
  }
}

/** The keys of an answer, once it is for this operator and chain. */
function listed(answer: KeysAnswer, options: RemoteKeysOptions): Uint8Array[] {
  const { client, operator, chainId, genesisHash } = options
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
  const told: readonly (readonly [what: string, own: string, its: string])[] = [
    ['operator', operator, answer.operator],
    ['chain', String(chainId), String(answer.chainId)],
    ['genesis hash', genesisHash, answer.genesisHash],
  ]
  for (const [what, own, its] of told) {
    if (same(own, its)) continue
    throw new LariatError(
      'signer.mismatch',
      `the remote signer at ${client.where} serves ${what} ${its}, this node ${own}: correct one of the two configurations`,
      { where: client.where, what },
    )
  }
  return answer.keys.map(publicKeyOf)
}

function isSignature(
  domain: Domain,
  statement: Parameters<typeof statementDigest>[1],
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return verify(statementDigest(domain, statement), publicKeyFromBytes(publicKey), signatureFromBytes(signature))
  } catch {
    return false
  }
}

/** Our own guard had let it pass: so its record was put back, or somebody else has the same signer sign. */
function warnOfConflict(error: unknown, log: Log): void {
  if (!(error instanceof LariatError) || error.code !== 'guard.conflict') return
  log.error(
    'the remote signer has signed another payload than this node asked for: look for a second node that uses it',
    {
      error: describe(error),
    },
  )
}

function outcomeOf(error: unknown): Parameters<RemoteMetrics['requests']['inc']>[0]['outcome'] {
  return error instanceof LariatError && error.code !== 'signer.unavailable' ? 'refused' : 'unavailable'
}
