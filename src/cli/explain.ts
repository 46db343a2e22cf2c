import { Command } from 'commander'
import { about } from './about.ts'
import { printResult } from './options.ts'

const EXPLAINED =
  '{ code, kind: "reason" | "error" | "self-check" | "exit code", what, mend, step?, bears?, exitCode? }'

export function explainCommand(): Command {
  const explain = new Command('explain')
    .description(
      'say what a code means and what to do: of a slot that was missed, an error, a self-check, an exit code',
    )
    .argument('[code]', 'the code; all of them are listed when left out')
  return about(explain, {
    examples: [
      'lariat explain guard.conflict',
      'lariat explain "second self"',
      'lariat explain 6',
      'lariat explain --json',
    ],
    json: `${EXPLAINED}; without a code [${EXPLAINED}]`,
    noProgress: 'the catalogue comes with it',
    values: async () => (await import('../node/explain/explain.ts')).catalogue().map(({ code }) => code),
  }).action(async (code: string | undefined, { json }: { json?: boolean }) => {
    const { catalogue, catalogueText, explain, explainedText } = await import('../node/explain/explain.ts')
    if (code === undefined) {
      const all = catalogue()
      printResult(json, all, () => catalogueText(all))
      return
    }
    const explained = explain(code)
    printResult(json, explained, () => explainedText(explained))
  })
}
