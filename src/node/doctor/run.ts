import { existsSync } from 'node:fs'
import { loadDeployment } from '../../chain/deployment.ts'
import { createMetrics } from '../../metrics/registry.ts'
import { loadOrCreateIdentity } from '../../p2p/identity.ts'
import { openEcdsaAccount } from '../../signer/ecdsa.ts'
import { systemClock } from '../../util/clock.ts'
import type { painter } from '../../util/colours.ts'
import { describe } from '../../util/errors.ts'
import type { Hex } from '../../util/hex.ts'
import type { Log, LogFields } from '../../util/log.ts'
import { openNodeCheckpointKey } from '../checkpoints.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { files } from '../files.ts'
import { openOperatorKeys } from '../operatorKeys.ts'
import { PLUGINS } from '../plugins.ts'
import { examineChain, examineFurtherChains } from './chain.ts'
import { type DoctorLine, tried } from './line.ts'
import { examineMachine, nodeRuns } from './machine.ts'
import { examineNetwork } from './network.ts'
import { examineSigner } from './signer.ts'
import { examineStanding } from './standing.ts'

/**
 * Looks at everything that a node needs before it starts, or beside a running one. It sends nothing, and writes nothing but a
 * file in dataDir that it removes again.
 * @returns a line for each thing; never throws for what it finds
 */
export async function runDoctor(configFile: string): Promise<readonly DoctorLine[]> {
  let config: LoadedConfig
  try {
    config = await loadConfig(configFile, PLUGINS)
  } catch (error) {
    return [{ group: 'configuration', status: 'fail', text: describe(error) }]
  }
  const { dataDir } = config
  const group = 'configuration'
  const first: DoctorLine = { group, status: 'pass', text: `${config.file} is right` }
  const machine = await examineMachine(dataDir, config.checks.volatileStorage)
  const running = nodeRuns(dataDir)
  const { p2pKey } = files(dataDir)
  const peerId = existsSync(p2pKey) ? (await loadOrCreateIdentity(p2pKey)).peerId : undefined
  const onChain = await tried('chain', 'the chain', async () => {
    const deployment = await loadDeployment(config.chain.deployment)
    const { account, keys, lines } = await examineKeys(config, deployment.genesisHash)
    const providers = await examineChain(config, deployment.genesisHash, Date.now())
    const standing = await tried('registration', 'the registration', () =>
      examineStanding({ config, deployment, account, keys, peerId }),
    )
    return [...lines, ...providers, ...standing]
  })
  const further = await examineFurtherChains(config, Date.now())
  const network = await tried('network', 'the network', () => examineNetwork(config, running))
  return [first, ...machine, ...onChain, ...further, ...network]
}

/** Opens the keys, as a start would, or asks the remote signer; warnings on the way, such as of file modes, become lines. */
async function examineKeys(config: LoadedConfig, genesisHash: Hex) {
  const group = 'keys'
  const lines: DoctorLine[] = []
  const warned = (message: string, { file }: LogFields = {}) =>
    void lines.push({ group, status: 'warn', text: file === undefined ? message : `${message} (${file})` })
  const log: Log = { debug() {}, info() {}, warn: warned, error: warned, child: () => log }
  async function open<T>(what: string, opening: () => Promise<T>): Promise<T | undefined> {
    try {
      const opened = await opening()
      lines.push({ group, status: 'pass', text: what })
      return opened
    } catch (error) {
      lines.push({ group, status: 'fail', text: describe(error) })
      return undefined
    }
  }
  const account = await open('keys.ecdsa opens', () => openEcdsaAccount(config.keys.ecdsa, log))
  const { checkpoints } = config.keys
  if (checkpoints !== undefined) {
    const others = [account?.address, config.operator.address]
    await open('keys.checkpoints opens', async () => (await openNodeCheckpointKey(checkpoints, others, log)).close())
  }
  const { signer } = config
  if (signer !== undefined) {
    const examined = await examineSigner({ config, signer, genesisHash, log, clock: systemClock })
    lines.push(...examined.lines)
    return { account: account?.address, keys: examined.keys, lines }
  }
  const keys = await open('keys.bls opens', async () => {
    const opened = await openOperatorKeys({
      ...{ config, genesisHash, log },
      clock: systemClock,
      metrics: createMetrics(),
    })
    try {
      return opened.publicKeys()
    } finally {
      opened.close()
    }
  })
  return { account: account?.address, keys, lines }
}

/** Whether a node can be started: nothing fails. */
export function isFit(lines: readonly DoctorLine[]): boolean {
  return lines.every(({ status }) => status !== 'fail')
}

const COLOURS = { pass: 'green', warn: 'yellow', fail: 'red' } as const
type Paint = ReturnType<typeof painter>

/** The lines for people, grouped, and what they come to. */
export function doctorText(lines: readonly DoctorLine[], paint: Paint = (_colour, text) => text): string {
  const groups = [...new Set(lines.map(({ group }) => group))]
  const count = (status: DoctorLine['status']) => lines.filter((line) => line.status === status).length
  return [
    ...groups.flatMap((group) => [
      group,
      ...lines
        .filter((line) => line.group === group)
        .map(({ status, text }) => `  ${paint(COLOURS[status], status)}  ${text}`),
    ]),
    '',
    `${count('pass')} pass, ${count('warn')} warn, ${count('fail')} fail`,
  ].join('\n')
}
