import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { printResult } from './options.ts'

export function signerCommand(): Command {
  return new Command('signer')
    .description('a remote signer: a process that holds the BLS key, with a guard of its own (docs/remote-signer.md)')
    .addCommand(runCommand(), { isDefault: true })
    .addCommand(certificatesCommand())
}

function runCommand(): Command {
  const run = new Command('run')
    .description('run the signer until SIGTERM or SIGINT')
    .requiredOption('--config <file>', "the signer's configuration (docs/remote-signer.md)")
  return about(run, {
    examples: ['lariat signer --config signer.yaml', 'lariat signer run --config signer.yaml'],
    noResult: 'what it prints is its log (log.format)',
    noProgress: 'what it does is in its log',
  }).action(async ({ config }: { config: string }) => {
    const { runSigner } = await import('../node/signer/run.ts')
    await finish(await runSigner(config))
  })
}

function certificatesCommand(): Command {
  const certificates = new Command('certificates')
    .description('make the TLS certificates of a signer and of its node')
    .requiredOption('--dir <folder>', 'where to put them; nothing there is replaced')
    .requiredOption('--host <name...>', 'names or IP addresses under which the node reaches the signer')
  return about(certificates, {
    examples: ['lariat signer certificates --dir tls --host signer.internal 10.0.0.2'],
    json: '{ signer: { cert, key, fingerprint }, node: { cert, key, fingerprint } }: files, and SHA-256 of the certificates',
    progress: 'making the certificates',
  }).action(async ({ dir, host, json }: { dir: string; host: string[]; json?: boolean }) => {
    const { createCertificates } = await import('../node/signer/certificates.ts')
    printResult(json, await createCertificates(dir, host, Date.now()))
    await finish(Exit.ok)
  })
}
