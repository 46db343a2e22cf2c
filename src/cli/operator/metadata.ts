import { type Command, InvalidArgumentError } from 'commander'
import { runPlan, type SendingOptions, sendingCommand } from './common.ts'

export function metadataCommand(): Command {
  return sendingCommand('metadata', "announce where the operator's name, website and logo are, as JSON", {
    examples: ['lariat operator metadata https://operator.example/about.json --config node.yaml'],
  })
    .argument('<uri>', 'an https:// or ipfs:// address', metadataUri)
    .action(async (uri: string, options: SendingOptions) => {
      const { metadataPlanner } = await import('../../node/operator/plans/details.ts')
      await runPlan(options, metadataPlanner(uri))
    })
}

/** Longest URI, characters: it is paid for by the byte. */
const MAX_URI = 512

export function metadataUri(text: string): string {
  if (text.length > MAX_URI || !/^(https?|ipfs|ar):\/\/\S+$/.test(text)) {
    throw new InvalidArgumentError(`expected an https:// or ipfs:// address of at most ${MAX_URI} characters`)
  }
  return text
}
