import uPlot from 'uplot'
import { clockTime, price } from './format.ts'
import { colour } from './theme.ts'

const HEIGHT = 108
/** Seconds that may lie between labels of the time. */
const MINUTES = [60, 120, 300, 600, 1_200, 3_600, 7_200, 21_600]

/** A line over time, drawn with the colours of the theme; it is as wide as its box. */
export interface LineChart {
  readonly element: HTMLElement
  /** @param times Unix seconds, ascending @param label what it shows, in words */
  set(times: readonly number[], values: readonly number[], label: string): void
  /** Draws again with the colours of now. */
  recolour(): void
}

export function lineChart(): LineChart {
  const element = document.createElement('div')
  element.className = 'chart'
  element.setAttribute('role', 'img')
  let data: uPlot.AlignedData = [[], []]
  let plot: uPlot | undefined

  function draw(): void {
    plot?.destroy()
    plot = undefined
    if (element.clientWidth > 0) plot = new uPlot(optionsOf(element.clientWidth), data, element)
  }
  new ResizeObserver(() => {
    if (plot === undefined) draw()
    else if (plot.width !== element.clientWidth) plot.setSize({ width: element.clientWidth, height: HEIGHT })
  }).observe(element)

  return {
    element,
    set(times, values, label) {
      data = [[...times], [...values]]
      element.setAttribute('aria-label', label)
      if (plot === undefined) draw()
      else plot.setData(data)
    },
    recolour: draw,
  }
}

function optionsOf(width: number): uPlot.Options {
  const font = '11px system-ui, sans-serif'
  const axis = { stroke: colour('muted'), font, ticks: { show: false } }
  return {
    ...{ width, height: HEIGHT, legend: { show: false }, padding: [8, 4, 0, 18] },
    cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false } },
    scales: { y: { range: (_, low, high) => padded(low, high) } },
    series: [{}, { stroke: colour('accent'), width: 1.5, fill: colour('accent-soft'), points: { show: false } }],
    axes: [
      {
        ...{ ...axis, size: 20, space: 60, incrs: MINUTES, grid: { show: false } },
        values: (_, times) => times.map((time) => clockTime(time).slice(0, 5)),
      },
      {
        ...{ ...axis, size: 62, space: 30, side: 1, grid: { stroke: colour('line'), width: 1 } },
        values: (_, values) => values.map((value) => price(String(value))),
      },
    ],
  }
}

/** A flat line lies in the middle. */
function padded(low: number, high: number): [number, number] {
  const room = high > low ? (high - low) * 0.1 : Math.abs(high) * 0.001 || 1
  return [low - room, high + room]
}
