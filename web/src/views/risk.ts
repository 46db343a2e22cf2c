import { badge, bodyOf, h, id, table } from '../dom.ts'
import { clockTime, ether, percent, short } from '../format.ts'
import type { State } from '../state.ts'
import type { Peg, Risk } from '../types.ts'

/** What may be lost, to whom, and how the LRT and its tokens stand. */
export function riskView(): (state: State) => void {
  const figures = h('p', { class: 'figures' }, 'Waiting for the figures of risk.')
  const avss = table('Stake at risk by AVS', ['AVS', 'at risk, ETH'], [1])
  const services = table(
    'Security of services',
    ['service', 'slashable, ETH', 'largest operator', 'to stop it', 'to forge'],
    [1, 2, 3, 4],
  )
  const pegs = table('Markets of staked tokens', ['token', 'own rate, ETH', 'market ÷ rate', 'feed'], [1, 2])
  const failures = h('ul', { class: 'problems' })
  bodyOf('risk').append(h('div', { class: 'card' }, figures, failures, avss.element, services.element, pegs.element))
  let drawn: Risk | undefined
  return ({ risk, services: known = [] }) => {
    if (!risk || risk === drawn) return
    drawn = risk
    const { operator, lrt } = risk
    figures.replaceChildren(
      ...(operator === null
        ? []
        : [
            h('span', {}, 'stake ', h('strong', {}, `${ether(operator.stake)} ETH`)),
            h('span', {}, 'worst loss ', h('strong', {}, `${ether(operator.loss)} ETH`)),
          ]),
      ...(lrt === null ? [] : [h('span', {}, 'LRT backing ', h('strong', {}, percent(lrt.backing ?? 0, 2)))]),
      h('span', {}, `read at ${clockTime(risk.at)}`),
    )
    failures.hidden = risk.failures.length === 0
    failures.replaceChildren(...risk.failures.map(({ problem }) => h('li', { class: 'warn' }, problem)))
    const nameOf = (avs: string) => known.find(({ contract }) => contract.toLowerCase() === avs.toLowerCase())?.name
    const losses = operator?.byAvs ?? []
    avss.element.hidden = losses.length === 0
    avss.rows(losses.map(({ avs, loss }) => [id(avs, nameOf(avs) ?? short(avs)), ether(loss)]))
    services.element.hidden = risk.services.length === 0
    services.rows(
      risk.services.map(({ name, slashable, shares, toStop, toForge }) => [
        name,
        slashable === null ? '–' : ether(slashable),
        shares[0] === undefined ? '–' : percent(shares[0].share),
        toStop === null ? '–' : `${toStop}`,
        toForge === null ? '–' : `${toForge}`,
      ]),
    )
    const all = lrt === null ? [] : [{ name: 'LRT', peg: lrt.market, rate: lrt.rate }]
    const lsts = (lrt?.lsts ?? []).map((peg) => ({ name: short(peg.token), peg, rate: peg.rate }))
    pegs.element.hidden = all.length + lsts.length === 0
    pegs.rows(
      [...all, ...lsts].map(({ name, peg, rate }) => [
        name,
        ether(rate, 6),
        peg?.ratio == null ? '–' : percent(peg.ratio, 3),
        feedCell(peg),
      ]),
    )
  }
}

function feedCell(peg: Peg | null): Node {
  if (peg === null) return badge('plain', 'none')
  return badge(peg.state === 'ok' ? 'ok' : 'fail', peg.state)
}
