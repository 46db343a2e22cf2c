import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createMetrics } from '../../src/metrics/registry.ts'
import { openSealedFolder } from '../../src/signer/shares/folder.ts'
import { openShareVault } from '../../src/signer/shares/open.ts'
import { VaultState } from '../../src/signer/shares/state.ts'
import type { ShareVault, VaultScope } from '../../src/signer/shares/vault.ts'
import { leash } from '../../src/testnet/leash.ts'
import { systemClock } from '../../src/util/clock.ts'
import { LariatError } from '../../src/util/errors.ts'
import { silentLog } from '../../src/util/log.ts'
import { Secret } from '../../src/util/secret.ts'
import { buildChild } from './buildChild.ts'
import type { CeremonyChain } from './ceremonyChain.ts'
import type { CeremonyChildEvent, CeremonyChildSetup } from './ceremonyChild.ts'
import { filesIn, leaksIn } from './secretSearch.ts'

const CHILD = new URL('./ceremonyChild.ts', import.meta.url)
const PASSWORD = 'a-password-of-a-test'

/** How a life ended. */
export interface Death {
  readonly index: number
  /** The last point that it came to. */
  readonly point: string
  /** Files that a secret could be read in. */
  readonly leaks: readonly string[]
  /** Temporary files that it left. */
  readonly temporary: readonly string[]
}

export interface LivesOptions {
  readonly run: CeremonyChain
  readonly staggerMs: number
  readonly patienceMs: number
  /** What each operator is to die of, in whatever order it comes to it; each kills once. */
  readonly faults?: ReadonlyMap<number, readonly string[]>
  /** Those that deal wrong shares. */
  readonly spoilers?: readonly number[]
  /** Told whether a process that died is not back yet: a chain that stands still meanwhile passes no phase, however slow the machine. */
  readonly onDown?: (isDown: boolean) => void
}

/** Processes of operators in a ceremony, each of which is started again when it dies, and what they leave on disk looked through. */
export interface Lives {
  start(index: number): void
  /** Kills it now, if it runs. */
  kill(index: number): void
  /** Everything that the lives of one operator told. */
  told(index: number): readonly CeremonyChildEvent[]
  readonly deaths: readonly Death[]
  /** Rejects when a process ended that nobody killed. */
  check(): void
  /** Ends all of them in order, and looks through their files. @returns those that a secret could be read in */
  stop(): Promise<readonly string[]>
  /** The vault of one that is stopped. */
  open(index: number): Promise<ShareVault>
  folderOf(index: number): string
  /** Secrets that were seen of one. */
  secretsOf(index: number): readonly Uint8Array[]
  close(): Promise<void>
}

export async function ceremonyLives(options: LivesOptions): Promise<Lives> {
  const { run, faults = new Map(), spoilers = [], onDown = () => {} } = options
  const folder = mkdtempSync(join(tmpdir(), 'lariat-lives-'))
  const program = await buildChild(CHILD, 'ceremony-child')
  const { chainId, genesisHash } = run.domain
  const children = new Map<number, ChildProcess>()
  const events = new Map<number, CeremonyChildEvent[]>()
  const left = new Map([...faults].map(([index, list]) => [index, [...list]]))
  const secrets = new Map<number, Map<string, Uint8Array>>()
  const deaths: Death[] = []
  const failures: string[] = []
  const running = new Set<Promise<void>>()
  let stopping = false

  const folderOf = (index: number) => join(folder, `operator-${index}`)
  const scopeOf = (index: number): VaultScope => ({
    ...{ chainId, genesisHash, keyGeneration: run.contracts.keyGeneration, operator: run.operator(index) },
  })

  /** Adds what the vault of an operator holds now to the secrets that its files must not show. */
  async function learn(index: number): Promise<Iterable<Uint8Array>> {
    const known = secrets.get(index) ?? new Map<string, Uint8Array>()
    secrets.set(index, known)
    known.set('bls', run.secret(index).reveal())
    // as it is, and with what was being written in place: opening takes away what a kill left, so it is done to copies
    for (const isLater of [false, true]) {
      const copy = join(folder, `copy-${index}`)
      try {
        cpSync(join(folderOf(index), 'shares'), copy, { recursive: true })
        if (isLater) for (const file of filesIn(copy)) finish(file)
        const password = new Secret(PASSWORD)
        const sealed = await openSealedFolder({ folder: copy, scope: scopeOf(index), password, strength: 'devnet' })
        for (const secret of secretsOf(await VaultState.load(sealed))) {
          known.set(Buffer.from(secret).toString('hex'), secret)
        }
      } catch (error) {
        // there is no vault yet; or what was being written is not whole
        const isNothing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
        if (!isNothing && !(isLater && error instanceof LariatError)) throw error
      } finally {
        rmSync(copy, { recursive: true, force: true })
      }
    }
    return known.values()
  }

  async function live(index: number): Promise<void> {
    mkdirSync(folderOf(index), { recursive: true })
    const told = events.get(index) ?? []
    events.set(index, told)
    const setup: CeremonyChildSetup = {
      ...{ rpcUrl: run.test.anvil.rpcUrl, folder: folderOf(index), account: index + 1, genesisHash },
      ...{ service: run.contracts.service, keyGeneration: run.contracts.keyGeneration, password: PASSWORD },
      ...{ staggerMs: options.staggerMs, patienceMs: options.patienceMs },
      faults: left.get(index) ?? [],
      spoils: spoilers.includes(index),
    }
    const stdio = ['ignore', 'pipe', 'inherit'] as const
    const child = spawn(process.execPath, [program, JSON.stringify(setup)], { stdio: [...stdio] })
    leash(child)
    children.set(index, child)
    const exit = once(child, 'exit')
    let last = 'start'
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line) as CeremonyChildEvent
      told.push(event)
      if (!('point' in event)) continue
      last = event.point
      if (last === 'started') isDown(index, false)
    }
    const [code, signal] = await exit
    children.delete(index)
    isDown(index, true)
    if (signal !== 'SIGKILL') {
      if (!stopping) failures.push(`operator ${index} ended with ${code ?? signal} after ${last}`)
      return
    }
    const list = left.get(index) ?? []
    if (list.includes(last)) list.splice(list.indexOf(last), 1)
    const temporary = filesIn(folderOf(index)).filter((file) => file.endsWith('.tmp'))
    const death = { index, point: last, leaks: leaksIn(folderOf(index), await learn(index)), temporary }
    deaths.push(death)
    if (!stopping) start(index)
  }

  const down = new Set<number>()
  function isDown(index: number, is: boolean): void {
    if (is) down.add(index)
    else down.delete(index)
    onDown(down.size > 0)
  }

  function start(index: number): void {
    const life = live(index)
      .catch((error: unknown) => void failures.push(`operator ${index}: ${error}`))
      .finally(() => running.delete(life))
    running.add(life)
  }

  async function stop(): Promise<void> {
    stopping = true
    for (const child of children.values()) child.kill('SIGTERM')
    while (running.size > 0) await Promise.all(running)
  }

  return {
    start,
    folderOf,
    deaths,
    kill: (index) => void children.get(index)?.kill('SIGKILL'),
    told: (index) => events.get(index) ?? [],
    secretsOf: (index) => [...(secrets.get(index)?.values() ?? [])],
    check() {
      if (failures.length > 0) throw new Error(failures.join('\n'))
    },
    async stop() {
      await stop()
      const leaks: string[] = []
      for (const index of events.keys()) leaks.push(...leaksIn(folderOf(index), await learn(index)))
      return leaks
    },
    open: (index) =>
      openShareVault({
        ...{ folder: join(folderOf(index), 'shares'), scope: scopeOf(index), password: new Secret(PASSWORD) },
        ...{ clock: systemClock, peers: { now: () => systemClock.now() }, log: silentLog, metrics: createMetrics() },
        strength: 'devnet',
      }),
    async close() {
      for (const child of children.values()) child.kill('SIGKILL')
      await stop()
      rmSync(folder, { recursive: true, force: true })
      rmSync(program, { force: true })
    },
  }
}

/** Puts the new content of a record in place, as the process would have. */
function finish(file: string): void {
  const record = /^(.*\.sealed)\.[0-9]+\.tmp$/.exec(file)?.[1]
  if (record !== undefined) renameSync(file, record)
}

function secretsOf(state: VaultState): Uint8Array[] {
  return [
    ...state.encryption.map(({ secret }) => secret.reveal()),
    ...state.seeds.map(({ seed }) => seed.reveal()),
    ...state.sharings.flatMap(({ shares }) => [...shares.values()].map((share) => share.reveal())),
  ].map((secret) => Uint8Array.from(secret))
}
