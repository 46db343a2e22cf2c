import { Buffer } from 'node:buffer'

const BLOCK = 512

/** One file of an archive. */
export interface Entry {
  readonly name: string
  readonly content: Uint8Array
}

/** A tar archive (POSIX ustar) of files with mode 0600. @param mtime Unix seconds */
export function tar(entries: readonly Entry[], mtime: number): Uint8Array {
  const parts = entries.flatMap(({ name, content }) => [
    header(name, content.length, mtime),
    Buffer.from(content),
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ])
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function header(name: string, size: number, mtime: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  if (Buffer.byteLength(name) > 100) throw new RangeError(`name of a file in an archive: ${name}`)
  block.write(name, 0)
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, '0')}\0`, at)
  octal(0o600, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(mtime, 136, 11)
  block.fill(' ', 148, 156)
  block.write('0', 156)
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
