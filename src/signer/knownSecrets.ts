import { Buffer } from 'node:buffer'
import { silentLog } from '../util/log.ts'
import { inspectKeyFile, openKeyFile } from './keyFiles.ts'
import type { KeystoreLocation } from './keystore/files.ts'

/** Least characters of what is looked for: shorter texts are everywhere by chance. */
const MIN_CHARACTERS = 6

/** Secrets of one operator that are known, so that they can be found wherever they stand. */
export class KnownSecrets {
  readonly #spellings = new Set<string>()

  /** A password, token or another text. */
  addText(text: string): void {
    if (text.length < MIN_CHARACTERS) return
    const backwards = Buffer.from(text).reverse().toString('utf8')
    for (const one of [text, backwards, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]) this.#add(one)
    this.addBytes(Buffer.from(text))
  }

  /** A key or another secret of bytes. */
  addBytes(bytes: Uint8Array): void {
    if (bytes.length < MIN_CHARACTERS) return
    const forward = Buffer.from(bytes)
    for (const order of [forward, Buffer.from(forward).reverse()]) {
      const digits = order.toString('hex')
      for (const one of [digits, digits.toUpperCase(), BigInt(`0x${digits}`).toString(), [...order].join(',')])
        this.#add(one)
      this.#add([...order].join(', '))
      for (const skip of [0, 1, 2]) {
        // at each place in a group of three, without the characters that its neighbours share
        const text = Buffer.concat([Buffer.alloc(skip), order])
          .toString('base64')
          .slice(skip === 0 ? 0 : 4, -4)
        this.#add(text)
        this.#add(text.replaceAll('+', '-').replaceAll('/', '_'))
      }
    }
  }

  /** The key in a keystore; nothing when that does not open. It stays in here: only texts without it come out. */
  async addKeyFile(location: KeystoreLocation): Promise<void> {
    try {
      const { kind } = await inspectKeyFile(location.keystore)
      this.addBytes((await openKeyFile(kind, location, silentLog)).reveal())
    } catch {
      // whoever needs it open says why it does not
    }
  }

  #add(text: string): void {
    if (text.length >= MIN_CHARACTERS) this.#spellings.add(text)
  }

  /** The text without them, and how many there were. */
  remove(text: string): { readonly text: string; readonly count: number } {
    let count = 0
    let left = text
    // long ones first: a short one may be a part of one
    for (const spelling of [...this.#spellings].sort((a, b) => b.length - a.length)) {
      const parts = left.split(spelling)
      count += parts.length - 1
      left = parts.join('[secret]')
    }
    return { text: left, count }
  }

  /** Whether one of them stands there, in any spelling; letters of hexadecimal digits may be of either case. */
  isIn(text: string): boolean {
    const lower = text.toLowerCase()
    return [...this.#spellings].some((one) => text.includes(one) || (/^[0-9a-f]+$/.test(one) && lower.includes(one)))
  }
}
