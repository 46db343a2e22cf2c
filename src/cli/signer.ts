import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { finish } from './finish.ts'

export function signerCommand(): Command {
  const signer = new Command('signer').description(
    'a remote signer: a process that holds the BLS key, with a guard of its own',
  )
  signer
    .command('run', { isDefault: true })
    .description('run the signer until SIGTERM or SIGINT')
    .requiredOption('--config <file>', "the signer's configuration (docs/remote-signer.md)")
    .exitOverride()
    .action(async ({ config }: { config: string }) => {
      const { runSigner } = await import('../node/signer/run.ts')
      await finish(await runSigner(config))
    })
  signer
    .command('certificates')
    .description('make the TLS certificates of a signer and of its node')
    .requiredOption('--dir <folder>', 'where to put them; nothing there is replaced')
    .requiredOption('--host <name...>', 'names or IP addresses under which the node reaches the signer')
    .exitOverride()
    .action(async ({ dir, host }: { dir: string; host: string[] }) => {
      const { createCertificates } = await import('../node/signer/certificates.ts')
      const made = await createCertificates(dir, host, Date.now())
      process.stdout.write(`${JSON.stringify(made, undefined, 2)}\n`)
      await finish(Exit.ok)
    })
  return signer
}
