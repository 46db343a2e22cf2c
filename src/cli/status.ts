import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { painter } from '../util/colours.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { type ConfigFlags, printResult, withConfig } from './options.ts'

export function statusCommand(): Command {
  const status = new Command('status').description('tell how the running node is; exit code 1 when it is not healthy')
  return about(withConfig(status), {
    examples: ['lariat status --config node.yaml', 'lariat status --config node.yaml --json'],
    json: STATUS,
    progress: 'asking the node',
  }).action(async ({ config, json }: ConfigFlags) => {
    const { readStatus } = await import('../node/status/read.ts')
    const { statusText } = await import('../node/status/text.ts')
    const { stdout } = process
    const status = await readStatus(config)
    printResult(json, status, () => statusText(status, { columns: stdout.columns, paint: painter(stdout) }))
    await finish(status.healthy ? Exit.ok : Exit.failure)
  })
}

const HEAD = '{ number, hash, timestamp }'
const PEG = 'rate, market, ratio: number | null, age: number, state: "ok" | "depegged" | "stale" | "invalid"'
const HEALTH =
  '{ ok: boolean, problems: [text], epoch, member: boolean, connectedWeight, totalWeight, latestSlot, latestCertifiedAt, openSlots: number }'
const EPOCH =
  '{ number, activatesAt: number, endsAt, validUntil: number, quorumBps: number, totalWeight, members: [{ operator, weight, revoked: boolean, peerId }] }'
const RISK = `{ at: number,
          operator: { stake, loss, byAvs: [{ avs, loss }], unvalued: [text], redistributing: [{ avs, operatorSetId: number, recipient }], complete: boolean } | null,
          services: [{ name, slashable, complete: boolean, secured, securedRatio, epoch, shares: [{ operator, share: number }], toStop, toForge }],
          lrt: { rate, assets, liabilities, backing, unreserved, steady: boolean, redistributable: [text], market: { ${PEG} } | null, lsts: [{ token, ${PEG} }] } | null,
          failures: [{ part, problem }] }`

const STATUS = `{ healthy: boolean, page,
      health: { healthy: boolean, stopped: { [service]: text }, checks: [{ name, ok: boolean, status: "pass" | "warn" | "fail", since: number, at, advisory?: boolean, stopsSigning?: boolean, problem? }] },
      status: { version, operator, startedAt: number, now: number,
        chain: { id: number, head: ${HEAD} | null, finalized: ${HEAD} | null, providers: number },
        chains: [{ name, id: number, open: boolean, head: ${HEAD} | null, finalized: ${HEAD} | null, providers, problem: { code, reason } | null }],
        p2p: { peerId, addresses: [text], connected: [text] },
        services: [{ name, id, contract, health: ${HEALTH},
          status: { lines: [{ about, text, state: "ok" | "warn" | "fail" }], facts: any } | null,
          epochs: [${EPOCH}] }],
        risk: ${RISK} | null },
      warnings: [{ at: number, level: "warn" | "error", message, fields: { [name]: text } }] }
    health, status and warnings are what GET /healthz, /v1/status and /v1/warnings answer, facts what the plug-in of the service declares: see below`
