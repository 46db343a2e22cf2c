import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import * as common from '@grafana/grafana-foundation-sdk/common'
import { LegendDisplayMode, LegendPlacement, TooltipDisplayMode } from '@grafana/grafana-foundation-sdk/common'
import * as dash from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as table from '@grafana/grafana-foundation-sdk/table'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import * as units from '@grafana/grafana-foundation-sdk/units'

/** Units of panels, as Grafana calls them. */
export const Unit = {
  none: units.Short,
  seconds: units.Seconds,
  perSecond: units.RequestsPerSecond,
  eventsPerSecond: units.EventsPerSecond,
  bytes: units.BytesIEC,
  bytesPerSecond: units.BytesPerSecondIEC,
  /** Of 1. */
  part: units.PercentUnit,
  /** No unit of Grafana's: a suffix. */
  ether: 'suffix: ETH',
  gwei: 'suffix: gwei',
  gas: 'suffix: gas',
  blocks: 'suffix: blocks',
  rounds: 'suffix: rounds',
} as const

/** PromQL, and how its series are called in the legend. */
export type Query = readonly [expr: string, legend: string]

/** From which value on a panel is yellow, and red; `below` where small values are the bad ones. */
export interface Limits {
  readonly warn?: number
  readonly bad: number
  readonly below?: boolean
}

export interface PanelOptions {
  readonly title: string
  /** What it shows, and what an operator should think of it. */
  readonly description: string
  readonly unit: string
  readonly queries: readonly Query[]
  readonly limits?: Limits
  /** Columns of 24. */
  readonly span?: number
}

/** The data source that whoever opens a dashboard has chosen. */
export const SOURCE = { type: 'prometheus', uid: '$datasource' } as const
const HEIGHT = 8
const STAT_HEIGHT = 4

/** Lines over time. */
export function lines(options: PanelOptions & { readonly stacked?: boolean; readonly min?: number }) {
  const { min = 0, stacked = false } = options
  const panel = described(new timeseries.PanelBuilder(), options, HEIGHT, 12)
    .lineWidth(1)
    .fillOpacity(stacked ? 30 : 8)
    .showPoints(common.VisibilityMode.Never)
    .axisSoftMin(min)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(common.SortOrder.Descending))
  if (options.limits !== undefined) {
    panel.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))
  }
  if (stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'))
  for (const [index, query] of options.queries.entries()) panel.withTarget(target(query, index).range())
  return panel
}

/** One figure, or a few, of now. `words` are shown instead of values. */
export function figure(
  options: PanelOptions & { readonly words?: Readonly<Record<string, string>>; readonly names?: boolean },
) {
  const panel = described(new stat.PanelBuilder(), options, STAT_HEIGHT, 4)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(options.limits === undefined ? common.BigValueColorMode.Value : common.BigValueColorMode.Background)
    .textMode(options.names === true ? common.BigValueTextMode.Name : common.BigValueTextMode.Auto)
  if (options.words !== undefined) panel.mappings([wordsFor(options.words)])
  for (const [index, query] of options.queries.entries()) panel.withTarget(target(query, index).instant())
  return panel
}

/** Rows of now, one for each series, its labels as columns. */
export function rows(
  options: PanelOptions & {
    readonly words?: Readonly<Record<string, string>>
    /** Columns in their order, by label; `Value` is the value. */
    readonly columns: Readonly<Record<string, string>>
  },
) {
  const columns = Object.keys(options.columns)
  const panel = described(new table.PanelBuilder(), options, HEIGHT, 12)
    .filterable(true)
    .overrideByName(options.columns.Value ?? 'Value', [
      { id: 'custom.cellOptions', value: { type: common.TableCellDisplayMode.ColorBackground, mode: 'basic' } },
    ])
    .withTransformation({
      id: 'organize',
      options: {
        includeByName: Object.fromEntries(columns.map((name) => [name, true])),
        indexByName: Object.fromEntries(columns.map((name, index) => [name, index])),
        renameByName: options.columns,
      },
    })
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: options.columns.Value, desc: true }] } })
  if (options.words !== undefined) panel.mappings([wordsFor(options.words)])
  for (const [index, query] of options.queries.entries()) {
    panel.withTarget(target(query, index).instant().format(PromQueryFormat.Table))
  }
  return panel
}

interface Describable<T> {
  title(title: string): T
  description(description: string): T
  unit(unit: string): T
  span(w: number): T
  height(h: number): T
  datasource(source: common.DataSourceRef): T
  thresholds(thresholds: Builder<dash.ThresholdsConfig>): T
}

function described<T extends Describable<T>>(panel: T, options: PanelOptions, height: number, span: number): T {
  return panel
    .title(options.title)
    .description(options.description)
    .unit(options.unit)
    .height(height)
    .span(options.span ?? span)
    .datasource(SOURCE)
    .thresholds(new dash.ThresholdsConfigBuilder().mode(dash.ThresholdsMode.Absolute).steps(stepsOf(options.limits)))
}

const GREEN = 'green'
const YELLOW = 'yellow'
const RED = 'red'

function stepsOf(limits: Limits | undefined): dash.Threshold[] {
  if (limits === undefined) return [{ color: GREEN, value: null }]
  const { warn, bad, below = false } = limits
  if (below) {
    return [
      { color: RED, value: null },
      ...(warn === undefined ? [] : [{ color: YELLOW, value: bad }]),
      { color: GREEN, value: warn ?? bad },
    ]
  }
  return [
    { color: GREEN, value: null },
    ...(warn === undefined ? [] : [{ color: YELLOW, value: warn }]),
    { color: RED, value: bad },
  ]
}

function target([expr, legend]: Query, index: number) {
  return new DataqueryBuilder()
    .expr(expr)
    .legendFormat(legend)
    .refId(String.fromCharCode(65 + index))
    .datasource(SOURCE)
}

function wordsFor(words: Readonly<Record<string, string>>): dash.ValueMapping {
  const options = Object.fromEntries(Object.entries(words).map(([value, text], index) => [value, { text, index }]))
  return { type: dash.MappingType.ValueToText, options }
}

/** A choice above the panels: the values of `label` in `metric`. */
export interface Choice {
  readonly name: string
  readonly title: string
  readonly metric: string
  readonly label: string
  /** Whether several, or all, may be chosen. */
  readonly several: boolean
}

/** The label of a scraped node. */
export const NODES: Choice = {
  name: 'instance',
  title: 'Node',
  metric: 'lariat_build_info',
  label: 'instance',
  several: true,
}
export const SERVICES: Choice = {
  name: 'service',
  title: 'Service',
  metric: 'lariat_slots_total',
  label: 'service',
  several: true,
}
export const CHAINS: Choice = {
  name: 'chain',
  title: 'Chain',
  metric: 'lariat_chain_head_block',
  label: 'chain',
  several: true,
}

export interface Board {
  /** Of the file and the address. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly choices: readonly Choice[]
  /** Panels by the title of their row. */
  readonly rows: Readonly<Record<string, readonly Builder<dash.Panel>[]>>
}

/** Tag by which the dashboards link to each other. */
const TAG = 'lariat'

export function build({ name, title, description, choices, rows: sections }: Board): dash.Dashboard {
  const board = new dash.DashboardBuilder(`Lariat: ${title}`)
    .uid(`lariat-${name}`)
    .description(description)
    .tags([TAG])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .tooltip(dash.DashboardCursorSync.Crosshair)
    .link(
      new dash.DashboardLinkBuilder('Lariat')
        .type(dash.DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(new dash.DatasourceVariableBuilder('datasource').label('Source').type('prometheus'))
  for (const choice of choices) board.withVariable(variable(choice))
  for (const [row, panels] of Object.entries(sections)) {
    board.withRow(new dash.RowBuilder(row))
    for (const panel of panels) board.withPanel(panel)
  }
  const built = board.build()
  for (const [index, panel] of (built.panels ?? []).entries()) panel.id = index + 1
  return built
}

function variable({ name, title, metric, label, several }: Choice) {
  const made = new dash.QueryVariableBuilder(name)
    .label(title)
    .datasource(SOURCE)
    .query({ query: `label_values(${metric}, ${label})`, refId: name })
    .refresh(dash.VariableRefresh.OnTimeRangeChanged)
    .sort(dash.VariableSort.NaturalAsc)
    .multi(several)
    .includeAll(several)
  return several ? made.current({ selected: true, text: 'All', value: '$__all' }) : made
}
