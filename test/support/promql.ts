import assert from 'node:assert/strict'
import { declareAll } from '../../scripts/lib/pages.ts'
import type { Declared } from '../../src/metrics/registry.ts'

/** Labels that Prometheus adds to what it scrapes. */
const SCRAPED = ['instance', 'job']
/** What Prometheus knows itself. */
const OWN: Readonly<Record<string, readonly string[]>> = { up: [], ALERTS: ['alertname', 'alertstate', 'severity'] }

let declared: ReadonlyMap<string, Declared> | undefined

function metric(name: string): { readonly labels: readonly string[]; readonly values: Declared['labels'] } | undefined {
  declared ??= new Map(
    declareAll()
      .describe()
      .map((each) => [each.name, each]),
  )
  const own = OWN[name]
  if (own !== undefined) return { labels: [...own, ...SCRAPED], values: {} }
  const plain = declared.get(name)
  if (plain !== undefined && plain.type !== 'histogram') {
    return { labels: [...Object.keys(plain.labels), ...SCRAPED], values: plain.labels }
  }
  const [, base = '', part] = /^(.*)_(bucket|sum|count)$/.exec(name) ?? []
  const histogram = declared.get(base)
  if (histogram?.type !== 'histogram') return undefined
  const le = part === 'bucket' ? ['le'] : []
  return { labels: [...Object.keys(histogram.labels), ...le, ...SCRAPED], values: histogram.labels }
}

/**
 * What is wrong with the metrics and labels of an expression: each metric must be one that a node tells (or Prometheus itself),
 * each matcher must name a label of it and, of a label with known values, one of these. @returns labels that its series can have
 */
export function labelsOf(expr: string): readonly string[] {
  const all = new Set<string>()
  const bare = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, (text) => text.replaceAll(/[{}[\]()]/g, '_'))
  const names = [...bare.matchAll(/\b((?:lariat|eigen)_\w+|up|ALERTS)\b(\{[^}]*\})?/g)]
  assert.ok(names.length > 0, `no metric in ${expr}`)
  for (const [, name = '', matchers = ''] of names) {
    const known = metric(name)
    assert.ok(known !== undefined, `there is no metric ${name}: ${expr}`)
    for (const [, label = '', operator = '', value = ''] of matchers.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)) {
      assert.ok(known.labels.includes(label), `${name} has no label ${label}: ${expr}`)
      const bound = known.values[label]
      if (bound === undefined || 'of' in bound || value.startsWith('$')) continue
      const asked = operator.endsWith('~') ? value.split('|') : [value]
      for (const each of asked) {
        const pattern = new RegExp(`^(?:${each})$`)
        assert.ok(
          bound.some((one) => (operator.endsWith('~') ? pattern.test(one) : one === each)),
          `${name} is never of ${label} "${each}": ${expr}`,
        )
      }
    }
    for (const label of known.labels) all.add(label)
  }
  for (const [, list = ''] of bare.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g)) {
    for (const label of list.split(',').map((each) => each.trim())) {
      assert.ok(label === '' || all.has(label), `no metric has the label ${label}: ${expr}`)
    }
  }
  return [...all]
}
