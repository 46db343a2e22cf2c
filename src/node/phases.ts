import type { Part } from '../avs/api.ts'

export type Phase = 'starting' | 'running' | 'stopped'

/** How far the parts of a process have come; the lifecycle knows, and tells nobody. */
export interface Phases {
  /** `part`, whose phase is known by `name` from now on. */
  watch(name: string, part: Part): Part
  /** A part that runs when all others do, and is the first to stop: the phase of the whole, `WHOLE`. Add it last. */
  whole(): Part
  /** Of what is not watched: stopped. */
  of(name: string): Phase
}

/** Name of the whole; no service may be called so. */
export const WHOLE = '(node)'

export function createPhases(): Phases {
  const phases = new Map<string, Phase>()
  const watch = (name: string, part: Part): Part => {
    phases.set(name, 'starting')
    return {
      name: part.name,
      async start(signal) {
        await part.start(signal)
        phases.set(name, 'running')
      },
      async stop() {
        phases.set(name, 'stopped')
        await part.stop()
      },
    }
  }
  return {
    watch,
    whole: () => watch(WHOLE, { name: 'node', start: async () => {}, stop: async () => {} }),
    of: (name) => phases.get(name) ?? 'stopped',
  }
}
