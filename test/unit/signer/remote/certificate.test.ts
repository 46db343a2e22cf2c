import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { makeCertificate } from '../../../../src/signer/remote/certificate.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const DAY = 86_400_000

describe('certificate of a signer or a node', () => {
  it('is a version 3 certificate that the platform reads: names, validity, purpose, key', () => {
    const hosts = ['signer.example', '10.0.0.2', '::1', 'fe80::1:2']
    const made = makeCertificate({ use: 'server', commonName: 'lariat signer', hosts, now: NOW, days: 3_650 })
    const read = new X509Certificate(made.certificate)
    assert.equal(read.subject, 'CN=lariat signer')
    assert.equal(read.issuer, read.subject)
    assert.ok(read.verify(read.publicKey))
    assert.equal(read.ca, false)
    assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.1'])
    assert.equal(read.fingerprint256, made.fingerprint)
    assert.equal(read.validFromDate.getTime(), NOW - DAY)
    assert.equal(read.validToDate.getTime(), NOW + 3_650 * DAY)
    assert.ok(read.checkPrivateKey(createPrivateKey(made.key.reveal())))
    assert.equal(read.checkHost('signer.example'), 'signer.example')
    assert.equal(read.checkHost('other.example'), undefined)
    for (const address of ['10.0.0.2', '::1', 'fe80::1:2']) assert.equal(read.checkIP(address), address)
    assert.equal(read.checkIP('10.0.0.3'), undefined)
  })

  it('for a node has the other purpose and no names, and a key of its own each time', () => {
    const options = { use: 'client', commonName: 'lariat node', hosts: [], now: NOW, days: 1 } as const
    const [a, b] = [makeCertificate(options), makeCertificate(options)]
    const read = new X509Certificate(a.certificate)
    assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.2'])
    assert.equal(read.subjectAltName, undefined)
    assert.notEqual(a.fingerprint, b.fingerprint)
    assert.ok(!read.checkPrivateKey(createPrivateKey(b.key.reveal())))
  })

  it('writes years from 2050 on as the standard wants them', () => {
    const made = makeCertificate({ use: 'client', commonName: 'n', hosts: [], now: NOW, days: 30 * 365 })
    assert.equal(new X509Certificate(made.certificate).validToDate.getTime(), NOW + 30 * 365 * DAY)
  })

  it('does not print its key', () => {
    const made = makeCertificate({ use: 'client', commonName: 'n', hosts: [], now: NOW, days: 1 })
    assert.match(made.key.reveal(), /BEGIN PRIVATE KEY/)
    assert.doesNotMatch(JSON.stringify(made), /PRIVATE/)
  })
})
