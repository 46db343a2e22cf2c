import { delimiter } from 'node:path'

/** The environment without what npm added to it for a script: its settings, and this checkout's commands. */
export function freshShell(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE$)/i.test(name))
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'))
  return { ...Object.fromEntries(kept), PATH: path.filter((entry) => !entry.includes('node-gyp-bin')).join(delimiter) }
}
