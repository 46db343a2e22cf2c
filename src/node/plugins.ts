import type { AnyService } from '../avs/api.ts'
import type { Plugins } from './config/load.ts'

const plugin = (load: () => Promise<{ default: AnyService }>) => async () => (await load()).default

/** The built-in services: a line each. */
export const PLUGINS: Plugins = {
  prices: plugin(() => import('../avs/oracle/index.ts')),
}
