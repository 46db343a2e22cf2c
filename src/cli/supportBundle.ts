import { Command } from 'commander'
import type { BundleOptions } from '../node/support/bundle.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { printResult, withConfig } from './options.ts'

export function supportBundleCommand(): Command {
  const bundle = new Command('support-bundle')
    .description('write an archive of what others need to help, without secrets (docs/security.md); sends nothing')
    .option('--out <file>', 'the archive; a name with the time unless given')
    .option('--log <file>', "the node's log, of which the end is taken")
    .option('--with-addresses', 'leave private addresses and host names in')
  return about(withConfig(bundle), {
    examples: [
      'lariat support-bundle --config node.yaml --log node.log',
      'lariat support-bundle --config node.yaml --out bundle.tar.gz --json',
    ],
    json: '{ file, manifest: { version: 1, lariat, createdAt, files: [{ name, bytes: number, redacted: { secrets: number, urls: number, addresses: number } }], missing: [{ name, why }] } }',
    progress: 'looking at everything',
  }).action(async ({ json, ...options }: BundleOptions & { json?: boolean }) => {
    const [{ writeBundle, bundleText }, { Exit }] = await Promise.all([
      import('../node/support/bundle.ts'),
      import('../node/exit.ts'),
    ])
    const made = await writeBundle(options)
    printResult(json, made, () => bundleText(made))
    await finish(Exit.ok)
  })
}
