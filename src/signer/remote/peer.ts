import type { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import type { TlsMaterial } from './tls.ts'

/**
 * The certificate that whoever listens at `url` (`https://host:port`) shows, trusted by `tls.ca`, in a connection of its own.
 * @throws what the connection or `signal` throws
 */
export function peerCertificate(url: string, tls: TlsMaterial, signal: AbortSignal): Promise<X509Certificate> {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const { ca, cert } = tls
    const socket = connect({
      ...{ host, ca, cert, port: Number(port || 443), key: tls.key.reveal(), minVersion: 'TLSv1.3' },
      // names of hosts only: RFC 6066 has no addresses in SNI
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    })
    const abort = () => void socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    signal.addEventListener('abort', abort, { once: true })
    socket.once('close', () => signal.removeEventListener('abort', abort))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate()
      socket.destroy()
      if (certificate === undefined) reject(new Error('it shows no certificate'))
      else resolve(certificate)
    })
  })
}
