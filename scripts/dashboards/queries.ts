/** Scrapes of nodes that are chosen. */
export const UP = 'up{job="lariat", instance=~"$instance"}'

/** Values of `lariat_self_check_status`. */
export const CHECK_STATUS = { '0': 'pass', '1': 'warn', '2': 'fail' }

/** What PromQL calls a quantile of a histogram, of the chosen nodes, by `labels`. @param over such as `5m` */
export function latency(
  quantile: number,
  histogram: string,
  labels: readonly string[],
  which = '',
  over = '$__rate_interval',
): string {
  const matchers = ['instance=~"$instance"', ...(which === '' ? [] : [which])].join(', ')
  return `histogram_quantile(${quantile}, sum by (${['le', ...labels].join(', ')}) (rate(${histogram}_bucket{${matchers}}[${over}])))`
}

/** What a counter of the chosen nodes grows by in a second, by `labels`. */
export function pace(counter: string, labels: readonly string[], which = '', over = '$__rate_interval'): string {
  const matchers = ['instance=~"$instance"', ...(which === '' ? [] : [which])].join(', ')
  return `sum by (${labels.join(', ')}) (rate(${counter}{${matchers}}[${over}]))`
}

/** What a counter of the chosen nodes grew by in the last hour, by `labels`. */
export function hour(counter: string, labels: readonly string[], which = ''): string {
  const matchers = ['instance=~"$instance"', ...(which === '' ? [] : [which])].join(', ')
  return `sum by (${labels.join(', ')}) (increase(${counter}{${matchers}}[1h]))`
}
