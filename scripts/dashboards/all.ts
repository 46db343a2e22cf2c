import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { beacon } from './beacon.ts'
import { bridge } from './bridge.ts'
import { chain } from './chain.ts'
import { fleet } from './fleet.ts'
import { build } from './kit.ts'
import { network } from './network.ts'
import { operator } from './operator.ts'
import { oracle } from './oracle.ts'
import { safety } from './safety.ts'

/** Where the dashboards are written to, from the root of the repository. */
export const DASHBOARDS_FOLDER = 'docker/grafana/dashboards'

/** Grafana's dashboards, by file name. */
export function dashboards(): Record<string, Dashboard> {
  const boards = [fleet, operator, oracle, bridge, beacon, network, safety, chain]
  return Object.fromEntries(boards.map((board) => [`${board.name}.json`, build(board)]))
}

/** As they are written. */
export function dashboardFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dashboards()).map(([name, board]) => [name, `${JSON.stringify(board, undefined, 2)}\n`]),
  )
}
