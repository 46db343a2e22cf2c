import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import type { ExitCode } from '../../node/exit.ts'
import { runNode } from '../../node/run.ts'
import { type Clock, sleep, systemClock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { KnownOperator } from '../operators.ts'
import { readNetworkFile } from './networkFile.ts'

/** Until one of the operators' host names is this machine's, ms: names are there a moment after the container. */
const NAMED_MS = 15_000
const LOOK_MS = 200

/**
 * Runs the node of the operator that others look for on this machine: what is announced on chain for it is a host name, and
 * whoever has the address of that name is the operator. So one service of many replicas has an operator for each, and the same
 * one after a restart.
 * @param dir with a folder for each operator
 * @throws LariatError `testnet.nobody`, and what `runNode` throws
 */
export async function runDevnetOperator(network: string, dir: string): Promise<ExitCode> {
  const { operators } = await readNetworkFile(network)
  const { name } = await untilNamed(operators, { clock: systemClock, addressOf, own: ownAddresses })
  return runNode(join(dir, name, 'node.yaml'))
}

/** What `untilNamed` looks at. */
export interface Names {
  readonly clock: Clock
  /** IP address of a host name; undefined when it has none. */
  readonly addressOf: (host: string) => Promise<string | undefined>
  /** IP addresses of this machine. */
  readonly own: () => ReadonlySet<string>
}

/** The operator whose announced host name is this machine's. @throws LariatError `testnet.nobody` */
export async function untilNamed(
  operators: readonly KnownOperator[],
  { clock, addressOf, own }: Names,
): Promise<KnownOperator> {
  const deadline = clock.now() + NAMED_MS
  for (;;) {
    const addresses = await Promise.all(operators.map(({ multiaddr }) => addressOf(hostOf(multiaddr))))
    const mine = own()
    const found = operators.find((_, i) => mine.has(addresses[i] ?? ''))
    if (found !== undefined) return found
    if (clock.now() > deadline) {
      const hosts = operators.map(({ multiaddr }) => hostOf(multiaddr)).join(', ')
      throw new LariatError(
        'testnet.nobody',
        `none of the operators' host names (${hosts}) is this container's: run as many replicas as the network has operators, and do not rename the project`,
      )
    }
    await sleep(clock, LOOK_MS)
  }
}

const hostOf = (text: string) => multiaddr(text).getComponents()[0]?.value ?? ''

const addressOf = (host: string) =>
  lookup(host, { family: 4 }).then(
    ({ address }) => address,
    () => undefined,
  )

const ownAddresses = () =>
  new Set(
    Object.values(networkInterfaces()).flatMap((all = []) =>
      all.filter(({ internal }) => !internal).map(({ address }) => address),
    ),
  )
