// npm run check:rest: what .ci/run has beyond npm test. Stages that hold networks to their time wait for most of it; what only
// computes is done beside them, at the lowest priority.
import { runStages, type Stage } from './stages.ts'

const npm = (name: string, ...args: string[]): Stage => ({ name, command: 'npm', args: ['run', '--silent', ...args] })

/** Beside the repository: minutes of real markets, with the days in which a stablecoin lost its peg. */
const RECORDED = '../shared/data/btc-1m-2023-03-10-usdc-depeg.csv'

process.exit(
  await runStages([
    {
      ...npm('README: npm ci && npm run testnet', 'check:readme'),
      beside: npm('gas of contracts', 'test:gas'),
    },
    {
      ...npm(
        'two processes of one operator; key generation; the beacon and the bridge of a testnet',
        'check:processes',
      ),
      beside: npm('invariants, 100,000 calls a campaign', 'check:invariants', '--', '100000', '0x1a'),
    },
    {
      ...npm('Hyperlane: its mailbox, tree and modules, and their gas', 'check:interop'),
      beside: npm('300 random lives, 20,000 random inputs', 'check:random'),
    },
    {
      ...npm('recorded prices', 'check:recorded', '--', RECORDED),
      beside: npm('coverage of contracts', 'coverage'),
    },
    npm('Docker: images, a network in containers, what heals', 'check:docker'),
    npm('the status page in Chromium', 'check:page'),
    npm('commands of the documentation, on a testnet', 'check:docs'),
    npm('rules of alerts, and metrics, by promtool', 'check:prometheus', '--', 'rules'),
    npm('guard under 300 kill -9 and 300 power cuts', 'check:crash'),
  ]),
)
