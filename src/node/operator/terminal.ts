import { createInterface } from 'node:readline/promises'
import { progressLine } from '../../util/progress.ts'

/** Where a command shows what it does and asks. */
export interface Terminal {
  /** Whether somebody is there to be asked. */
  readonly interactive: boolean
  /** One line of results. */
  out(line: string): void
  /** True when the answer is yes. */
  confirm(question: string): Promise<boolean>
}

/** Standard input and output of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout } = process
  return {
    interactive: stdin.isTTY === true && stdout.isTTY === true,
    out(line) {
      progressLine.output()
      stdout.write(`${line}\n`)
    },
    async confirm(question) {
      const asking = createInterface({ input: stdin, output: stdout })
      try {
        const answer = await progressLine.whileAsking(() => asking.question(`${question} [y/N] `))
        return /^y(es)?$/i.test(answer.trim())
      } finally {
        asking.close()
      }
    },
  }
}
