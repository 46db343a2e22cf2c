import { stripVTControlCharacters } from 'node:util'

/** What forge says of one invariant campaign. */
export interface Campaign {
  readonly name: string
  readonly passed: boolean
  readonly runs: number
  /** Calls of handlers, without those that a precondition sent back (`vm.assume`). */
  readonly calls: number
  readonly reverts: number
}

/** Reads the campaigns out of forge's report: `[PASS] invariant_x() (runs: 1, calls: 2, reverts: 3)`. */
export function readCampaigns(report: string): Campaign[] {
  const plain = stripVTControlCharacters(report)
  const pattern =
    /\[(PASS|FAIL)[^\]]*\]\s*(?:\[[\s\S]*?\]\s*)?(invariant\w*)\(\) \(runs: (\d+), calls: (\d+), reverts: (\d+)\)/g
  return [...plain.matchAll(pattern)].map(([, verdict, name = '', runs, calls, reverts]) => ({
    name,
    passed: verdict === 'PASS',
    runs: Number(runs),
    calls: Number(calls),
    reverts: Number(reverts),
  }))
}

/** What is wrong with the campaigns: too few calls, or calls that reverted and so showed nothing. */
export function judgeCampaigns(campaigns: readonly Campaign[], least: number): string[] {
  if (campaigns.length === 0) return ['no campaign ran']
  return campaigns.flatMap(({ name, passed, calls, reverts }) => [
    ...(passed ? [] : [`${name} was broken`]),
    ...(calls - reverts < least ? [`${name}: ${calls - reverts} calls went through, of at least ${least}`] : []),
  ])
}

/** The campaigns of several reports, each of one name as one. */
export function sumCampaigns(campaigns: readonly Campaign[]): Campaign[] {
  const sums = new Map<string, Campaign>()
  for (const campaign of campaigns) {
    const sum = sums.get(campaign.name)
    sums.set(campaign.name, {
      name: campaign.name,
      passed: campaign.passed && (sum?.passed ?? true),
      runs: campaign.runs + (sum?.runs ?? 0),
      calls: campaign.calls + (sum?.calls ?? 0),
      reverts: campaign.reverts + (sum?.reverts ?? 0),
    })
  }
  return [...sums.values()]
}
