import { buildChild } from '../buildChild.ts'

/** Bundles the host. @returns its path */
export const buildHost = (): Promise<string> => buildChild(new URL('./host.ts', import.meta.url), 'guard-host')
