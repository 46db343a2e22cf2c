import { byId, h, setText } from '../dom.ts'
import { clockTime, count, duration, ether, ms, percent, short } from '../format.ts'
import { summaryOf } from '../slots.ts'
import type { State } from '../state.ts'

/** The header, the tiles, and what is read out. */
export function summaryView(): (state: State) => void {
  const tiles = byId('summary')
  const made = new Map<string, { readonly value: HTMLElement; readonly note: HTMLElement; readonly box: HTMLElement }>()
  for (const name of ['Node', 'Signing', 'Certificates', 'Peers', 'Chain', 'Stake']) {
    const value = h('p', { class: 'value' }, '–')
    const note = h('p', { class: 'muted note' }, '\u00a0')
    const box = h('div', { class: 'tile' }, h('h2', {}, name), value, note)
    made.set(name, { value, note, box })
    tiles.append(box)
  }
  function tile(name: string, value: string, note: string, kind = 'plain'): void {
    const parts = made.get(name)
    if (parts === undefined) return
    setText(parts.value, value)
    setText(parts.note, note)
    parts.box.dataset.kind = kind
  }

  return (state) => {
    drawConnection(state)
    const { node, checks, peers, chains, services, risk, ahead } = state
    const now = Date.now() / 1_000 + ahead
    if (node !== undefined) {
      setText(byId('identity'), `operator ${short(node.operator, 8, 6)}`)
      byId('identity').title = node.operator
      setText(byId('version'), `lariat ${node.version}`)
      const [word, kind] = stateOf(state)
      const { brokenSince } = state
      const note =
        brokenSince === undefined ? `for ${duration(now - node.startedAt)}` : `since ${clockTime(brokenSince)}`
      tile('Node', word, note, kind)
      document.title = `${word} · Lariat ${short(node.operator)}`
    }
    if (checks !== undefined) {
      const stopped = Object.keys(checks.stopped)
      const failing = checks.checks.filter(({ status }) => status === 'fail').length
      const note = failing === 0 ? `${count(checks.checks.length, 'self-check')}` : `${count(failing, 'check')} failing`
      if (stopped.length === 0) tile('Signing', 'on', note, failing === 0 ? 'ok' : 'warn')
      else tile('Signing', 'stopped', stopped.join(', '), 'fail')
    }
    const slots = [...state.slots.values()].flat()
    const all = summaryOf(slots)
    if (all.total > 0) {
      const part = all.certified / all.total
      const note = all.p50 === undefined ? '' : `in ${ms(all.p50)} (median)`
      tile('Certificates', percent(part), note, part > 0.95 ? 'ok' : part > 0.8 ? 'warn' : 'fail')
    }
    if (peers !== undefined && services !== undefined) {
      const known = new Set(services.flatMap(({ epoch }) => (epoch?.members ?? []).map(({ operator }) => operator)))
      const others = Math.max(0, known.size - 1)
      const here = peers.connected.length
      tile('Peers', `${here}`, `of ${count(others, 'other operator')}`, here >= others ? 'ok' : 'warn')
    }
    const main = chains?.[0]
    if (main !== undefined) {
      const note = main.head === null ? 'no block' : `chain ${main.id}, final ${main.finalized?.number ?? '–'}`
      tile('Chain', main.head?.number ?? '–', note, main.head === null ? 'fail' : 'ok')
    }
    if (risk?.operator) tile('Stake', `${ether(risk.operator.stake)} ETH`, `at risk ${ether(risk.operator.loss)} ETH`)
  }
}

function stateOf({ node, brokenSince }: State): readonly [string, string] {
  if (brokenSince !== undefined) return ['unreachable', 'fail']
  if (node?.phase === 'starting') return ['starting', 'warn']
  if (node?.phase === 'stopped') return ['stopping', 'warn']
  if (node?.health === 'healthy') return ['healthy', 'ok']
  return node?.health === 'partial' ? ['partly ill', 'warn'] : ['ill', 'fail']
}

let spoken = ''
function drawConnection(state: State): void {
  const { brokenSince, node } = state
  const connection = byId('connection')
  connection.dataset.state = brokenSince === undefined ? (node === undefined ? 'waiting' : 'live') : 'broken'
  setText(connection, brokenSince === undefined ? (node === undefined ? 'connecting' : 'live') : 'no connection')
  const broken = byId('broken')
  broken.hidden = brokenSince === undefined
  if (brokenSince !== undefined) {
    setText(
      broken,
      `No connection to the node since ${clockTime(brokenSince)}. What is shown is as of then; it is tried again.`,
    )
  }
  // only turns of the whole are read out
  const word = node === undefined ? '' : `The node is ${stateOf(state)[0]}.`
  if (word !== spoken) {
    spoken = word
    setText(byId('announcement'), word)
  }
}
