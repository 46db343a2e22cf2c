import { Argument, Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { type About, about } from './about.ts'
import { finish } from './finish.ts'
import { whole } from './operator/common.ts'
import { printResult } from './options.ts'

interface PlaceOptions {
  readonly config?: string
  readonly dataDir?: string
  readonly json?: boolean
}

const ACCEPT_HELP = `
States:
  missing   there is no record, and there must have been one: an empty one is made
  damaged   the record cannot be read: it is moved aside, and an empty one is made
  older     the record is not the one that was here last, as after restoring a backup: it is used
  retired   the record was exported for another machine: it is used again

Better than any of them, where you can: put back the file that was here last, or import what the
other machine exports with --retire. Nothing that was triggered before this command is signed with
the accepted record. That protects as long as this machine's clock is right and no other instance of
this operator runs: see that none does before you accept.`

const KEY = '{ chainId: number, genesisHash, serviceManager, operator, service, kind: number }'

/** `lariat guard`: the record of what was signed. */
export function guardCommand(): Command {
  const guard = new Command('guard').description('the record of what was signed (docs/guard.md)')
  const sub = (name: string, description: string, said: About) => {
    const command = new Command(name)
      .description(description)
      .option('--config <file>', "the node's configuration (docs/configuration.md)")
      .option('--data-dir <folder>', 'instead, the data folder of what signs')
    guard.addCommand(about(command, said))
    return command
  }

  sub('show', 'print what the record holds of each service; a node may be running', {
    examples: ['lariat guard show --config node.yaml'],
    json: `{ path, record: { id, generation, floorMs: number, retiredMs? }, streams: [{ key: ${KEY}, watermark, entries: number, barred: number, newest? }] }`,
    progress: 'reading the record',
  }).action(async (options: PlaceOptions) => {
    const { showGuard } = await import('../node/guard/show.ts')
    const { recordText } = await import('../node/guard/text.ts')
    const { path, record, streams } = await showGuard(options)
    await end(options, { path, record, streams }, () => recordText(path, record, streams))
  })
  sub('verify', 'look at every statement of the record; exit code 1 when something is wrong', {
    examples: ['lariat guard verify --config node.yaml', 'lariat guard verify exported.json --config node.yaml'],
    json: '{ path, entries: number, problems: [text] }',
    progress: 'looking at the record',
  })
    .argument('[file]', 'an interchange file: see that the record is at least as strict')
    .action(async (file: string | undefined, options: PlaceOptions) => {
      const { verifyGuard } = await import('../node/guard/verify.ts')
      const { verifyText } = await import('../node/guard/text.ts')
      const verified = await verifyGuard(options, file)
      await end(options, verified, () => verifyText(verified), verified.problems.length === 0)
    })
  sub('export', 'write the record as an interchange file, for another machine; the node must be stopped', {
    examples: ['lariat guard export --config node.yaml --out record.json --retire'],
    json: '{ file, streams: number, entries: number, retired: boolean }; the file is a format of its own (docs/guard.md)',
    progress: 'writing the record down',
  })
    .requiredOption('--out <file>', 'where to; nothing is replaced')
    .option('--newest <slots>', 'write only so many slots of each stream, and forbid those below', whole(2_000_000_000))
    .option('--retire', 'sign nothing with this record from now on')
    .action(async (options: PlaceOptions & { out: string; newest?: number; retire?: boolean }) => {
      const { exportGuard } = await import('../node/guard/export.ts')
      const { exportText } = await import('../node/guard/text.ts')
      const exported = await exportGuard(options)
      await end(options, exported, () => exportText(exported))
    })
  sub(
    'import',
    'merge an interchange file into the record, the stricter of both everywhere; the node must be stopped',
    {
      examples: [
        'lariat guard import record.json --config node.yaml --dry-run',
        'lariat guard import record.json --config node.yaml',
      ],
      json: `{ path, file: { exportedAt, recordId, retired: boolean }, streams: [{ key: ${KEY}, added: number, same: number, below: number, barred: [{ slot, attempt: number }], watermark, watermarkBefore }], retired: boolean }`,
      progress: 'merging the file into the record',
    },
  )
    .argument('<file>', 'the interchange file')
    .option('--dry-run', 'print what would be done')
    .action(async (file: string, options: PlaceOptions & { dryRun?: boolean }) => {
      const { importGuard } = await import('../node/guard/import.ts')
      const { importText } = await import('../node/guard/text.ts')
      const imported = await importGuard({ ...options, file })
      const agrees = imported.streams.every(({ barred }) => barred.length === 0)
      await end(options, imported, () => importText(imported, options.dryRun === true), agrees)
    })
  sub('create', 'make the empty record of an operator that has signed nothing yet', {
    examples: ['lariat guard create --config node.yaml'],
    json: '{ path }',
    progress: 'asking the chain what the operator has',
  }).action(async (options: PlaceOptions) => {
    const { createGuard } = await import('../node/guard/create.ts')
    const path = await createGuard(options)
    await end(options, { path }, () => `${path}: an empty record\n`)
  })
  sub('accept', 'sign again with a record that is refused; read --help first; the node must be stopped', {
    examples: ['lariat guard accept older --config node.yaml'],
    json: '{ path, floorMs, setAside: [file] }',
    progress: 'reading the record',
  })
    .addArgument(new Argument('<state>', 'what is wrong with it').choices(['missing', 'damaged', 'older', 'retired']))
    .addHelpText('after', ACCEPT_HELP)
    .action(async (state: 'missing' | 'damaged' | 'older' | 'retired', options: PlaceOptions) => {
      const { accept } = await import('../node/guard/accept.ts')
      const { acceptText } = await import('../node/guard/text.ts')
      const accepted = await accept(options, state)
      await end(options, accepted, () => acceptText(state, accepted))
    })
  return guard
}

async function end({ json }: PlaceOptions, result: unknown, text: () => string, ok = true): Promise<void> {
  printResult(json, result, text)
  await finish(ok ? Exit.ok : Exit.failure)
}
