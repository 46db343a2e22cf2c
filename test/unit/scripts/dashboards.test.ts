import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { DASHBOARDS_FOLDER, dashboardFiles, dashboards } from '../../../scripts/dashboards/all.ts'
import { labelsOf } from '../../support/promql.ts'

interface Target {
  readonly expr: string
  readonly legendFormat?: string
  readonly refId: string
}
/** What the dashboards' panels have of Grafana's schema. */
interface PanelJson {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: { readonly type: string; readonly uid: string }
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] }
    }
  }
  readonly targets?: readonly Target[]
}
interface BoardJson {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly schemaVersion: number
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] }
  readonly panels: readonly PanelJson[]
}

const KINDS = ['row', 'stat', 'table', 'timeseries']
const GRID = 24

describe('dashboards', () => {
  const folder = new URL(`../../../${DASHBOARDS_FOLDER}/`, import.meta.url)
  const boards = Object.keys(dashboards()).map(
    (name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as BoardJson] as const,
  )
  const panelsOf = ({ panels }: BoardJson) => panels.filter(({ type }) => type !== 'row')

  it('are as the code says; npm run docs writes them', () => {
    const files = dashboardFiles()
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(files).sort())
    for (const [name, text] of Object.entries(files)) {
      assert.equal(readFileSync(new URL(name, folder), 'utf8'), text, `${name} is old: run npm run docs`)
    }
  })

  it('are of the eight subjects, and can be told apart', () => {
    assert.deepEqual(
      boards.map(([name]) => name).sort(),
      ['beacon', 'bridge', 'chain', 'fleet', 'network', 'operator', 'oracle', 'safety'].map((name) => `${name}.json`),
    )
    assert.equal(new Set(boards.map(([, { uid }]) => uid)).size, boards.length)
    assert.equal(new Set(boards.map(([, { title }]) => title)).size, boards.length)
    for (const [name, { description, schemaVersion }] of boards) {
      assert.ok(description.length > 20 && schemaVersion >= 39, name)
    }
  })

  it('have panels with a title, a description, a unit, thresholds and a source, that do not overlap', () => {
    for (const [name, board] of boards) {
      assert.ok(panelsOf(board).length >= 8, name)
      assert.equal(new Set(board.panels.map(({ id }) => id)).size, board.panels.length, `${name}: ids`)
      assert.equal(new Set(panelsOf(board).map(({ title }) => title)).size, panelsOf(board).length, `${name}: titles`)
      const taken = new Set<string>()
      for (const { type, title, gridPos: at } of board.panels) {
        assert.ok(KINDS.includes(type), `${name}, ${title}: ${type}`)
        assert.ok(at.w > 0 && at.h > 0 && at.x >= 0 && at.x + at.w <= GRID, `${name}, ${title}`)
        for (let x = at.x; x < at.x + at.w; x++) {
          for (let y = at.y; y < at.y + at.h; y++) {
            assert.ok(!taken.has(`${x} ${y}`), `${name}: ${title} lies over another panel`)
            taken.add(`${x} ${y}`)
          }
        }
      }
      for (const { title, description, datasource, fieldConfig } of panelsOf(board)) {
        assert.ok((description ?? '').length > 20, `${name}, ${title}: description`)
        assert.deepEqual(datasource, { type: 'prometheus', uid: '$datasource' }, `${name}, ${title}: source`)
        const { unit, thresholds } = fieldConfig?.defaults ?? {}
        assert.ok((unit ?? '') !== '', `${name}, ${title}: unit`)
        const steps = thresholds?.steps ?? []
        assert.equal(steps[0]?.value, null, `${name}, ${title}: thresholds`)
        const values = steps.slice(1).map(({ value }) => value ?? Number.NaN)
        assert.deepEqual(
          values,
          [...values].sort((a, b) => a - b),
          `${name}, ${title}: thresholds in order`,
        )
      }
    }
  })

  it('ask for metrics that there are, with labels that these have, and name them in legends', () => {
    for (const [name, board] of boards) {
      const variables = new Set(board.templating.list.map((variable) => variable.name))
      for (const { title, type, targets = [] } of panelsOf(board)) {
        assert.ok(targets.length > 0, `${name}, ${title}: no query`)
        assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length)
        for (const { expr, legendFormat = '' } of targets) {
          const labels = labelsOf(expr)
          for (const [, variable = ''] of expr.matchAll(/\$(\w+)/g)) {
            if (!variable.startsWith('__')) assert.ok(variables.has(variable), `${name}, ${title}: $${variable}`)
          }
          assert.ok(type === 'table' || legendFormat !== '', `${name}, ${title}: legend`)
          for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
            assert.ok(labels.includes(label), `${name}, ${title}: {{${label}}}`)
            const by = [...expr.matchAll(/\bby \(([^)]*)\)/g)].map(([, list = '']) => list.split(', '))
            const isKept = by.length === 0 || by.some((list) => list.includes(label)) || expr.includes(`(${label})`)
            assert.ok(isKept, `${name}, ${title}: the query drops ${label}`)
          }
        }
      }
    }
  })

  it('have variables that take their values from metrics that there are', () => {
    for (const [name, { templating }] of boards) {
      const [source, ...others] = templating.list
      assert.equal(source?.name, 'datasource', name)
      for (const { query } of others) {
        const [, metric = '', label = ''] =
          /^label_values\((\w+), (\w+)\)$/.exec((query as { query: string }).query) ?? []
        assert.ok(labelsOf(metric).includes(label), `${name}: ${metric} ${label}`)
      }
    }
  })
})
