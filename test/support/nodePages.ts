/** A self-check of `/healthz`. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly problem?: string
}

/** Values of a metric by their labels, as `/metrics` of the node at `api` has them. */
export async function metricOf(api: string, name: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${api}/metrics`)).text()
  const samples = text.split('\n').flatMap((line) => {
    const match = /^([a-z_]+)(\{[^}]*\})? (\S+)$/.exec(line)
    return match?.[1] === name ? [[match[2] ?? '', Number(match[3])] as const] : []
  })
  return new Map(samples)
}

export const sum = (samples: ReadonlyMap<string, number>) => [...samples.values()].reduce((a, b) => a + b, 0)

/** Statements of certificates that the node at `api` has signed since its start. */
export const signedBy = async (api: string) =>
  (await metricOf(api, 'lariat_guard_signatures_total')).get('{kind="certify"}') ?? 0

export async function checksOf(api: string): Promise<readonly Check[]> {
  const { checks } = (await (await fetch(`${api}/healthz`)).json()) as { checks: readonly Check[] }
  return checks
}
