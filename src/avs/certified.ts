import { encodeG2 } from '../bls/eip2537.ts'
import { signatureFromBytes } from '../bls/keys.ts'
import type { CertificateStore, Journal, StoredCertificate } from '../store/store.ts'
import type { Certificate } from '../types/certificate.ts'
import { Kind } from '../types/statement.ts'
import { bytesToHex, type Hex } from '../util/hex.ts'
import type { AnyService, CertifiedSlot, CertifiedSlots, KeptCertificate, KeptCertificates } from './api.ts'

/** A certificate as plug-ins get it. @param verifiedAt ms since the epoch */
export function keptCertificate(certificate: Certificate, verifiedAt: number): KeptCertificate {
  let onChain: KeptCertificate['onChain'] | undefined
  return {
    certificate,
    // decompressing the signature takes a quarter of a millisecond, and few who list certificates want it
    get onChain() {
      onChain ??= {
        absent: bytesToHex(certificate.absent),
        signature: bytesToHex(encodeG2(signatureFromBytes(certificate.signature))),
      }
      return onChain
    },
    verifiedAt,
  }
}

/** The certificates of a section's services, whatever their agreement. */
export function keptCertificates(certificates: CertificateStore): KeptCertificates {
  return {
    list: (query) =>
      certificates.list(query).map(({ service, slot, attempt, epoch, payload, absent, signature, verifiedAt }) =>
        keptCertificate(
          {
            statement: { service: service as Hex, kind: Kind.certify, epoch, slot, attempt, payload },
            absent,
            signature,
          },
          verifiedAt,
        ),
      ),
  }
}

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
