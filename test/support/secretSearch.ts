import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every way in which a secret could be in a file. */
export function spellings(secret: Uint8Array): Buffer[] {
  const bytes = Buffer.from(secret)
  const orders = [bytes, Buffer.from(bytes).reverse()]
  return [
    ...orders,
    ...orders.flatMap((order) => {
      const digits = order.toString('hex')
      return [digits, digits.toUpperCase(), BigInt(`0x${digits}`).toString(), ...base64Of(order), [...order].join(',')]
    }),
  ].map((spelling) => Buffer.from(spelling))
}

/** base64 of the bytes at each place in a group of three, without the characters that its neighbours share. */
function base64Of(bytes: Buffer): string[] {
  const all = [0, 1, 2].map((skip) => {
    const text = Buffer.concat([Buffer.alloc(skip), bytes]).toString('base64')
    return text.slice(skip === 0 ? 0 : 4, -4)
  })
  return [...all, ...all.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))]
}

export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

export function contains(where: Buffer, secrets: Iterable<Uint8Array>): boolean {
  return [...secrets].some((secret) => spellings(secret).some((spelling) => where.includes(spelling)))
}

/** Files of a folder, and of those in it, in which one of the secrets can be read. */
export function leaksIn(folder: string, secrets: Iterable<Uint8Array>): string[] {
  const all = [...secrets].flatMap(spellings)
  return filesIn(folder).filter((file) => {
    const content = contentOf(file)
    return all.some((spelling) => content.includes(spelling))
  })
}

/** Nothing of a file that a running node has removed meanwhile. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}
