import { badge, bodyOf, h, id, setText, table } from '../dom.ts'
import { clockTime, duration, ms, short } from '../format.ts'
import { type Column, matrix } from '../matrix.ts'
import { absentOf, summaryOf } from '../slots.ts'
import type { State } from '../state.ts'
import type { Member, Service, Slot } from '../types.ts'

/** Members that have a row of their own; those who were absent most come first. */
const MAX_ROWS = 12
/** Slots in the table. */
const LISTED = 20
const STATUS = { Up: 'ok', Down: 'fail', Initializing: 'warn' } as const

/** What shapes mean; tables and texts say the same in words. */
const LEGEND = [
  ['ok', 'certified'],
  ['landed', 'on chain'],
  ['missed', 'missed'],
  ['present', 'signed'],
  ['absent', 'absent'],
] as const

/** A card for each service, with a timeline for each line of slots that it has. */
export function servicesView(): (state: State) => void {
  const body = h('div', { class: 'cards' })
  const legend = h(
    'p',
    { class: 'legend muted', 'aria-hidden': 'true' },
    ...LEGEND.map(([kind, text]) => h('span', {}, h('i', { class: kind }), text)),
  )
  bodyOf('services').append(legend, body)
  const cards = new Map<string, ReturnType<typeof cardOf>>()
  return (state) => {
    const names = state.services?.map(({ name }) => name).join() ?? ''
    if (names !== body.dataset.names && state.services !== undefined) {
      body.dataset.names = names
      cards.clear()
      for (const { name } of state.services) cards.set(name, cardOf(name))
      body.replaceChildren(...[...cards.values()].map(({ element }) => element))
    }
    for (const service of state.services ?? []) cards.get(service.name)?.draw(service, state)
  }
}

function cardOf(name: string) {
  const status = h('span')
  const facts = h('p', { class: 'muted' })
  const problems = h('ul', { class: 'problems', hidden: true })
  const list = h('div', { class: 'lines' })
  const lines = new Map<string, ReturnType<typeof lineOf>>()
  const title = h('h3', {}, name)
  const element = h('article', { class: 'card' }, h('div', { class: 'title' }, title, status, facts), problems, list)
  return {
    element,
    draw(service: Service, state: State): void {
      const now = Date.now() / 1_000 + state.ahead
      status.replaceChildren(badge(STATUS[service.status], service.status))
      const { epoch } = service
      setText(
        facts,
        epoch === null
          ? 'no epoch is active'
          : `epoch ${epoch.number} · ${epoch.members.length} operators · quorum ${epoch.quorumBps / 100} % · valid for ${duration(epoch.validUntil - now)}`,
      )
      problems.hidden = service.problems.length === 0
      problems.replaceChildren(...service.problems.map((problem) => h('li', { class: 'fail' }, problem)))
      for (const line of service.lines) {
        const slots = state.slots.get(line) ?? []
        // a line that has never had a slot, as a key generation has none, says nothing
        if (slots.length === 0 && service.lines.length > 1) continue
        let made = lines.get(line)
        if (made === undefined) {
          made = lineOf(line, service.lines.length > 1)
          lines.set(line, made)
          list.append(made.element)
        }
        made.draw(slots, epoch?.members ?? [], now)
      }
    },
  }
}

function lineOf(name: string, isNamed: boolean) {
  const figures = h('p', { class: 'figures' })
  const picture = matrix(true)
  const rows = table(`Last slots of ${name}`, ['slot', 'time', 'outcome', 'certificate', 'absent'], [3])
  const details = h('details', {}, h('summary', {}, `Last slots of ${name} as a table`), rows.element)
  const element = h('div', { class: 'line' }, isNamed && h('h4', {}, name), figures, picture.element, details)
  let drawn: readonly Slot[] | undefined
  let drawnFor: readonly Member[] | undefined

  return {
    element,
    draw(slots: readonly Slot[], members: readonly Member[], now: number): void {
      const sum = summaryOf(slots)
      const { latest } = sum
      picture.element.hidden = latest === undefined
      details.hidden = latest === undefined
      figures.replaceChildren(
        ...(latest === undefined
          ? ['No slot yet.']
          : [
              h('span', {}, h('strong', {}, `${sum.certified}`), ` of ${sum.total} certified`),
              h('span', {}, 'median ', h('strong', {}, sum.p50 === undefined ? '–' : ms(sum.p50))),
              h('span', {}, '95 % within ', h('strong', {}, sum.p95 === undefined ? '–' : ms(sum.p95))),
              h('span', {}, `slot ${latest.slot}, ${duration(now - latest.triggeredAt)} ago`),
            ]),
      )
      if (slots === drawn && members === drawnFor) return
      ;[drawn, drawnFor] = [slots, members]
      const absences = new Map(members.map(({ operator }) => [operator, 0]))
      for (const slot of slots) {
        for (const { operator } of absentOf(slot, members)) absences.set(operator, (absences.get(operator) ?? 0) + 1)
      }
      const shown = members
        .toSorted(
          (a, b) =>
            Number(b.self) - Number(a.self) || (absences.get(b.operator) ?? 0) - (absences.get(a.operator) ?? 0),
        )
        .slice(0, MAX_ROWS)
      // a few slow ones must not make the others flat
      const scale = Math.max(1, (sum.p95 ?? 1) * 1.1)
      picture.draw({
        rows: shown.map(({ operator, self }) => ({
          text: self ? 'this node' : short(operator),
          title: operator,
          note: noteOf(absences.get(operator) ?? 0, sum.certified),
        })),
        columns: slots.map((slot) => columnOf(slot, shown, members, scale)),
        label: labelOf(name, slots, members, absences),
      })
      rows.rows(
        slots
          .slice(-LISTED)
          .toReversed()
          .map((slot) => [
            slot.slot,
            clockTime(slot.triggeredAt),
            slot.outcome === 'missed' ? `missed: ${slot.reason ?? 'unknown'}` : slot.outcome,
            slot.certificateMs === null ? '–' : ms(slot.certificateMs),
            absenceCell(absentOf(slot, members)),
          ]),
      )
    },
  }
}

const noteOf = (absent: number, certified: number) =>
  certified === 0 ? '' : absent === 0 ? 'in all' : `absent in ${absent}`

function absenceCell(absent: readonly Member[]): Node | string {
  if (absent.length === 0) return 'nobody'
  const parts = absent.flatMap(({ operator, self }) => [' ', id(operator, self ? 'this node' : short(operator))])
  return h('span', {}, ...parts.slice(1))
}

function columnOf(slot: Slot, shown: readonly Member[], members: readonly Member[], scale: number): Column {
  const absent = new Set(absentOf(slot, members).map(({ operator }) => operator))
  const isMissed = slot.outcome === 'missed'
  const who = [...absent].map((operator) => short(operator)).join(', ')
  const what = isMissed
    ? `missed: ${slot.reason ?? 'unknown'}`
    : `${slot.outcome === 'landed' ? 'on chain' : 'certified'}${slot.certificateMs === null ? '' : ` in ${ms(slot.certificateMs)}`}, absent: ${who === '' ? 'nobody' : who}`
  return {
    bar: isMissed || slot.certificateMs === null ? undefined : Math.min(1, slot.certificateMs / scale),
    kind: isMissed ? 'missed' : slot.outcome === 'landed' ? 'landed' : 'ok',
    rows: shown.map(({ operator }) => (isMissed ? 'none' : absent.has(operator) ? 'absent' : 'present')),
    words: `slot ${slot.slot}, ${clockTime(slot.triggeredAt)}: ${what}`,
  }
}

function labelOf(
  name: string,
  slots: readonly Slot[],
  members: readonly Member[],
  absences: ReadonlyMap<string, number>,
): string {
  const sum = summaryOf(slots)
  if (sum.latest === undefined) return `${name}: no slot yet`
  const who = members
    .filter(({ operator }) => (absences.get(operator) ?? 0) > 0)
    .map(({ operator, self }) => `${self ? 'this node' : short(operator)} ${absences.get(operator)} times`)
  return `${name}: of the last ${sum.total} slots ${sum.certified} certified, ${sum.missed} missed; median latency ${sum.p50 === undefined ? 'unknown' : ms(sum.p50)}; absent: ${who.length === 0 ? 'nobody' : who.join(', ')}`
}
