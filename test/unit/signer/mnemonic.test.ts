import assert from 'node:assert/strict'
import { deriveKeyFromMnemonic } from '@chainsafe/bls-keygen'
import { mnemonicToSeedSync } from '@scure/bip39'
import { HDNodeWallet, Mnemonic } from 'ethers'
import { deriveFromSeed } from '../../../src/bls/secret/derive.ts'
import {
  accountPath,
  blsPath,
  deriveAccountSecret,
  deriveBlsSecret,
  newMnemonic,
  parseMnemonic,
} from '../../../src/signer/mnemonic.ts'
import { bytesToBig, bytesToHex, type Hex, hexToBytes } from '../../../src/util/hex.ts'
import { Secret } from '../../../src/util/secret.ts'
import vectors from '../../vectors/eip2333.json' with { type: 'json' }

const words = (text: string) => new Secret<string>(text)

describe('EIP-2333', () => {
  for (const [index, { seed, master, child, secret }] of vectors.cases.entries()) {
    it(`test case ${index}`, () => {
      const bytes = hexToBytes(seed as Hex)
      assert.equal(String(bytesToBig(deriveFromSeed(bytes, []))), master)
      assert.equal(String(bytesToBig(deriveFromSeed(bytes, [child]))), secret)
    })
  }

  it('test case 0 from its mnemonic on', () => {
    const seed = mnemonicToSeedSync(vectors.mnemonic.words, 'TREZOR')
    assert.equal(bytesToHex(seed), vectors.cases[0]?.seed)
  })

  it('refuses short seeds and children that there are not', () => {
    assert.throws(() => deriveFromSeed(new Uint8Array(31), []), RangeError)
    for (const child of [-1, 2 ** 32, 0.5, Number.NaN]) {
      assert.throws(() => deriveFromSeed(new Uint8Array(32), [child]), RangeError)
    }
  })
})

describe('keys of a mnemonic', () => {
  it('lie in the tree that @chainsafe/bls-keygen derives, at paths that no validator has', () => {
    const mnemonic = newMnemonic()
    const seed = mnemonicToSeedSync(mnemonic.reveal())
    const keys = new Set<string>()
    for (const index of [0, 1, 7]) {
      // that package derives validators' keys only
      const validator = deriveKeyFromMnemonic(mnemonic.reveal(), `m/12381/3600/${index}/0/0`)
      assert.equal(bytesToHex(deriveFromSeed(seed, [12381, 3600, index, 0, 0])), bytesToHex(validator))
      const ours = bytesToHex(deriveBlsSecret(mnemonic, index).reveal())
      assert.equal(ours, bytesToHex(deriveFromSeed(seed, [12381, 60, index, 0])))
      keys.add(ours).add(bytesToHex(validator))
    }
    assert.equal(keys.size, 6)
    assert.equal(blsPath(3), 'm/12381/60/3/0')
  })

  it('are the accounts that ethers derives', () => {
    const mnemonic = newMnemonic()
    for (const index of [0, 5]) {
      const wallet = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(mnemonic.reveal()), accountPath(index))
      assert.equal(bytesToHex(deriveAccountSecret(mnemonic, index).reveal()), wallet.privateKey)
    }
    const known = words('test test test test test test test test test test test junk')
    const wallet = HDNodeWallet.fromPhrase(known.reveal())
    assert.equal(wallet.address, '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
    assert.equal(bytesToHex(deriveAccountSecret(known, 0).reveal()), wallet.privateKey)
  })
})

describe('mnemonics', () => {
  it('that are made have 24 words, are never the same, and are taken again', () => {
    const one = newMnemonic()
    assert.equal(one.reveal().split(' ').length, 24)
    assert.notEqual(one.reveal(), newMnemonic().reveal())
    assert.equal(parseMnemonic(one).reveal(), one.reveal())
  })

  it('may be typed with other spaces and capitals', () => {
    const typed = words(`  ${vectors.mnemonic.words.replaceAll(' ', '  \n').toUpperCase()}\n`)
    assert.equal(parseMnemonic(typed).reveal(), vectors.mnemonic.words)
  })

  it('that are wrong are refused without being repeated', () => {
    const good = vectors.mnemonic.words.split(' ')
    const bad: readonly (readonly [string, RegExp])[] = [
      ['', /1 words/],
      [good.slice(1).join(' '), /11 words/],
      [[...good, 'about'].join(' '), /13 words/],
      [good.with(3, 'zzyzx').join(' '), /word 4 is not in/],
      [good.with(11, 'zoo').join(' '), /checksum/],
      [good.with(0, 'about').with(11, 'abandon').join(' '), /checksum/],
    ]
    for (const [text, message] of bad) {
      assert.throws(
        () => parseMnemonic(words(text)),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'keystore.mnemonic')
          assert.match(error.message, message)
          assert.doesNotMatch(error.message, /zzyzx|about|zoo/)
          return true
        },
      )
    }
  })
})
