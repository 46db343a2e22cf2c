import { badge, bodyOf, h } from '../dom.ts'
import { clockTime } from '../format.ts'
import type { State } from '../state.ts'
import type { Warning } from '../types.ts'

const KIND = { warn: 'warn', error: 'fail' } as const

/** The newest warnings and errors of the log first; the same one after another is told once, with how often. */
export function warningsView(): (state: State) => void {
  const none = h('p', { class: 'fine' }, 'No warning since the node started.')
  const list = h('ol', { class: 'log', tabindex: 0, 'aria-labelledby': 'warnings-title' })
  bodyOf('warnings').append(none, list)
  let drawn: readonly Warning[] | undefined
  return ({ warnings }) => {
    if (warnings === drawn) return
    drawn = warnings
    none.hidden = warnings.length > 0
    list.hidden = warnings.length === 0
    list.replaceChildren(...folded(warnings.toReversed()).map(item))
  }
}

interface Folded {
  readonly warning: Warning
  readonly times: number
}

function folded(warnings: readonly Warning[]): readonly Folded[] {
  const groups: { warning: Warning; times: number }[] = []
  for (const warning of warnings) {
    const last = groups.at(-1)
    if (last !== undefined && keyOf(last.warning) === keyOf(warning)) last.times++
    else groups.push({ warning, times: 1 })
  }
  return groups
}

/** Slots differ, the reason does not. */
const keyOf = ({ level, message, fields: { slot: _, ...fields } }: Warning) => JSON.stringify([level, message, fields])

function item({ warning, times }: Folded): HTMLElement {
  const { at, level, message, fields } = warning
  const facts = Object.entries(fields).map(([name, value]) => h('span', {}, h('b', {}, name), ` ${value}`))
  return h(
    'li',
    {},
    h('time', { class: 'mono muted', datetime: new Date(at * 1_000).toISOString() }, clockTime(at)),
    badge(KIND[level], level === 'warn' ? 'warning' : 'error'),
    h('div', {}, h('strong', {}, message), times > 1 && ` (${times} times)`, h('p', { class: 'facts' }, ...facts)),
  )
}
