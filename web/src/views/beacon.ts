import { bodyOf, byId, h, id, table } from '../dom.ts'
import { count, short } from '../format.ts'
import { matrix } from '../matrix.ts'
import { type State, serves } from '../state.ts'
import type { Beacon, BeaconRound } from '../types.ts'

const LISTED = 15

/** The beacon's newest round, and who took part in the last ones. */
export function beaconView(): (state: State) => void {
  const section = byId('beacon')
  const figures = h('p', { class: 'figures' }, 'Waiting for the beacon.')
  const value = h('p', { class: 'mono wrap' })
  const picture = matrix(false)
  const rows = table('Last rounds of the beacon', ['round', 'members', 'missed', 'false'], [1])
  const details = h('details', {}, h('summary', {}, 'Last rounds of the beacon as a table'), rows.element)
  bodyOf('beacon').append(h('div', { class: 'card' }, figures, value, picture.element, details))
  let drawn: Beacon | undefined
  return (state) => {
    section.hidden = !serves(state, 'randomness')
    const { beacon, node } = state
    if (section.hidden || beacon === undefined || beacon === drawn) return
    drawn = beacon
    const { chain } = beacon
    const latest = chain?.latest ?? null
    details.hidden = latest === null
    picture.element.hidden = latest === null
    if (chain === null || latest === null) {
      figures.replaceChildren(chain === null ? 'The key of the beacon has not been generated yet.' : 'No round yet.')
      return
    }
    const behind = Number(beacon.current) - latest.round
    figures.replaceChildren(
      h('span', {}, 'round ', h('strong', {}, `${latest.round}`)),
      h('span', {}, behind <= 1 ? 'up to date' : `${behind} rounds behind`),
      h('span', {}, `one every ${chain.period} s`),
      h('span', {}, 'chain ', id(chain.hash, short(chain.hash, 8, 6))),
    )
    value.textContent = latest.randomness
    drawRounds(beacon.rounds.toReversed(), node?.operator ?? '')
  }

  function drawRounds(rounds: readonly BeaconRound[], own: string): void {
    const members = [...new Set(rounds.flatMap((round) => round.members))].toSorted(
      (a, b) => Number(same(b, own)) - Number(same(a, own)),
    )
    const failed = (round: BeaconRound, member: string) => [...round.missed, ...round.false].includes(member)
    const absences = (member: string) => rounds.filter((round) => failed(round, member)).length
    picture.draw({
      rows: members.map((member) => ({
        text: same(member, own) ? 'this node' : short(member),
        title: member,
        note: absences(member) === 0 ? 'in all' : `missed ${absences(member)}`,
      })),
      columns: rounds.map((round) => ({
        ...{ bar: undefined, kind: 'ok' },
        rows: members.map((member) =>
          !round.members.includes(member) ? 'none' : failed(round, member) ? 'absent' : 'present',
        ),
        words: `round ${round.round}: ${round.missed.length === 0 ? 'nobody missed' : `missed by ${round.missed.map((one) => short(one)).join(', ')}`}`,
      })),
      label: `Beacon: the last ${count(rounds.length, 'round')}; ${members.map((member) => `${same(member, own) ? 'this node' : short(member)} missed ${absences(member)}`).join(', ')}`,
    })
    rows.rows(
      rounds
        .slice(-LISTED)
        .toReversed()
        .map(({ round, members: all, missed, false: wrong }) => [
          round,
          `${all.length}`,
          missed.map((one) => short(one)).join(', ') || 'nobody',
          wrong.map((one) => short(one)).join(', ') || 'nobody',
        ]),
    )
  }
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
