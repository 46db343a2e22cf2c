import type { CursorStore } from '../../store/store.ts'

/** What the names of all further chains' cursors begin with; no cursor of a service does. */
const FURTHER = 'chains/'
const prefixOf = (chain: string) => `${FURTHER}${chain}/`

/** The cursors of one further chain, among those of the node. */
export function cursorsOf(all: CursorStore, chain: string): CursorStore {
  const prefix = prefixOf(chain)
  return {
    get: (name) => all.get(`${prefix}${name}`),
    set: (name, value) => all.set(`${prefix}${name}`, value),
    names: () =>
      all
        .names()
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length)),
  }
}

/** The cursors of the chain of the stake, without those of further chains. */
export function stakeCursors(all: CursorStore): CursorStore {
  return {
    get: (name) => all.get(name),
    set: (name, value) => all.set(name, value),
    names: () => all.names().filter((name) => !name.startsWith(FURTHER)),
  }
}
