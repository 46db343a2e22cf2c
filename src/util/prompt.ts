import { Buffer } from 'node:buffer'
import type { Readable, Writable } from 'node:stream'
import { LariatError } from './errors.ts'
import { progressLine } from './progress.ts'
import { Secret } from './secret.ts'

/** Most bytes of one answer: a mnemonic of 24 words has under 250. */
const MAX_ANSWER_BYTES = 4_096

/** What is read from: a terminal has `isTTY` and `setRawMode`. */
export interface TerminalInput extends Readable {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
}
export interface TerminalOutput extends Writable {
  readonly isTTY?: boolean
}

/** Somebody at a terminal who can be asked and shown what nobody else shall see. */
export interface Prompt {
  /** Whether somebody is there. */
  readonly interactive: boolean
  /** Shows `text` on the terminal, never in what is piped on. */
  show(text: string): void
  /** One line, shown while it is typed. @throws LariatError `usage.no-terminal`, `usage.cancelled` */
  ask(question: string): Promise<string>
  /** One line that is not shown while it is typed. @throws LariatError `usage.no-terminal`, `usage.cancelled` */
  askHidden(question: string): Promise<Secret<string>>
}

/**
 * A prompt on standard input and standard error: standard output is for results. Interactive only when both are terminals.
 */
export function processPrompt(input: TerminalInput = process.stdin, output: TerminalOutput = process.stderr): Prompt {
  const interactive = input.isTTY === true && output.isTTY === true
  let rest = Buffer.alloc(0) // what was typed or pasted beyond the line that was asked for

  async function line(question: string, hidden: boolean): Promise<string> {
    if (!interactive) {
      throw new LariatError(
        'usage.no-terminal',
        `nobody is at a terminal to answer “${question.trim()}”: give a file or a file descriptor instead`,
      )
    }
    input.setRawMode?.(true) // before the question: an answer that comes at once must not be shown by the terminal itself
    try {
      output.write(question)
      return (await readLine(hidden ? undefined : (text) => output.write(text))).toString('utf8')
    } finally {
      input.setRawMode?.(false)
      input.pause()
      output.write('\n')
    }
  }

  /** Reads keys until Enter. `echo` shows what is typed. */
  function readLine(echo: ((text: string | Uint8Array) => void) | undefined): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const typed: number[] = []
      const cancelled = () => end(() => reject(new LariatError('usage.cancelled', 'cancelled; nothing was done')))
      function end(settle: () => void): void {
        input.off('data', onData)
        input.off('end', cancelled)
        settle()
      }
      function onData(chunk: Uint8Array): void {
        const bytes = Buffer.from(chunk)
        for (const [at, byte] of bytes.entries()) {
          if (byte === 0x0d || byte === 0x0a) {
            rest = bytes.subarray(at + 1)
            if (byte === 0x0d && rest[0] === 0x0a) rest = rest.subarray(1)
            end(() => resolve(Buffer.from(typed)))
            return
          }
          if (byte === 0x03 || byte === 0x04) {
            cancelled() // Ctrl-C, Ctrl-D
            return
          }
          if (byte === 0x7f || byte === 0x08) {
            erase(typed)
            echo?.('\b \b')
          } else if (byte >= 0x20 && typed.length < MAX_ANSWER_BYTES) {
            typed.push(byte)
            echo?.(Uint8Array.of(byte))
          }
        }
      }
      input.on('data', onData)
      input.on('end', cancelled)
      input.resume()
      const before = rest
      rest = Buffer.alloc(0)
      onData(before)
    })
  }

  return {
    interactive,
    show(text) {
      progressLine.clear()
      output.write(`${text}\n`)
    },
    ask: (question) => progressLine.whileAsking(() => line(question, false)),
    askHidden: async (question) => new Secret(await progressLine.whileAsking(() => line(question, true))),
  }
}

/** Takes the last character away: in UTF-8 that can be several bytes. */
function erase(typed: number[]): void {
  while (((typed.at(-1) ?? 0) & 0xc0) === 0x80) typed.pop()
  typed.pop()
}
