import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { createEcdsaKeystore, generateEcdsaSecret, openEcdsaAccount } from '../../../src/signer/ecdsa.ts'
import { Guard } from '../../../src/signer/guard.ts'
import { guardedKey } from '../../../src/signer/key.ts'
import { createBlsKeystore, openBlsKeystore } from '../../../src/signer/keystore/bls.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { proveRegistration } from '../../../src/signer/proof.ts'
import { generateBlsSecret } from '../../../src/signer/secrets.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import { describe as describeError } from '../../../src/util/errors.ts'
import { toJson } from '../../../src/util/json.ts'
import { Secret } from '../../../src/util/secret.ts'
import { bytes32, domain, type LogLine, operator, recordingLog, request, signerOptions } from './fixtures.ts'

/** Every way in which the tests' secrets could be written out. */
function spellings(secret: Secret<Uint8Array> | Secret<string>): string[] {
  const value = secret.reveal()
  if (typeof value === 'string') return [value]
  const bytes = Buffer.from(value)
  return [
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    [...bytes].join(','),
    BigInt(`0x${bytes.toString('hex')}`).toString(),
    `0x${bytes.toString('hex')}`,
  ]
}

function show(value: unknown): string {
  return [
    inspect(value, { depth: null, showHidden: true, maxArrayLength: null, getters: false }),
    safely(() => toJson(value)),
    safely(() => String(value)),
    value instanceof Error ? `${value.stack} ${describeError(value)}` : '',
  ]
    .join('\n')
    .replace(/\s+/g, '') // inspect writes bytes as a table
}

function safely(fn: () => string): string {
  try {
    return fn() ?? ''
  } catch (error) {
    return String(error)
  }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('expected a failure'),
    (error: unknown) => error,
  )
}

describe('secrecy', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-secrecy-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('no key and no password shows in logs, errors, inspection, JSON, metrics or files', async () => {
    const path = (name: string) => join(folder, name)
    const blsSecret = generateBlsSecret()
    const ecdsaSecret = generateEcdsaSecret()
    const password = new Secret<string>('a-password-nobody-should-see')
    const lines: LogLine[] = []
    const log = recordingLog(lines)
    const seen: unknown[] = [blsSecret, ecdsaSecret, password]

    writeFileSync(path('password'), `${password.reveal()}\n`, { mode: 0o644 }) // open to others: gives a warning
    writeFileSync(path('other'), `${password.reveal()}x\n`, { mode: 0o600 })
    await createBlsKeystore({ file: path('bls.json'), password, secret: blsSecret, strength: 'devnet' })
    await createEcdsaKeystore({ file: path('ecdsa.json'), password, secret: ecdsaSecret, strength: 'devnet' })
    const at = (keystore: string, passwordFile = 'password') => ({
      keystore: path(keystore),
      passwordFile: path(passwordFile),
    })
    const opened = await openBlsKeystore(at('bls.json'), log)
    const account = await openEcdsaAccount(at('ecdsa.json'), log)
    seen.push(opened, account, await account.signMessage({ message: 'x' }))

    // keystores that fail
    writeFileSync(path('broken.json'), readFileSync(path('bls.json'), 'utf8').replace('"version": 4', '"version": 5'))
    for (const open of [openBlsKeystore, openEcdsaAccount]) {
      for (const location of [at('missing'), at('broken.json'), at('password'), at('bls.json', 'missing')]) {
        seen.push(await failure(open(location, log)))
      }
    }
    seen.push(await failure(openBlsKeystore(at('bls.json', 'other'), log)))
    seen.push(await failure(openEcdsaAccount(at('ecdsa.json', 'other'), log)))

    // a signer at work and in trouble
    const metrics = createMetrics()
    const store = openGuardStore(path('guard.sqlite'), { create: true })
    const options = { ...signerOptions().options, store, metrics, log, secret: opened }
    const guard = new Guard(options)
    const key = guardedKey(opened, guard)
    const signer = createLocalSigner(options)
    seen.push(options, guard, key, signer, await guard.authorize(request()), await signer.sign(request()))
    seen.push(await failure(signer.sign(request({ payload: bytes32(0xb) }))))
    seen.push(await failure(signer.sign(request({}, { triggeredAt: 0 }))))
    seen.push(proveRegistration(opened, domain, operator))
    store.close()
    seen.push(await failure(signer.sign(request({ slot: 101n }))))
    const tooLong = new Secret(Uint8Array.of(...blsSecret.reveal(), 1))
    seen.push(await failure(Promise.resolve().then(() => createLocalSigner({ ...options, secret: tooLong }))))
    seen.push(await metrics.expose(), lines)

    assert.ok(lines.length >= 4)
    const shown = seen.map(show)
    for (const name of readdirSync(folder)) {
      if (name !== 'password' && name !== 'other')
        shown.push(readFileSync(path(name), 'latin1'), readFileSync(path(name)).toString('hex'))
    }
    for (const secret of [blsSecret, ecdsaSecret, password] as const) {
      for (const spelling of spellings(secret)) {
        for (const text of shown) assert.ok(!text.includes(spelling), `a secret shows in: ${text.slice(0, 400)}`)
      }
    }
  })

  it('the test above would notice: each spelling of a secret is found where one is planted', () => {
    const secret = generateBlsSecret()
    const [hex, base64, , list] = spellings(secret)
    assert.ok(show({ deep: [secret.reveal()] }).includes(list ?? '-'))
    assert.ok(show({ deep: [secret.reveal()] }).includes(hex ?? '-')) // our JSON writes bytes as hex
    assert.ok(show(new Error(Buffer.from(secret.reveal()).toString('base64'))).includes(base64 ?? '-'))
  })
})
