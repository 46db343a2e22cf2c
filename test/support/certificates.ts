import { makeCertificate } from '../../src/signer/remote/certificate.ts'
import type { TlsMaterial } from '../../src/signer/remote/tls.ts'

/** Certificates of a signer at 127.0.0.1 and of its node, made anew. */
export function tlsPair(): { readonly signer: TlsMaterial; readonly node: TlsMaterial } {
  const now = Date.now()
  const signer = makeCertificate({ use: 'server', commonName: 'signer', hosts: ['127.0.0.1'], now, days: 1 })
  const node = makeCertificate({ use: 'client', commonName: 'node', hosts: [], now, days: 1 })
  return {
    signer: { ca: node.certificate, cert: signer.certificate, key: signer.key },
    node: { ca: signer.certificate, cert: node.certificate, key: node.key },
  }
}
