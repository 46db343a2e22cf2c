import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { Secret } from '../../util/secret.ts'

// X.509 version 3 (RFC 5280), as little of it as two machines need that know each other: self-signed, P-256, no authority.

const MS_PER_DAY = 86_400_000

/** What a certificate is for: the signer's own, or that of a node which may ask it. */
export type CertificateUse = 'server' | 'client'

export interface CertificateOptions {
  readonly use: CertificateUse
  /** Who it is, for people. */
  readonly commonName: string
  /** Names and IP addresses under which the node reaches the signer; for `server` at least one. */
  readonly hosts: readonly string[]
  /** ms since the epoch. */
  readonly now: number
  readonly days: number
}

/** A certificate and its key, PEM. */
export interface MadeCertificate {
  readonly certificate: string
  readonly key: Secret<string>
  /** SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` shows it. */
  readonly fingerprint: string
}

/** A new key and its self-signed certificate, which the other side trusts by holding it. */
export function makeCertificate({ use, commonName, hosts, now, days }: CertificateOptions): MadeCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const name = sequence(set(sequence(oid('550403'), tlv(0x0c, utf8ToBytes(commonName)))))
  const algorithm = sequence(oid('2a8648ce3d040302')) // ecdsa-with-SHA256
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40 // positive, and of full length
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Uint8Array.of(2))), // version 3
    tlv(0x02, serial),
    algorithm,
    name, // its own issuer
    // a clock that is a little behind must not find it from the future
    sequence(time(now - MS_PER_DAY), time(now + days * MS_PER_DAY)),
    name,
    spki,
    tlv(0xa3, sequence(...extensions(use, hosts))),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const der = sequence(toBeSigned, algorithm, tlv(0x03, concatBytes(Uint8Array.of(0), signature)))
  return {
    certificate: pem('CERTIFICATE', der),
    key: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    fingerprint: fingerprintOf(der),
  }
}

function extensions(use: CertificateUse, hosts: readonly string[]): Uint8Array[] {
  const critical = tlv(0x01, Uint8Array.of(0xff))
  const extension = (id: string, value: Uint8Array, ...flags: Uint8Array[]) =>
    sequence(oid(id), ...flags, tlv(0x04, value))
  return [
    extension('551d13', sequence(), critical), // basicConstraints: no authority
    extension('551d0f', tlv(0x03, Uint8Array.of(7, 0x80)), critical), // keyUsage: digitalSignature
    extension('551d25', sequence(oid(use === 'server' ? '2b06010505070301' : '2b06010505070302'))), // extKeyUsage
    ...(hosts.length === 0 ? [] : [extension('551d11', sequence(...hosts.map(alternativeName)))]), // subjectAltName
  ]
}

function alternativeName(host: string): Uint8Array {
  const family = isIP(host)
  if (family === 0) return tlv(0x82, utf8ToBytes(host))
  return tlv(0x87, family === 4 ? Uint8Array.from(host.split('.').map(Number)) : ipv6(host))
}

/** Sixteen bytes of an IPv6 address. */
function ipv6(host: string): Uint8Array {
  // the platform's URL parser writes the address in its shortest form, without embedded IPv4
  const [head = '', tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'))
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return hexToBytes([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''))
}

/** UTCTime till 2049, GeneralizedTime from 2050 on. */
function time(ms: number): Uint8Array {
  const date = new Date(ms)
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  return date.getUTCFullYear() < 2050 ? tlv(0x17, utf8ToBytes(digits.slice(2))) : tlv(0x18, utf8ToBytes(digits))
}

function fingerprintOf(der: Uint8Array): string {
  const digest = createHash('sha256').update(der).digest('hex').toUpperCase()
  return (digest.match(/../g) ?? []).join(':')
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, concatBytes(...parts))
const set = (...parts: readonly Uint8Array[]) => tlv(0x31, concatBytes(...parts))
const oid = (hex: string) => tlv(0x06, hexToBytes(hex))

/** DER: tag, length, value. */
function tlv(tag: number, value: Uint8Array): Uint8Array {
  const { length } = value
  if (length < 0x80) return concatBytes(Uint8Array.of(tag, length), value)
  const size = length < 0x100 ? Uint8Array.of(0x81, length) : Uint8Array.of(0x82, length >> 8, length & 0xff)
  return concatBytes(Uint8Array.of(tag), size, value)
}
