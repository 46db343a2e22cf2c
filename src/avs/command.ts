import type { Clock } from '../util/clock.ts'
import type { HttpClient } from './ports.ts'

/** What a subcommand of a service gets. It runs beside the node, not in it: what it wants to know it asks over HTTP. */
export interface CommandContext {
  /** Arguments in the order of `ServiceCommand.arguments`; undefined where an optional one was left out. */
  readonly args: readonly (string | undefined)[]
  /** Options by their long name in camel case; true for one that takes no value. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly http: HttpClient
  readonly clock: Clock
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** Standard output. */
  write(text: string): void
  /** All of standard input. @throws LariatError `cli.too-large` */
  read(maxBytes: number): Promise<Uint8Array>
}

/** One subcommand, `lariat <service> <name>`. */
export interface ServiceCommand {
  /** Lower-case kebab. */
  readonly name: string
  readonly description: string
  readonly arguments?: readonly { readonly name: string; readonly description: string; readonly optional?: boolean }[]
  /** `flags` as commander has them: `--url <url>`, `--json`. */
  readonly options?: readonly {
    readonly flags: string
    readonly description: string
    readonly required?: boolean
    readonly default?: string
  }[]
  /** What follows the command's name in its help's examples; an empty text where nothing has to. */
  readonly examples: readonly string[]
  /** Shape of the JSON value that `--json`, which is added, prints; or why there is no result to print so. */
  readonly result: { readonly json: string } | { readonly noResult: string }
  /** True when all is well; false ends the command with exit code 1. Whatever it throws is told, and ends it as other commands. */
  readonly run: (context: CommandContext) => Promise<boolean>
}
