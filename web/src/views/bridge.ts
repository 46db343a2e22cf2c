import { badge, bodyOf, byId, h, id, table } from '../dom.ts'
import { count, duration, short } from '../format.ts'
import { type State, serves } from '../state.ts'
import type { Bridge } from '../types.ts'

const KIND = { delivered: 'ok', landed: 'ok', waiting: 'warn', unknown: 'plain' } as const

/** The newest messages between chains, and how they stand. */
export function bridgeView(): (state: State) => void {
  const section = byId('bridge')
  const figures = h('p', { class: 'figures' }, 'Waiting for the bridge.')
  const rows = table('Newest bridge messages', ['message', 'from', 'to', 'sent', 'state'])
  const none = h('p', { class: 'muted' }, 'No message yet.')
  bodyOf('bridge').append(h('div', { class: 'card' }, figures, none, rows.element))
  let drawn: Bridge | undefined
  return (state) => {
    section.hidden = !serves(state, 'bridge')
    const { bridge } = state
    if (section.hidden || bridge === undefined || bridge === drawn) return
    drawn = bridge
    const now = Date.now() / 1_000 + state.ahead
    const nameOf = (domain: number) => bridge.origins.find((origin) => origin.domain === domain)?.chain ?? `${domain}`
    figures.replaceChildren(
      ...bridge.origins.map(({ chain, messages, halted }) =>
        h(
          'span',
          {},
          h('strong', {}, chain),
          ` ${count(messages, 'message')}`,
          halted !== null && badge('fail', `halted: ${halted}`),
        ),
      ),
    )
    none.hidden = bridge.messages.length > 0
    rows.element.hidden = bridge.messages.length === 0
    rows.rows(
      bridge.messages.map((message) => [
        id(message.id, short(message.id, 8, 4)),
        nameOf(message.origin),
        nameOf(message.destination),
        `${duration(now - message.time / 1_000)} ago`,
        h(
          'span',
          {},
          badge(KIND[message.state], message.state),
          message.reason === undefined ? '' : ` ${message.reason}`,
        ),
      ]),
    )
  }
}
