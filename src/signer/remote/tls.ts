import { createPrivateKey, X509Certificate } from 'node:crypto'
import { open } from 'node:fs/promises'
import { createFile } from '../../util/create.ts'
import { LariatError } from '../../util/errors.ts'
import type { Log } from '../../util/log.ts'
import { Secret } from '../../util/secret.ts'

/** Bytes of a PEM file: a chain of certificates has under 10 kB. */
const MAX_PEM_BYTES = 65_536
/** From this long before its end on, a certificate is told of at every start, ms: 30 days. */
export const EXPIRY_WARNING_MS = 30 * 86_400_000

/** Files of one side of a connection with mutual TLS. */
export interface TlsFiles {
  /** Certificates that the other side must show or be signed by, PEM. */
  readonly ca: string
  /** Own certificate, PEM. */
  readonly cert: string
  /** Its key, PEM, not encrypted. */
  readonly key: string
}

/** What `node:tls` takes, read and checked. */
export interface TlsMaterial {
  readonly ca: string
  readonly cert: string
  readonly key: Secret<string>
}

/**
 * Reads the files, sees that key and certificate belong together, and warns of a key that others may read and of a
 * certificate that is about to end.
 * @param now ms since the epoch
 * @throws LariatError `signer.tls`
 */
export async function loadTls(files: TlsFiles, now: number, log: Log): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all([readPem(files.ca), readPem(files.cert), readPem(files.key)])
  if ((key.mode & 0o077) !== 0) {
    log.warn('TLS key file is open to other users: chmod 600 it', { file: files.key, mode: key.mode.toString(8) })
  }
  const own = parseCertificate(files.cert, cert.text)
  parseCertificate(files.ca, ca.text)
  if (!belongsTo(own, key.text, files.key)) {
    throw tlsError(files.key, `it is not the key of ${files.cert}: name the files of one certificate`)
  }
  const left = own.validToDate.getTime() - now
  if (left <= 0) throw tlsError(files.cert, `it ended on ${own.validTo}: make new ones with lariat signer certificates`)
  if (left < EXPIRY_WARNING_MS) {
    log.warn('TLS certificate ends soon: make new ones with lariat signer certificates', {
      file: files.cert,
      ends: own.validTo,
    })
  }
  return { ca: ca.text, cert: cert.text, key: new Secret(key.text) }
}

async function readPem(file: string): Promise<{ text: string; mode: number }> {
  try {
    const handle = await open(file, 'r')
    try {
      const { mode, size } = await handle.stat()
      if (size > MAX_PEM_BYTES) throw tlsError(file, `${size} bytes are too many for a PEM file`)
      return { text: await handle.readFile('utf8'), mode: mode & 0o777 }
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof LariatError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw tlsError(file, `cannot be read (${code}): make such files with lariat signer certificates`)
  }
}

function parseCertificate(file: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch {
    throw tlsError(file, 'it is not a certificate in PEM form')
  }
}

function belongsTo(certificate: X509Certificate, key: string, file: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    throw tlsError(file, 'it is not a private key in PEM form, unencrypted')
  }
}

function tlsError(file: string, what: string): LariatError<'signer.tls'> {
  return new LariatError('signer.tls', `${file}: ${what}`, { file })
}

/** Writes a certificate (mode 0644) and its key (mode 0600). @throws LariatError `file.exists` */
export async function writeCertificate(
  files: { readonly cert: string; readonly key: string },
  made: { readonly certificate: string; readonly key: Secret<string> },
): Promise<void> {
  await createFile(files.key, made.key.reveal())
  await createFile(files.cert, made.certificate, 0o644)
}
