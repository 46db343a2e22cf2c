import type { RiskFigures, ServiceRisk } from './figures.ts'
import type { Peg } from './peg.ts'
import type { LrtRisk } from './readLrt.ts'

/**
 * The figures as `/v1/status` has them under `risk`: amounts in wei of ETH as decimal strings, ratios as numbers, times as
 * Unix seconds, null for what is not known.
 */
export function riskView({ at, operator, services, lrt, failures }: RiskFigures) {
  return {
    at: at / 1_000,
    operator:
      operator === undefined
        ? null
        : {
            stake: operator.stake,
            loss: operator.loss,
            byAvs: operator.byAvs,
            unvalued: operator.unvalued,
            redistributing: operator.redistributing.map(({ set, recipient }) => ({
              avs: set.avs,
              operatorSetId: set.id,
              recipient,
            })),
            complete: operator.complete,
          },
    services: services.map(serviceView),
    lrt: lrt === undefined ? null : lrtView(lrt),
    failures,
  }
}

function serviceView({ name, stake, secured, securedRatio, concentration }: ServiceRisk) {
  return {
    name,
    slashable: stake?.slashable ?? null,
    complete: stake?.complete ?? false,
    secured: secured ?? null,
    securedRatio: securedRatio ?? null,
    epoch: concentration?.epoch ?? null,
    shares: concentration?.shares ?? [],
    toStop: concentration?.toStop ?? null,
    toForge: concentration?.toForge ?? null,
  }
}

function lrtView({ rate, assets, liabilities, ratio, unreserved, steady, redistributable, market, lsts }: LrtRisk) {
  return {
    rate,
    assets,
    liabilities,
    backing: ratio ?? null,
    unreserved,
    steady,
    redistributable,
    market: market === undefined ? null : pegView(market),
    lsts: lsts.map((peg) => ({ token: peg.token, ...pegView(peg) })),
  }
}

function pegView({ rate, market, ratio, age, state }: Peg) {
  return { rate, market, ratio: ratio ?? null, age, state }
}
