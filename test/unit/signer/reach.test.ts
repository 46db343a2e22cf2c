import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'

const SRC = resolve(import.meta.dirname, '../../../src')

/** A way to a key, and the only files of src that may take it, each with its reason. */
interface Way {
  readonly what: string
  readonly pattern: RegExp
  readonly allowed: Readonly<Record<string, string>>
}

const WAYS: readonly Way[] = [
  {
    what: 'the function that signs with a BLS key',
    pattern: /\bsignerOf\b/,
    allowed: {
      'bls/secret/key.ts': 'defines it',
      'signer/key.ts': 'the guarded key: takes a receipt of its guard, never bytes',
    },
  },
  {
    what: 'signing with the proof-of-possession tag, whose digest no statement can have',
    pattern: /\bprovePossession\b/,
    allowed: { 'bls/secret/key.ts': 'defines it', 'signer/proof.ts': 'makes the digest itself, of a registration' },
  },
  {
    what: 'a library that can sign with a BLS12-381 key',
    pattern: /['"](@chainsafe\/bls|@chainsafe\/blst|@noble\/curves\/bls12-381|mcl-wasm|herumi|noble-bls)/,
    allowed: {
      'bls/keys.ts': 'public keys and signatures',
      'bls/native.ts': 'checks the build at boot',
      'bls/pop.ts': 'verifies proofs of possession',
      'bls/secret/derive.ts': 'derives secret keys from a seed (EIP-2333)',
      'bls/secret/key.ts': 'the secret key',
      'bls/threshold/points.ts': 'validates points',
      'bls/threshold/start.ts': 'loads the library of round signatures',
      'bls/verify.ts': 'verifies',
    },
  },
  {
    what: 'a secret key of a BLS library',
    pattern: /\bSecretKey\b|\blongSignatures\s*\.\s*sign\b/,
    allowed: { 'bls/secret/derive.ts': 'derives and gives back bytes', 'bls/secret/key.ts': 'the one that signs' },
  },
  {
    what: 'the function that signs a round with a share',
    pattern: /\bsignWithShare\b/,
    allowed: {
      'bls/secret/partial.ts': 'defines it',
      'signer/shares/signing.ts': 'asks the clocks first',
    },
  },
  {
    what: 'a dealing made of a seed',
    pattern: /\bmakeDealing\b/,
    allowed: { 'bls/secret/dealing.ts': 'defines it', 'signer/shares/dealings.ts': 'of a seed that is on disk' },
  },
  {
    what: 'the proof of a complaint, which convicts one side',
    pattern: /\bproveSharedPoint\b/,
    allowed: { 'bls/secret/encryption.ts': 'defines it', 'signer/shares/receiving.ts': 'of a share that is wrong' },
  },
  {
    what: 'the signature of an account over bytes, which no transaction is',
    pattern: /\bsignMessage\b/,
    allowed: { 'signer/checkpoints.ts': 'makes the digest itself: of a checkpoint on record, or of an announcement' },
  },
  {
    what: 'the key of checkpoints',
    pattern: /\b(openCheckpointKey|checkpointKey)\s*\(/,
    allowed: {
      'node/checkpoints.ts': 'opens it, and refuses an account of the operator’s',
      'signer/checkpoints.ts': 'defines it',
    },
  },
  {
    what: 'the digest that a receipt stands for',
    pattern: /\.redeem\s*\(/,
    allowed: { 'signer/key.ts': 'signs it' },
  },
  {
    what: 'a receipt made without its guard',
    pattern: /\bnew GuardReceipt\b/,
    allowed: { 'signer/guard.ts': 'after the statement is on disk' },
  },
]

function code(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
}

const files = readdirSync(SRC, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((file) => ({ name: relative(SRC, file).split(sep).join('/'), text: code(file) }))

describe('nothing signs around the guard', () => {
  for (const { what, pattern, allowed } of WAYS) {
    it(`only ${Object.keys(allowed).join(', ')} reach ${what}`, () => {
      const found = files.filter(({ text }) => pattern.test(text)).map(({ name }) => name)
      const strays = found.filter((name) => !Object.hasOwn(allowed, name))
      assert.deepEqual(strays, [], 'a way to a key that does not pass the guard')
      assert.deepEqual(
        Object.keys(allowed).filter((name) => !found.includes(name)),
        [],
        'an exemption nobody needs',
      )
    })
  }

  it('secrets are taken out of their wrapping in the signer alone, and by p2p of its own identity', () => {
    const strays = files
      .filter(({ text }) => /\.reveal\s*\(/.test(text))
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('signer/') && name !== 'p2p/identity.ts' && name !== 'p2p/libp2p.ts')
    assert.deepEqual(strays, [])
  })

  it('looks at the whole of src', () => assert.ok(files.length > 250, `${files.length} files`))
})
