import { rename } from 'node:fs/promises'
import { lockDataDir } from '../../store/lock.ts'
import { syncFolder } from '../../util/create.ts'
import { describe, LariatError } from '../../util/errors.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { files } from '../files.ts'
import { processTerminal, type Terminal } from '../operator/terminal.ts'
import { PLUGINS } from '../plugins.ts'
import { readSighting } from './file.ts'

export interface ResumeOptions {
  /** Configuration file of the node. */
  readonly config: string
  /** Do not ask. */
  readonly yes?: boolean
  /** One JSON object instead of text. */
  readonly json?: boolean
}

/**
 * Lets a node sign again that has seen another instance of its operator. The node must not run: its next start listens
 * anew before it signs.
 * @throws LariatError `config.…`, `store.locked` while the node runs, `usage.confirm` when nobody is there to be asked
 */
export async function resume(options: ResumeOptions, terminal: Terminal = processTerminal()): Promise<ExitCode> {
  const config = await loadConfig(options.config, PLUGINS, { ecdsa: false })
  const lock = lockDataDir(config.dataDir)
  try {
    const file = files(config.dataDir).secondSelf
    const reason = reasonIn(file)
    const tell = (line: string) => options.json !== true && terminal.out(line)
    const result = (kept: string | undefined) => {
      if (options.json !== true) return
      const told = {
        held: reason !== undefined,
        reason: reason ?? null,
        resumed: kept !== undefined,
        kept: kept ?? null,
      }
      terminal.out(JSON.stringify(told, undefined, 2))
    }
    if (reason === undefined) {
      result(undefined)
      tell('Nothing holds this node back: it has seen no other instance of its operator.')
      return Exit.ok
    }
    tell(`${reason}.`)
    tell(
      'If it still runs when this node signs again, the two can sign different things, and the operator is slashed for it.',
    )
    if (!(await isSure(options, terminal))) {
      result(undefined)
      tell('Nothing was changed: this node goes on signing nothing.')
      return Exit.failure
    }
    const kept = `${file}.${new Date().toISOString().replaceAll(':', '-')}`
    await rename(file, kept)
    await syncFolder(config.dataDir)
    result(kept)
    tell(
      `The node may sign again once it is started and has listened for ${slotsOf(config)}. What was seen is kept in ${kept}.`,
    )
    return Exit.ok
  } finally {
    lock.release()
  }
}

function reasonIn(file: string): string | undefined {
  try {
    return readSighting(file)?.reason
  } catch (error) {
    return describe(error)
  }
}

async function isSure({ yes }: ResumeOptions, terminal: Terminal): Promise<boolean> {
  if (yes === true) return true
  if (!terminal.interactive) {
    throw new LariatError(
      'usage.confirm',
      'there is no terminal to ask at: see that the other instance is stopped, and run the same command with --yes',
    )
  }
  return terminal.confirm('Have you found and stopped the other instance?')
}

function slotsOf({ secondSelf: { silentSlots } }: LoadedConfig): string {
  return silentSlots === 1 ? 'one slot' : `${silentSlots} slots`
}
