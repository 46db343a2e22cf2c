import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { LariatError } from '../util/errors.ts'
import { leash } from './leash.ts'

export interface AnvilOptions {
  /** Address to listen on; 127.0.0.1 unless given. */
  readonly host?: string
  /** 0 picks a free one. */
  readonly port?: number
  /** When blocks come: every so many seconds, with each transaction (`automine`), or only on demand (`manual`). */
  readonly blocks?: number | 'automine' | 'manual'
  readonly chainId?: number
  /** Unix second of block 0. */
  readonly genesisTime?: number
  /** Gas of a block; anvil's 30 million unless given. */
  readonly blockGas?: number
  /** Accounts with money, of the well-known test mnemonic. */
  readonly accounts?: number
  /** Where the chain is kept from one run to the next. */
  readonly stateFile?: string
  /** Called once if it ends without having been told to. */
  readonly onUnexpectedExit?: (how: string) => void
  readonly signal?: AbortSignal
}

/** A local chain of our own. */
export interface Anvil {
  readonly rpcUrl: string
  readonly pid: number
  /** Resolves when the process is gone. */
  stop(): Promise<void>
}

/**
 * Blocks of a testnet's chains: one a second, with gas of several of mainnet's, so that a whole stage of the set-up fits into one.
 * (anvil loses a transaction that does not fit into a block any more, and with it all later ones of its account.) What a
 * transaction may have is mainnet's.
 */
export const TESTNET_BLOCKS = { blocks: 1, blockGas: 500_000_000 } as const

/** Words of the accounts that anvil gives money: known to everyone. */
export const ANVIL_MNEMONIC = 'test test test test test test test test test test test junk'
/** ms until it must listen: takes 0.1 s on an idle machine. */
const START_TIMEOUT_MS = 20_000
/** ms from SIGTERM to SIGKILL. */
const STOP_TIMEOUT_MS = 5_000
/** Bytes of output that are kept to explain a failed start. */
const MAX_OUTPUT = 4_096

/**
 * Starts anvil as mainnet is: osaka, with its cap on the gas of a transaction, and finality two blocks behind. It dies
 * with this process.
 * @throws LariatError `testnet.anvil` when it cannot be started
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  options.signal?.throwIfAborted()
  const child = spawn(anvilBinary(), anvilArguments(options), { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  leash(child)
  let stopping = false
  async function stop(): Promise<void> {
    stopping = true
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(late)
  }
  try {
    const rpcUrl = await listening(child, exited, options.signal)
    exited.then((how) => {
      if (!stopping) options.onUnexpectedExit?.(how)
    })
    return { rpcUrl, pid: child.pid ?? 0, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function anvilArguments(options: AnvilOptions): string[] {
  const { host = '127.0.0.1', port = 0, blocks = 'automine', chainId = 31_337, accounts = 10 } = options
  const { genesisTime, blockGas, stateFile } = options
  return [
    ...['--host', host, '--port', String(port), '--chain-id', String(chainId), '--accounts', String(accounts)],
    ...['--mnemonic', ANVIL_MNEMONIC, '--hardfork', 'osaka', '--enable-tx-gas-limit', '--slots-in-an-epoch', '1'],
    ...(typeof blocks === 'number' ? ['--block-time', String(blocks)] : blocks === 'manual' ? ['--no-mining'] : []),
    ...(blockGas === undefined ? [] : ['--gas-limit', String(blockGas)]),
    ...(genesisTime === undefined ? [] : ['--timestamp', String(genesisTime)]),
    ...(stateFile === undefined ? [] : ['--state', stateFile]),
  ]
}

/**
 * The binary that npm installed, itself: npm's wrapper forwards only some signals. Where npm has none for the platform, an
 * `anvil` on the PATH.
 */
function anvilBinary(): string {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const name = process.platform === 'win32' ? 'anvil.exe' : 'anvil'
  try {
    const manifest = createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform}/package.json`)
    return join(manifest, '..', 'bin', name)
  } catch (error) {
    const found = (process.env.PATH ?? '').split(delimiter).find((folder) => existsSync(join(folder, name)))
    if (found !== undefined) return join(found, name)
    throw new LariatError(
      'testnet.anvil',
      `there is no anvil: npm has @foundry-rs/anvil-linux-amd64 (npm ci without --omit=optional); on ${platform}, install Foundry 1.7.1 and have anvil on the PATH`,
      { platform },
      error,
    )
  }
}

/** Resolves with the URL as soon as it says where it listens. */
function listening(child: ChildProcess, exited: Promise<string>, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (why: string, cause?: unknown) => {
      end()
      reject(new LariatError('testnet.anvil', `anvil did not start: ${why}\n${output}`.trim(), { why }, cause))
    }
    const timer = setTimeout(() => fail(`it does not listen after ${START_TIMEOUT_MS / 1_000} s`), START_TIMEOUT_MS)
    const onAbort = () => fail('told to stop', signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    function read(chunk: Buffer): void {
      output = (output + chunk.toString()).slice(-MAX_OUTPUT)
      const match = /Listening on (\S+:\d+)/.exec(output)
      if (match === null) return
      end()
      resolve(`http://${match[1]}`)
    }
    function end(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      child.stdout?.off('data', read)
      child.stderr?.off('data', read)
      // Unread output would fill the pipe and stop anvil.
      child.stdout?.resume()
      child.stderr?.resume()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    exited.then((how) => fail(how))
  })
}
