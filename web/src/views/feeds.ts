import { lineChart } from '../chart.ts'
import { badge, bodyOf, byId, h, setText, table } from '../dom.ts'
import { clockTime, price } from '../format.ts'
import { type State, serves } from '../state.ts'
import type { FeedSources, Round } from '../types.ts'

/** A card for each feed: its price, a chart of the last rounds, and its sources. */
export function feedsView(): { draw(state: State): void; recolour(): void } {
  const section = byId('feeds')
  const body = bodyOf('feeds')
  const cards = new Map<string, ReturnType<typeof cardOf>>()
  let drawn: { readonly rounds: readonly Round[]; readonly sources: readonly FeedSources[] } | undefined
  return {
    draw(state) {
      section.hidden = !serves(state, 'prices')
      const { rounds, sources } = state
      if (section.hidden || (drawn?.rounds === rounds && drawn.sources === sources)) return
      drawn = { rounds, sources }
      const series = seriesOf(rounds)
      for (const feed of series.keys()) {
        if (cards.has(feed)) continue
        const card = cardOf(feed)
        cards.set(feed, card)
        body.append(card.element)
      }
      for (const [feed, card] of cards) {
        card.draw(
          series.get(feed) ?? [],
          sources.find((one) => one.feed === feed),
        )
      }
    },
    recolour() {
      for (const { recolour } of cards.values()) recolour()
    },
  }
}

interface Point {
  readonly time: number
  readonly price: string
}

function seriesOf(rounds: readonly Round[]): ReadonlyMap<string, readonly Point[]> {
  const series = new Map<string, Point[]>()
  for (const { observedAt, prices } of rounds) {
    for (const row of prices) {
      if (row.feed === null || row.price === null) continue
      const points = series.get(row.feed) ?? []
      points.push({ time: observedAt, price: row.price })
      series.set(row.feed, points)
    }
  }
  return series
}

function cardOf(feed: string) {
  const value = h('p', { class: 'value' }, '–')
  const change = h('p', { class: 'muted' })
  const state = h('span')
  const chart = lineChart()
  const sources = table(`Sources of ${feed}`, ['venue', 'price', 'age', 'used'], [1, 2])
  const label = h('summary', {}, `Sources of ${feed}`)
  const title = h('div', { class: 'title' }, h('h3', {}, feed), state)
  const element = h(
    'article',
    { class: 'card feed' },
    ...[title, h('div', { class: 'price' }, value, change), chart.element],
    h('details', {}, label, sources.element),
  )
  return {
    element,
    recolour: () => chart.recolour(),
    draw(points: readonly Point[], view: FeedSources | undefined): void {
      const [first, last] = [points[0], points.at(-1)]
      if (first !== undefined && last !== undefined) {
        const values = points.map((point) => Number(point.price))
        const moved = Number(last.price) / Number(first.price) - 1
        setText(value, price(last.price))
        setText(change, `${moved < 0 ? '−' : '+'}${Math.abs(moved * 100).toFixed(3)} % since ${clockTime(first.time)}`)
        chart.set(
          points.map(({ time }) => time),
          values,
          `${feed}: ${price(last.price)} at ${clockTime(last.time)}, between ${price(String(Math.min(...values)))} and ${price(String(Math.max(...values)))} since ${clockTime(first.time)}`,
        )
      }
      if (view !== undefined) drawSources(view)
    },
  }

  function drawSources(view: FeedSources): void {
    const used = view.sources.filter((source) => source.price != null && source.excluded == null).length
    const text = `${used} of ${view.sources.length} sources`
    setText(label, `${text} of ${feed}`)
    const kind = view.missing !== null ? 'fail' : used < view.sources.length ? 'plain' : 'ok'
    state.replaceChildren(badge(kind, view.missing === null ? text : view.missing))
    sources.rows(
      view.sources.map((source) => [
        `${source.venue ?? '?'} ${source.symbol ?? ''}`,
        source.price == null ? '–' : price(source.price),
        source.age == null ? '–' : `${source.age.toFixed(1)} s`,
        source.excluded ?? source.failure?.message ?? 'yes',
      ]),
    )
  }
}
