import { randomInt } from 'node:crypto'
import { createFile } from '../util/create.ts'
import { LariatError } from '../util/errors.ts'
import type { Prompt } from '../util/prompt.ts'
import type { Secret } from '../util/secret.ts'
import { parseMnemonic } from './mnemonic.ts'

/** Words that are asked for again: a list that was not written down is noticed before the keys are made. */
const WORDS_ASKED = 3
const WORDS_A_LINE = 6
/** Clears the terminal and what can be scrolled back to. */
const CLEAR = '\u001b[2J\u001b[3J\u001b[H'

/**
 * Shows a mnemonic, once, and sees that it was written down: it is taken off the terminal before some of its words are asked.
 * @throws LariatError `usage.no-terminal`, `usage.cancelled`, `keystore.mnemonic` when the answers are wrong
 */
export async function showMnemonic(mnemonic: Secret<string>, prompt: Prompt): Promise<void> {
  const words = mnemonic.reveal().split(' ')
  const lines: string[] = []
  for (let at = 0; at < words.length; at += WORDS_A_LINE) {
    const line = words.slice(at, at + WORDS_A_LINE)
    lines.push(line.map((word, i) => `${String(at + i + 1).padStart(2)} ${word.padEnd(9)}`).join(' '))
  }
  prompt.show(
    `The mnemonic of the new keys. It is shown this once and kept nowhere: write it down on paper.\nWhoever has it has the keys.\n\n${lines.join('\n')}\n`,
  )
  await prompt.ask('Press Enter when it is written down; it is taken off the screen then. ')
  prompt.show(CLEAR)
  for (const index of drawn(words.length)) {
    const answer = await prompt.askHidden(`Word ${index + 1}: `)
    if (answer.reveal().trim().toLowerCase() !== words[index]) {
      throw new LariatError(
        'keystore.mnemonic',
        `word ${index + 1} is another one: nothing was made; start over, and compare what you wrote with the screen`,
      )
    }
  }
}

/** Asks for a mnemonic, without showing it. @throws LariatError `keystore.mnemonic`, `usage.no-terminal`, `usage.cancelled` */
export async function askMnemonic(prompt: Prompt): Promise<Secret<string>> {
  return parseMnemonic(await prompt.askHidden('Mnemonic (it is not shown): '))
}

/** Writes a mnemonic to a new file (mode 0600). @throws LariatError `file.exists` */
export async function writeMnemonic(file: string, mnemonic: Secret<string>): Promise<void> {
  await createFile(file, `${mnemonic.reveal()}\n`)
}

/** Some of `count` places, ascending. */
function drawn(count: number): number[] {
  const places = new Set<number>()
  while (places.size < Math.min(WORDS_ASKED, count)) places.add(randomInt(count))
  return [...places].sort((a, b) => a - b)
}
