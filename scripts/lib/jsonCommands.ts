import { join } from 'node:path'

/** A testnet whose commands are run with `--json`. */
export interface JsonNet {
  readonly summary: JsonSummary
  /** Folder of the testnet. */
  readonly net: string
  /** A folder for what is written. */
  readonly out: string
  /** Of a message of the bridge that is in a final block. */
  readonly message: string
}

export interface JsonSummary {
  readonly rpcUrl: string
  readonly folder: string
  readonly staker: { readonly config: string; readonly address: string }
  readonly nodes: readonly { readonly config: string; readonly operator: string; readonly api: string }[]
}

/** Whole command lines without `--json`, in their order. */
type Lines = (net: JsonNet) => readonly (readonly string[])[]

const config = ({ summary }: JsonNet, i = 0) => ['--config', summary.nodes[i]?.config ?? '']
/** Who sends is not who is looked at by the documentation’s commands. */
const sender = (net: JsonNet) => config(net, 3)
const staker = ({ summary }: JsonNet) => ['--config', summary.staker.config]
const url = ({ summary }: JsonNet) => ['--url', summary.nodes[0]?.api ?? '']
const file = ({ out }: JsonNet, name: string) => join(out, name)
const keys = ({ net }: JsonNet, i = 1) => join(net, `operator-${i}`, 'keys')
const data = ({ net }: JsonNet, i: number) => join(net, `operator-${i}`, 'data')

/**
 * With what `npm run check:docs` runs every command that takes `--json`, on a testnet: what it prints must have the shape that
 * the command declares. Plans that nobody agrees to end with exit code 2 after they were shown.
 */
export const WHILE_IT_RUNS: Readonly<Record<string, Lines>> = {
  version: () => [['version']],
  explain: () => [['explain'], ['explain', 'guard.conflict'], ['explain', '6'], ['explain', 'second self']],
  status: (net) => [['status', ...config(net)]],
  doctor: (net) => [['doctor', ...config(net)]],
  init: (net) => [
    [
      ...['init', '--deployment', join(net.net, 'deployment.json'), '--rpc', net.summary.rpcUrl, '--single-provider'],
      ...['--keys', keys(net), '--service', 'prices', '--out', file(net, 'init.yaml'), '--operator'],
      net.summary.nodes[0]?.operator ?? '',
    ],
  ],
  'keys create': (net) => [
    ['keys', 'create', '--dir', file(net, 'keys'), '--mnemonic-out', file(net, 'mnemonic')],
    ['keys', 'create', '--dir', file(net, 'keys'), '--kind', 'bn254'],
    ['keys', 'create', '--dir', file(net, 'keys'), '--kind', 'checkpoints'],
    ['keys', 'create', '--after', file(net, 'keys/bls.json')],
  ],
  'keys import': (net) => [['keys', 'import', '--dir', file(net, 'again'), '--mnemonic-file', file(net, 'mnemonic')]],
  'keys export': (net) => [
    ['keys', 'export', '--keystore', file(net, 'keys/ecdsa.json'), '--out', file(net, 'exported.json')],
  ],
  'keys list': (net) => [['keys', 'list', '--dir', file(net, 'keys')]],
  'keys backup-check': (net) => [
    ['keys', 'backup-check', '--dir', file(net, 'again'), '--mnemonic-file', file(net, 'mnemonic')],
  ],
  'operator status': (net) => [['operator', 'status', ...config(net)]],
  'operator register': (net) => [['operator', 'register', ...sender(net)]],
  'operator opt-in': (net) => [['operator', 'opt-in', 'prices', ...sender(net)]],
  'operator allocate': (net) => [['operator', 'allocate', 'prices', '--magnitude', '50%', ...sender(net)]],
  'operator deallocate': (net) => [['operator', 'deallocate', 'prices', '--magnitude', '1%', ...sender(net)]],
  'operator opt-out': (net) => [['operator', 'opt-out', 'prices', ...sender(net)]],
  'operator exit': (net) => [['operator', 'exit', ...sender(net)]],
  'operator metadata': (net) => [
    ['operator', 'metadata', 'https://operator.example/about.json', '--yes', ...sender(net)],
  ],
  'operator allocation-delay': (net) => [['operator', 'allocation-delay', '7', '--yes', ...sender(net)]],
  'operator rewards show': (net) => [['operator', 'rewards', 'show', ...config(net)]],
  'operator rewards claim': (net) => [['operator', 'rewards', 'claim', ...sender(net)]],
  'rewards show': (net) => [['rewards', 'show', ...config(net)]],
  'rewards claim': (net) => [['rewards', 'claim', '--yes', ...sender(net)]],
  'keys rotate': (net) => [['keys', 'rotate', 'prices', ...sender(net)]],
  'stake deposit': (net) => [['stake', 'deposit', '10', '--lst', 'rETH', '--yes', ...staker(net)]],
  'stake restake': (net) => [['stake', 'restake', '5', '--lst', 'rETH', '--yes', ...staker(net)]],
  'stake request-withdrawal': (net) => [['stake', 'request-withdrawal', '1', '--yes', ...staker(net)]],
  'stake claim': (net) => [['stake', 'claim', '--yes', ...staker(net)]],
  'stake show': (net) => [['stake', 'show', ...staker(net)]],
  'guard show': (net) => [['guard', 'show', ...config(net)]],
  'guard verify': (net) => [['guard', 'verify', ...config(net)]],
  'guard create': (net) => [['guard', 'create', '--data-dir', net.out]],
  'evidence list': (net) => [['evidence', 'list', ...config(net)]],
  'evidence submit': (net) => [['evidence', 'submit', ...sender(net)]],
  'acknowledge slashed': (net) => [['acknowledge', 'slashed', ...config(net)]],
  'acknowledge reorg': (net) => [['acknowledge', 'reorg', ...config(net)]],
  'signer certificates': (net) => [['signer', 'certificates', '--dir', file(net, 'tls'), '--host', 'signer.internal']],
  'randomness get': (net) => [['randomness', 'get', ...url(net)]],
  'randomness info': (net) => [['randomness', 'info', ...url(net)]],
  'randomness verify': (net) => [['randomness', 'verify', '1', 'ab'.repeat(48), ...url(net)]],
  'bridge trace': (net) => [
    ['bridge', 'trace', net.message, ...url(net)],
    ['bridge', 'trace', '3f'.repeat(32), ...url(net)],
  ],
  'support-bundle': (net) => [['support-bundle', ...config(net), '--out', file(net, 'bundle.tar.gz')]],
}

/** Those that want a stopped node. */
export const WHEN_IT_STOPPED: Readonly<Record<string, Lines>> = {
  'guard export': (net) => [['guard', 'export', '--retire', ...config(net), '--out', file(net, 'record.json')]],
  'guard import': (net) => [['guard', 'import', file(net, 'record.json'), '--data-dir', net.out]],
  'guard accept': (net) => [['guard', 'accept', 'retired', '--data-dir', data(net, 1)]],
  resume: (net) => [['resume', '--yes', ...config(net)]],
  'randomness share export': (net) => [
    [
      ...['randomness', 'share', 'export', ...config(net), '--out', file(net, 'shares.json')],
      ...['--password-file', file(net, 'keys/bls.password')],
    ],
  ],
  'randomness share import': (net) => [
    [
      ...['randomness', 'share', 'import', file(net, 'shares.json'), ...config(net)],
      ...['--password-file', file(net, 'keys/bls.password')],
    ],
  ],
}

/** Those that a testnet without a fault has nothing for, and the tests that look at what they print. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  'evidence show': 'needs an operator that signed twice: test/integration/cli/evidence.test.ts',
}

const SENDS = /^(operator (?!status|rewards show)|keys rotate|stake (?!show)|rewards claim|evidence submit)/

/** Commands that print a line for each thing, and may have none. */
export const MAY_BE_EMPTY: readonly string[] = ['evidence list']

/** Exit codes with which a command may end that prints a result. */
export function mayEndWith(args: readonly string[]): readonly number[] {
  // a plan that nobody was there to agree to; how something is
  return args.includes('--yes') ? [0] : SENDS.test(args.join(' ')) ? [0, 2] : [0, 1]
}
