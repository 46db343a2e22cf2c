import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BUNDLE } from './bundle.ts'
import { eventually } from './eventually.ts'

/** What `lariat stake show --json` tells; amounts in wei. */
export interface StakeShown {
  readonly eth: bigint
  readonly shares: bigint
  readonly pending: bigint
  /** Of all LSTs, by their own rates. */
  readonly lstValue: bigint
  readonly symbols: readonly string[]
}

/** A staker at a command line. */
export class StakeWalk {
  readonly #config: string

  /** @param config file for `--config` */
  constructor(config: string) {
    this.#config = config
  }

  /** Runs one command to its end. @returns what it printed */
  async run(...args: string[]): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
    const child = this.#spawn(args)
    const [out, err] = [child.stdout, child.stderr].map((stream) => {
      const chunks: string[] = []
      stream?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
      return chunks
    })
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, out: out?.join('') ?? '', err: err?.join('') ?? '' }
  }

  /** As `run`, for a command that must succeed. */
  async must(...args: string[]): Promise<string> {
    const { code, out, err } = await this.run(...args)
    assert.equal(code, 0, `${args.join(' ')}: ${err}${out}`)
    return out
  }

  /** Starts a command and kills it as soon as it has written down that it sends a transaction of this name. */
  async killWhenItSends(what: RegExp, ...args: string[]): Promise<void> {
    const child = this.#spawn(args)
    const exit = once(child, 'exit')
    await eventually(() => child.exitCode !== null || what.test(this.#sent()), 'nothing was sent', 30_000)
    child.kill('SIGKILL')
    const [, signal] = await exit
    assert.equal(signal, 'SIGKILL', `${args.join(' ')} ended before it could be killed`)
  }

  async show(): Promise<StakeShown> {
    const shown = JSON.parse(await this.must('show', '--json'))
    const lsts = shown.lsts as { symbol: string; balance: string; value: string }[]
    return {
      eth: BigInt(shown.eth),
      shares: BigInt(shown.lrt.shares),
      pending: BigInt(shown.exits.pending),
      lstValue: lsts.reduce((sum, { value }) => sum + BigInt(value), 0n),
      symbols: lsts.filter(({ balance }) => BigInt(balance) > 0n).map(({ symbol }) => symbol),
    }
  }

  #spawn(args: readonly string[]) {
    return spawn(process.execPath, [BUNDLE, 'stake', ...args, '--config', this.#config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Name of the transaction that is under way by the record; empty when there is none. */
  #sent(): string {
    const folder = join(dirname(this.#config), 'data')
    if (!existsSync(folder)) return ''
    const record = readdirSync(folder).find((name) => /^transactions-0x[0-9a-fA-F]{40}\.json$/.test(name))
    if (record === undefined) return ''
    const { sent } = JSON.parse(readFileSync(join(folder, record), 'utf8')) as { sent?: { what: string } }
    return sent?.what ?? ''
  }
}
