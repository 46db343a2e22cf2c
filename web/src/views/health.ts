import { badge, bodyOf, h, table } from '../dom.ts'
import { count, duration } from '../format.ts'
import type { State } from '../state.ts'
import type { Check, Checks } from '../types.ts'

const KIND = { pass: 'ok', warn: 'warn', fail: 'fail' } as const

/** What is wrong first, then all checks. */
export function healthView(): (state: State) => void {
  const problems = h('ul', { class: 'problems' })
  const fine = h('p', { class: 'fine' }, 'Waiting for the self-checks.')
  const all = table('All self-checks', ['check', 'status', 'since', 'what it says'])
  const label = h('summary', {}, 'All self-checks')
  bodyOf('health').append(fine, problems, h('details', {}, label, all.element))
  let drawn: Checks | undefined
  let drawnAt = 0
  return ({ checks, ahead }) => {
    const now = Date.now() / 1_000 + ahead
    // ages grow by themselves
    if (checks === undefined || (checks === drawn && now - drawnAt < 10)) return
    drawn = checks
    drawnAt = now
    const wrong = checks.checks.filter(({ status }) => status !== 'pass').toSorted(byWeight)
    fine.hidden = wrong.length > 0
    fine.textContent = `All ${checks.checks.length} self-checks pass.`
    problems.hidden = wrong.length === 0
    problems.replaceChildren(...wrong.map((check) => problemItem(check, now)))
    label.textContent = `All ${count(checks.checks.length, 'self-check')}`
    all.rows(
      checks.checks.map((check) => [
        check.name,
        badge(KIND[check.status], check.status),
        duration(now - check.since),
        check.problem ?? '',
      ]),
    )
  }
}

function problemItem(check: Check, now: number): HTMLElement {
  const notes = [
    `for ${duration(now - check.since)}`,
    ...(check.stopsSigning ? ['stops signing'] : []),
    ...(check.advisory ? ['advice'] : []),
  ]
  return h(
    'li',
    { class: KIND[check.status] },
    h(
      'p',
      { class: 'title' },
      badge(KIND[check.status], check.status),
      h('strong', {}, check.name),
      h('span', { class: 'muted' }, notes.join(' · ')),
    ),
    h('p', {}, check.problem ?? ''),
  )
}

const weight = ({ status, stopsSigning, advisory }: Check) =>
  (status === 'fail' ? 4 : 0) + (stopsSigning ? 2 : 0) + (advisory ? 0 : 1)
const byWeight = (a: Check, b: Check) => weight(b) - weight(a)
