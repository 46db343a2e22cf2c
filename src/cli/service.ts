import { Argument, Command } from 'commander'
import type { ServiceCommand } from '../avs/api.ts'
import type { PluginLoader } from '../node/config/load.ts'
import { Exit } from '../node/exit.ts'
import { systemClock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import { createHttpClient } from '../util/http.ts'
import { progressLine } from '../util/progress.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { shareCommand } from './share.ts'

/**
 * `lariat <service> …`: the subcommands that a plug-in has.
 * @param load the plug-in; what `lariat --help` says of its commands is with it
 * @param loads whether it is loaded, so that the subcommands are there
 */
export async function serviceCommand(name: string, load: PluginLoader, loads: boolean): Promise<Command> {
  const about = load.commands ?? ''
  if (!loads) return new Command(name).description(about)
  const { commands = [], shares } = await load()
  const parent = commandsOf(name, about, commands)
  if (shares !== undefined) parent.addCommand(shareCommand(name))
  return parent
}

/** The subcommands as commander has them. */
export function commandsOf(service: string, description: string, commands: readonly ServiceCommand[]): Command {
  const parent = new Command(service).description(description)
  for (const { name, description, arguments: args = [], options = [], examples, result, run } of commands) {
    const command = new Command(name).description(description)
    parent.addCommand(command)
    for (const one of args) {
      command.addArgument(new Argument(one.optional === true ? `[${one.name}]` : `<${one.name}>`, one.description))
    }
    for (const option of options) {
      if (option.required === true) command.requiredOption(option.flags, option.description, option.default)
      else command.option(option.flags, option.description, option.default)
    }
    about(command, {
      examples: examples.map((line) => `lariat ${service} ${name} ${line}`.trim()),
      ...result,
      progress: 'asking the node',
    })
    command.action(async () => {
      const stop = new AbortController()
      const end = () => stop.abort(new DOMException('the command was interrupted', 'AbortError'))
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
      const isWell = await run({
        args: args.map((_, i) => command.args[i]),
        options: command.opts(),
        http: createHttpClient({ clock: systemClock }),
        clock: systemClock,
        signal: stop.signal,
        write(text) {
          progressLine.output()
          process.stdout.write(text)
        },
        read(maxBytes) {
          progressLine.output()
          return readInput(maxBytes)
        },
      })
      await finish(isWell ? Exit.ok : Exit.failure)
    })
  }
  return parent
}

async function readInput(maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    const bytes: Uint8Array = chunk
    size += bytes.length
    if (size > maxBytes) throw new LariatError('cli.too-large', `standard input has more than ${maxBytes} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}
