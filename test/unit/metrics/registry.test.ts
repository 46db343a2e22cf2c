import assert from 'node:assert/strict'
import { declareAll } from '../../../scripts/lib/pages.ts'
import { BEYOND, closedSeries, isOpen } from '../../../src/metrics/bounds.ts'
import { createMetrics, type Metrics } from '../../../src/metrics/registry.ts'

/** Series of one metric that a full page may have for one value of each open label; a page of more helps nobody. */
const MAX_CLOSED_SERIES = 1_000
/** Values of one open label: a Prometheus keeps millions of series, and there are hundreds of nodes. */
const MAX_OPEN_VALUES = 2_048

describe('metrics', () => {
  const lines = async (metrics: Metrics, name: string) => {
    const { body } = await metrics.expose()
    return body.split('\n').filter((line) => line.startsWith(name))
  }

  it('a counter begins at 0 with every value of its labels', async () => {
    const metrics = createMetrics()
    metrics.counter({ name: 'lariat_x_total', help: 'x', labels: { reason: ['a', 'b'] } })
    assert.deepEqual(await lines(metrics, 'lariat_x_total'), [
      'lariat_x_total{reason="a"} 0',
      'lariat_x_total{reason="b"} 0',
    ])
  })

  it('a counter with an open label begins at 0 once one of its values is known', async () => {
    const metrics = createMetrics()
    const counter = metrics.counter({
      name: 'lariat_x_total',
      help: 'x',
      labels: { service: { of: 'services', atMost: 4 }, reason: ['a', 'b'] },
    })
    assert.deepEqual(await lines(metrics, 'lariat_x_total'), [])
    counter.inc({ service: 'prices', reason: 'b' }, 2)
    counter.inc({ service: 'prices', reason: 'b' })
    assert.deepEqual(await lines(metrics, 'lariat_x_total'), [
      'lariat_x_total{service="prices",reason="a"} 0',
      'lariat_x_total{service="prices",reason="b"} 3',
    ])
  })

  it('counts what is beyond a bound as one value', async () => {
    const metrics = createMetrics()
    const open = metrics.gauge({ name: 'lariat_x', help: 'x', labels: { peer: { of: 'peers', atMost: 2 } } })
    for (const peer of ['a', 'b', 'c', 'd', 'a']) open.set({ peer }, 1)
    assert.deepEqual(await lines(metrics, 'lariat_x{'), [
      'lariat_x{peer="a"} 1',
      'lariat_x{peer="b"} 1',
      `lariat_x{peer="${BEYOND}"} 1`,
    ])
    const closed = metrics.counter({ name: 'lariat_y_total', help: 'y', labels: { reason: ['a'] } })
    closed.inc({ reason: 'z' as 'a' })
    assert.deepEqual(await lines(metrics, 'lariat_y_total'), [
      'lariat_y_total{reason="a"} 0',
      `lariat_y_total{reason="${BEYOND}"} 1`,
    ])
  })

  it('every label of a node is bounded, and says by what', () => {
    const declared = declareAll().describe()
    assert.ok(declared.length > 100)
    for (const { name, labels } of declared) {
      assert.ok(closedSeries(labels) <= MAX_CLOSED_SERIES, `${name} can have ${closedSeries(labels)} series`)
      for (const [label, bound] of Object.entries(labels)) {
        if (isOpen(bound)) {
          assert.ok(bound.of !== '' && bound.atMost > 0 && bound.atMost <= MAX_OPEN_VALUES, `${name}: ${label}`)
        } else {
          assert.ok(bound.length > 0 && new Set(bound).size === bound.length, `${name}: ${label}`)
        }
      }
    }
  })

  it('every metric has a name of ours with a unit or _total, and says what it is', () => {
    for (const { name, type, help } of declareAll().describe()) {
      assert.match(name, /^(lariat|eigen)_[a-z0-9_]+$/)
      assert.equal(type === 'counter', name.endsWith('_total'), name)
      if (type === 'histogram') assert.match(name, /_seconds$/)
      assert.ok(help.length > 2, name)
    }
  })
})
