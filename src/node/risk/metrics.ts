import { SERVICES, TOKENS } from '../../metrics/bounds.ts'
import type { CounterMetric, GaugeMetric, Metrics } from '../../metrics/registry.ts'
import type { Address } from '../../util/hex.ts'
import type { RiskFailure, RiskFigures, ServiceRisk } from './figures.ts'
import type { Peg } from './peg.ts'
import { inEther } from './ratio.ts'
import type { LrtRisk } from './readLrt.ts'

type Unlabelled = Record<never, string>

export interface RiskMetrics {
  readonly stake: GaugeMetric<Unlabelled>
  readonly loss: GaugeMetric<Unlabelled>
  readonly avsLoss: GaugeMetric<{ avs: string }>
  readonly redistributing: GaugeMetric<Unlabelled>
  readonly slashable: GaugeMetric<{ service: string }>
  readonly secured: GaugeMetric<{ service: string }>
  readonly share: GaugeMetric<{ service: string; of: 'own' | 'largest' }>
  readonly nakamoto: GaugeMetric<{ service: string; to: 'stop' | 'forge' }>
  readonly backing: GaugeMetric<Unlabelled>
  readonly rate: GaugeMetric<Unlabelled>
  readonly redistributable: GaugeMetric<Unlabelled>
  readonly market: GaugeMetric<{ token: string }>
  readonly depeg: GaugeMetric<{ token: string }>
  readonly failures: CounterMetric<{ part: RiskFailure['part'] }>
  readonly refreshed: GaugeMetric<Unlabelled>
}

const WHICH = 'token: lrt, or the address of an LST of its vault'

export function declareRiskMetrics(metrics: Metrics): RiskMetrics {
  return {
    stake: metrics.gauge({ name: 'lariat_risk_stake_ether', help: "Worth of all of this operator's stake, ETH" }),
    loss: metrics.gauge({
      name: 'lariat_risk_loss_ether',
      help: 'Worst joint loss: what goes if every set slashes all that it can, ETH',
    }),
    avsLoss: metrics.gauge({
      name: 'lariat_risk_avs_loss_ether',
      help: 'Stake at risk by AVS, ETH; avs: the accounts of those that this operator allocates to',
      labels: { avs: { of: 'AVSs that this operator allocates to', atMost: 128 } },
    }),
    redistributing: metrics.gauge({
      name: 'lariat_risk_redistributing_sets',
      help: 'Operator sets with allocations of ours that hand what they slash to an address of their choice',
    }),
    slashable: metrics.gauge({
      name: 'lariat_risk_service_slashable_ether',
      help: 'Slashable stake of all operators behind a service, ETH',
      labels: { service: SERVICES },
    }),
    secured: metrics.gauge({
      name: 'lariat_risk_secured_ratio',
      help: 'Value that rests on a service, as risk.secured states it, divided by the slashable stake behind it',
      labels: { service: SERVICES },
    }),
    share: metrics.gauge({
      name: 'lariat_risk_weight_share',
      help: "Part of the active epoch's weight, 0 to 1; of: own, or the largest operator's",
      labels: { service: SERVICES, of: ['own', 'largest'] },
    }),
    nakamoto: metrics.gauge({
      name: 'lariat_risk_nakamoto_operators',
      help: 'Fewest operators that hold more than a third of the weight (to: stop) or than two thirds (to: forge); 0 if all do not',
      labels: { service: SERVICES, to: ['stop', 'forge'] },
    }),
    backing: metrics.gauge({
      name: 'lariat_risk_lrt_backing_ratio',
      help: "The LRT vault's assets (idle, in the core, queued there) divided by what all shares stand for",
    }),
    rate: metrics.gauge({ name: 'lariat_risk_lrt_rate_ether', help: 'ETH that one share of the LRT stands for' }),
    redistributable: metrics.gauge({
      name: 'lariat_risk_lrt_redistributable_operators',
      help: 'Operators of the LRT vault that a set can slash, or soon could, to an address of its choice',
    }),
    market: metrics.gauge({
      name: 'lariat_risk_market_ratio',
      help: `Market price divided by the token's own rate; ${WHICH}`,
      labels: { token: TOKENS },
    }),
    depeg: metrics.gauge({
      name: 'lariat_risk_depeg_alarm',
      help: `1 if the market is too far below the own rate, or its feed is stale or invalid; ${WHICH}`,
      labels: { token: TOKENS },
    }),
    failures: metrics.counter({
      name: 'lariat_risk_failures_total',
      help: 'Parts of the figures of risk that could not be read',
      labels: { part: ['operator', 'service', 'lrt'] },
    }),
    refreshed: metrics.gauge({
      name: 'lariat_risk_refreshed_timestamp_seconds',
      help: 'When the figures of risk were read last',
    }),
  }
}

/** Gives the function that puts figures into the metrics. */
export function createRiskPublisher(metrics: Metrics, operator: Address): (figures: RiskFigures) => void {
  const m = declareRiskMetrics(metrics)
  /** AVSs that were told of: one that the operator left goes to zero. */
  let told = new Set<string>()

  function ofService({ name: service, stake, securedRatio, concentration }: ServiceRisk): void {
    if (stake !== undefined) m.slashable.set({ service }, inEther(stake.slashable))
    if (securedRatio !== undefined) m.secured.set({ service }, securedRatio)
    if (concentration === undefined) return
    const { shares, toStop = 0, toForge = 0 } = concentration
    const own = shares.find((row) => row.operator.toLowerCase() === operator.toLowerCase())
    m.share.set({ service, of: 'own' }, own?.share ?? 0)
    m.share.set({ service, of: 'largest' }, shares[0]?.share ?? 0)
    m.nakamoto.set({ service, to: 'stop' }, toStop)
    m.nakamoto.set({ service, to: 'forge' }, toForge)
  }

  function ofLrt({ rate, ratio, redistributable, market, lsts }: LrtRisk): void {
    m.redistributable.set({}, redistributable.length)
    m.rate.set({}, inEther(rate))
    if (ratio !== undefined) m.backing.set({}, ratio)
    if (market !== undefined) ofPeg('lrt', market)
    for (const peg of lsts) ofPeg(peg.token, peg)
  }

  function ofPeg(token: string, { ratio, state }: Peg): void {
    if (ratio !== undefined) m.market.set({ token }, ratio)
    m.depeg.set({ token }, state === 'ok' ? 0 : 1)
  }

  return ({ at, operator: own, services, lrt, failures }) => {
    m.refreshed.set({}, at / 1_000)
    for (const { part } of failures) m.failures.inc({ part })
    if (own !== undefined) {
      m.stake.set({}, inEther(own.stake))
      m.loss.set({}, inEther(own.loss))
      m.redistributing.set({}, own.redistributing.length)
      const now = new Map(own.byAvs.map(({ avs, loss }) => [avs as string, inEther(loss)]))
      for (const avs of told) if (!now.has(avs)) m.avsLoss.set({ avs }, 0)
      for (const [avs, loss] of now) m.avsLoss.set({ avs }, loss)
      told = new Set(now.keys())
    }
    for (const service of services) ofService(service)
    if (lrt !== undefined) ofLrt(lrt)
  }
}
