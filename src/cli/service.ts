import { Argument, Command } from 'commander'
import type { AnyService, ServiceCommand } from '../avs/api.ts'
import { Exit } from '../node/exit.ts'
import { systemClock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import { createHttpClient } from '../util/http.ts'
import { finish } from './finish.ts'
import { shareCommand } from './share.ts'

/**
 * `lariat <service> …`: the subcommands that a plug-in has. The plug-in is loaded only when one is asked for, as every other
 * command would pay for it.
 * @param about what `lariat --help` says of it
 */
export function serviceCommand(name: string, about: string, load: () => Promise<AnyService>): Command {
  return (
    new Command(name)
      .description(about)
      // everything behind the name belongs to the plug-in's own commands, --help too
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(async (_options: unknown, self: Command) => {
        const { commands = [], shares } = await load()
        const parent = commandsOf(name, about, commands)
        if (shares !== undefined) parent.addCommand(shareCommand(name))
        await parent.parseAsync(self.args, { from: 'user' })
      })
  )
}

/** The subcommands as commander has them. */
export function commandsOf(service: string, about: string, commands: readonly ServiceCommand[]): Command {
  const parent = new Command(`lariat ${service}`).description(about).exitOverride()
  for (const { name, description, arguments: args = [], options = [], run } of commands) {
    const command = parent.command(name).description(description).exitOverride()
    for (const one of args) {
      command.addArgument(new Argument(one.optional === true ? `[${one.name}]` : `<${one.name}>`, one.description))
    }
    for (const option of options) {
      if (option.required === true) command.requiredOption(option.flags, option.description, option.default)
      else command.option(option.flags, option.description, option.default)
    }
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
        write: (text) => void process.stdout.write(text),
        read: readInput,
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
