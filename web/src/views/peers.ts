import { badge, bodyOf, h, id, table } from '../dom.ts'
import { duration, percent, short } from '../format.ts'
import type { State } from '../state.ts'

/** Operators of all services, whether they are connected, and the chains. */
export function peersView(): (state: State) => void {
  const body = h('div', { class: 'card' })
  bodyOf('peers').append(body)
  const chains = table('Chains', ['chain', 'block', 'final', 'age', 'providers'], [1, 2, 3, 4])
  let operators: ReturnType<typeof table> | undefined
  let columns = ''
  return ({ services, peers, chains: followed, ahead }) => {
    if (services === undefined || peers === undefined) return
    const names = services.map(({ name }) => name)
    if (operators === undefined || names.join() !== columns) {
      columns = names.join()
      const numeric = names.map((_, i) => i + 3)
      operators = table('Operators', ['operator', 'peer', 'connection', ...names], numeric)
      body.replaceChildren(operators.element, chains.element)
    }
    const members = new Map(services.flatMap(({ epoch }) => (epoch?.members ?? []).map((one) => [one.operator, one])))
    const connected = new Set(peers.connected)
    operators.rows(
      [...members.values()]
        .toSorted((a, b) => Number(b.self) - Number(a.self))
        .map(({ operator, self, peerId }) => [
          id(operator, short(operator)),
          peerId === null ? 'unknown' : id(peerId, short(peerId, 4, 6)),
          self
            ? badge('plain', 'this node')
            : connected.has(peerId ?? '')
              ? badge('ok', 'connected')
              : badge('fail', 'not connected'),
          ...services.map(({ epoch }) => {
            const row = epoch?.members.find((one) => one.operator === operator)
            return row === undefined ? '–' : row.revoked ? 'revoked' : percent(row.share)
          }),
        ]),
    )
    const now = Date.now() / 1_000 + ahead
    chains.rows(
      (followed ?? []).map(({ name, id: chainId, head, finalized, providers, problem }) => [
        h('span', { title: problem ?? undefined }, `${name} (${chainId})`, problem === null ? '' : ' ill'),
        head?.number ?? '–',
        finalized?.number ?? '–',
        head === null ? '–' : duration(now - head.time),
        providers === null ? '–' : `${providers}`,
      ]),
    )
  }
}
