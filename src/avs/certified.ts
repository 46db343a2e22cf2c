import { encodeG2 } from '../bls/eip2537.ts'
import { signatureFromBytes } from '../bls/keys.ts'
import type { CertificateStore, Journal, StoredCertificate } from '../store/store.ts'
import { Kind } from '../types/statement.ts'
import { bytesToHex, type Hex } from '../util/hex.ts'
import type { AnyService, CertifiedSlot, CertifiedSlots } from './api.ts'

/** The certificates of a service as its routes read them. Certificates without a value (identical agreement) are left out. */
export function certifiedSlots(
  from: { definition: AnyService; certificates: CertificateStore; journal: Journal },
  service: Hex,
): CertifiedSlots<unknown> {
  const { agreement } = from.definition
  function open(stored: StoredCertificate): CertifiedSlot<unknown> | undefined {
    if (agreement.kind !== 'report') return undefined
    const { slot, attempt, epoch, payload, absent, signature } = stored
    const [record] = from.journal.list({ service, fromSlot: slot, toSlot: slot, limit: 1 })
    return {
      slot,
      verifiedAt: stored.verifiedAt,
      transaction: record?.transaction ?? null,
      value: agreement.value.decode(stored.value),
      certificate: {
        statement: { service, kind: Kind.certify, epoch, slot, attempt, payload },
        absent,
        signature,
      },
      onChain: {
        absent: bytesToHex(absent),
        signature: bytesToHex(encodeG2(signatureFromBytes(signature))),
      },
    }
  }
  return {
    latest: () => from.certificates.list({ service, limit: 1 }).map(open)[0],
    list: (query) => from.certificates.list({ service, ...query }).flatMap((stored) => open(stored) ?? []),
  }
}
