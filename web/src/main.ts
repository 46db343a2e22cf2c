import { byId } from './dom.ts'
import { stayLive } from './live.ts'
import { createStore, type State, serves } from './state.ts'
import { followTheme } from './theme.ts'
import { beaconView } from './views/beacon.ts'
import { bridgeView } from './views/bridge.ts'
import { feedsView } from './views/feeds.ts'
import { healthView } from './views/health.ts'
import { peersView } from './views/peers.ts'
import { riskView } from './views/risk.ts'
import { servicesView } from './views/services.ts'
import { summaryView } from './views/summary.ts'
import { warningsView } from './views/warnings.ts'

/** Sections that are there only where the node serves what they show. */
const OF_SERVICES = { feeds: 'prices', beacon: 'randomness', bridge: 'bridge' } as const

const feeds = feedsView()
const views = [
  ...[summaryView(), healthView(), servicesView(), feeds.draw, beaconView(), bridgeView()],
  ...[riskView(), peersView(), warningsView(), drawLinks],
]
const store = createStore((state) => {
  for (const draw of views) draw(state)
})
followTheme(byId('theme'), feeds.recolour)
stayLive(store)
// ages grow while nothing comes
setInterval(() => store.update((state) => ({ ...state })), 1_000)

function drawLinks(state: State): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('#sections a')) {
    const service = OF_SERVICES[link.hash.slice(1) as keyof typeof OF_SERVICES]
    const item = link.parentElement
    if (item !== null) item.hidden = service !== undefined && !serves(state, service)
  }
}
