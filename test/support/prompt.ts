import type { Prompt } from '../../src/util/prompt.ts'
import { Secret } from '../../src/util/secret.ts'

/** A terminal at which somebody types `answers` in turn; it fails on a question more. */
export function scriptedPrompt(
  answers: readonly (string | ((shown: readonly string[]) => string))[],
  { interactive = true }: { readonly interactive?: boolean } = {},
): { prompt: Prompt; shown: string[]; asked: string[]; hidden: string[] } {
  const [shown, asked, hidden]: string[][] = [[], [], []]
  if (shown === undefined || asked === undefined || hidden === undefined) throw new RangeError('three lists')
  const left = [...answers]
  const next = (question: string): string => {
    const answer = left.shift()
    if (answer === undefined) throw new RangeError(`no answer to ${question}`)
    return typeof answer === 'string' ? answer : answer([...shown, question])
  }
  const prompt: Prompt = {
    interactive,
    show: (text) => void shown.push(text),
    async ask(question) {
      asked.push(question)
      return next(question)
    },
    async askHidden(question) {
      hidden.push(question)
      return new Secret(next(question))
    },
  }
  return { prompt, shown, asked, hidden }
}
