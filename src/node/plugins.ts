import type { AnyService } from '../avs/api.ts'
import type { PluginLoader, Plugins } from './config/load.ts'

/** @param commands what `lariat --help` says of the plug-in's commands, when it has any */
const plugin = (load: () => Promise<{ default: AnyService }>, commands?: string): PluginLoader =>
  Object.assign(async () => (await load()).default, { commands })

/** The built-in services: a line each. */
export const PLUGINS: Plugins = {
  prices: plugin(() => import('../avs/oracle/index.ts')),
  randomness: plugin(
    () => import('../avs/randomness/index.ts'),
    'randomness of the beacon: read and verify rounds, encrypt until a time (docs/randomness.md)',
  ),
  bridge: plugin(
    () => import('../avs/bridge/index.ts'),
    'messages between chains: what happened to one (docs/bridge.md)',
  ),
}
