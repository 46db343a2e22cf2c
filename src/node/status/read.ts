import { readFile } from 'node:fs/promises'
import { LariatError } from '../../util/errors.ts'
import { loadConfig } from '../config/load.ts'
import { files } from '../files.ts'
import { PLUGINS } from '../plugins.ts'

/** For the node to answer, ms. */
const TIMEOUT_MS = 10_000

export interface NodeStatus {
  readonly healthy: boolean
  /** Address of the status page. */
  readonly page: string
  /** Bodies of `/healthz` and `/v1/status`. */
  readonly health: unknown
  readonly status: unknown
  /** The last warnings and errors of the log, as `/v1/warnings` has them: oldest first. */
  readonly warnings: unknown
}

/**
 * Asks the node that runs on a configuration how it is.
 * @throws LariatError `status.no-node`, `status.unreachable`, `config.…`
 */
export async function readStatus(configFile: string): Promise<NodeStatus> {
  const { dataDir } = await loadConfig(configFile, PLUGINS)
  const url = await apiUrl(dataDir)
  const [health, status, told] = await Promise.all(
    ['healthz', 'v1/status', 'v1/warnings'].map((path) => get(`${url}/${path}`)),
  )
  return {
    healthy: health?.ok === true,
    page: `${url}/`,
    health: health?.body,
    status: status?.body,
    warnings: (told?.body as { readonly warnings?: unknown } | null)?.warnings ?? [],
  }
}

async function apiUrl(dataDir: string): Promise<string> {
  const file = files(dataDir).api
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { url: string }).url
  } catch (error) {
    throw new LariatError(
      'status.no-node',
      `${file} cannot be read: no node has run on this data folder yet`,
      { file },
      error,
    )
  }
}

async function get(url: string): Promise<{ ok: boolean; body: unknown }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return { ok: response.ok, body: await response.json() }
  } catch (error) {
    throw new LariatError(
      'status.unreachable',
      `${url} does not answer: the node of this configuration does not run`,
      { url },
      error,
    )
  }
}
