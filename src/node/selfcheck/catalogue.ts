/**
 * What a check bears on. `signing`: while it fails nothing is signed (fail closed), by the node or by the service that it is
 * about. `work`: while it fails the node is ill. `advice`: something to know, which never makes the node ill.
 */
export type Bearing = 'signing' | 'work' | 'advice'

interface Entry {
  readonly bears: Bearing
  /** Whether there is one for each service, or for each further chain. */
  readonly of: 'node' | 'service' | 'chain'
  readonly what: string
  readonly mend: string
}

/** All self-checks. The catalogue is the documentation: docs/self-checks.md is generated from it. */
export const SELF_CHECKS = {
  guard: {
    bears: 'signing',
    of: 'node',
    what: 'The guard’s record takes a durable write, and is still the file that this process opened.',
    mend: 'Check the disk under dataDir and its rights. If the file was moved or replaced, stop the node, put the newest one back, and start again (docs/guard.md).',
  },
  'second self': {
    bears: 'signing',
    of: 'node',
    what: 'No other instance of this operator was seen: no validly signed statement of it that the guard does not know.',
    mend: 'Find and stop the other instance, stop this node, run lariat resume, and start again (docs/second-self.md).',
  },
  signer: {
    bears: 'work',
    of: 'node',
    what: 'The keys that sign can be used: a remote signer answers, serves this operator, and has the keys that it had.',
    mend: 'See that lariat signer runs and can be reached (docs/remote-signer.md).',
  },
  storage: {
    bears: 'signing',
    of: 'node',
    what: 'dataDir lies on storage that survives a restart and whose locks and flushes can be trusted: not in memory, not on a network file system.',
    mend: 'Move dataDir to a local disk. A test network may set checks.volatileStorage.',
  },
  clock: {
    bears: 'signing',
    of: 'node',
    what: 'This process’s clock agrees with the machine’s, with those of the other operators (the median by weight), and, where those do not answer, with the chain’s newest block.',
    mend: 'Let NTP keep the machine’s clock. After a suspended machine or a restored snapshot, restart the node.',
  },
  agreement: {
    bears: 'signing',
    of: 'node',
    what: 'Enough providers answer, and agree with each other, so that what they say may be signed over.',
    mend: 'The reason names who says what. Compare with another source, and replace the provider that is wrong or does not answer (docs/providers.md).',
  },
  reorg: {
    bears: 'signing',
    of: 'service',
    what: 'No block that was final was undone on the service’s chain since its operator last acknowledged it: what was signed over such a block may be wrong, and nothing is added to it.',
    mend: 'See on other sources which chain is right. Then stop the node, run lariat acknowledge reorg, and start again (docs/providers.md).',
  },
  providers: {
    bears: 'advice',
    of: 'node',
    what: 'Every provider of chain.rpc answers, keeps up with the others, and was not caught in a false answer.',
    mend: 'Replace the one that is named, before another one fails too.',
  },
  'further chain': {
    bears: 'work',
    of: 'chain',
    what: 'A chain of the section chains is followed: enough of its providers answer and agree, its blocks come and become final, and no final block was undone. While that fails, services sign nothing over this chain; all else goes on.',
    mend: 'The reason says what: see chains.NAME.rpc, or after a reorg lariat acknowledge reorg --chain NAME (docs/providers.md).',
  },
  key: {
    bears: 'signing',
    of: 'service',
    what: 'The ServiceManager has this operator with a BLS key that the signer holds.',
    mend: 'Name the keystore of the registered key under keys.bls, or register: lariat operator opt-in SERVICE.',
  },
  slashed: {
    bears: 'signing',
    of: 'service',
    what: 'The operator was not slashed by this service’s operator set since its operator last acknowledged it.',
    mend: 'Find out why before anything else is signed: lariat evidence list, the log, a second instance. Then lariat acknowledge slashed.',
  },
  'slashed elsewhere': {
    bears: 'advice',
    of: 'node',
    what: 'The operator was not slashed by a set that this node does not serve, since its operator last acknowledged it.',
    mend: 'Ask who runs that AVS’s software. Then lariat acknowledge slashed.',
  },
  chain: {
    bears: 'work',
    of: 'node',
    what: 'A provider answers with a recent block.',
    mend: 'Check the providers of chain.rpc, and the clock of this machine.',
  },
  finality: {
    bears: 'work',
    of: 'node',
    what: 'The finalized block moves on: what is signed rests on it.',
    mend: 'If other sources show a newer finalized block, replace the providers; if not, the chain itself does not finalize, and one can only wait.',
  },
  disk: {
    bears: 'work',
    of: 'node',
    what: 'dataDir has room for the guard’s record, the journal and their temporary files.',
    mend: 'Make room on that file system.',
  },
  memory: {
    bears: 'work',
    of: 'node',
    what: 'The process is far enough below the memory that it may have.',
    mend: 'Give it more (cgroup limit, --max-old-space-size), or take other programs off the machine. If it grows without end, please report it.',
  },
  'event loop': {
    bears: 'work',
    of: 'node',
    what: 'The event loop is not held up so long that slots are missed.',
    mend: 'Give the process a core of its own. If nothing else runs there, please report it with the log.',
  },
  gas: {
    bears: 'work',
    of: 'node',
    what: 'The account that sends has ether for transactions at the present gas price.',
    mend: 'Send ether to the account.',
  },
  encumbered: {
    bears: 'work',
    of: 'node',
    what: 'Stake is allocated only to AVSs that this node serves or that are named as served elsewhere, and to no more than checks.maxAvss.',
    mend: 'List the AVS under services, name it in operator.servedElsewhere, or take the stake back: lariat operator deallocate.',
  },
  membership: {
    bears: 'work',
    of: 'service',
    what: 'The operator is a member of the service’s operator set: it was neither ejected nor deregistered.',
    mend: 'lariat operator status tells until when it stays slashable, and lariat operator opt-in SERVICE joins again once the core allows.',
  },
  epoch: {
    bears: 'work',
    of: 'service',
    what: 'An epoch is active, this operator has a row in it with our key and unrevoked weight, and a next one comes before it ends.',
    mend: 'Register, allocate, and wait for the next epoch; see that some operator’s node has gas to build it.',
  },
  stake: {
    bears: 'work',
    of: 'service',
    what: 'The stake that the service counts is above nothing, above checks.minStake, and about what the newest epoch has.',
    mend: 'Allocate more: lariat operator allocate SERVICE. A drop that you did not make is a slash or a withdrawal of delegators.',
  },
  allocation: {
    bears: 'advice',
    of: 'service',
    what: 'No change of what the set can slash is on its way.',
    mend: 'If you did not ask for the change, find out who may act for the operator: lariat operator status.',
  },
  slasher: {
    bears: 'advice',
    of: 'service',
    what: 'Nobody but the ServiceManager can slash through the set, and no other slasher is on its way.',
    mend: 'Whoever owns the AVS has changed it: leave (lariat operator opt-out SERVICE) unless you trust the new slasher.',
  },
  'peer id': {
    bears: 'work',
    of: 'service',
    what: 'The chain has the peer id and the addresses of this node.',
    mend: 'lariat operator opt-in SERVICE publishes them, or restore p2p.key.',
  },
  peers: {
    bears: 'work',
    of: 'service',
    what: 'Connected operators, this one included, hold a quorum of weight.',
    mend: 'Check that p2p.listen is reachable under p2p.announce; GET /v1/status lists who is connected.',
  },
  'missed slots': {
    bears: 'work',
    of: 'service',
    what: 'Of the newest slots, no more than checks.missedPercent ended without a certificate.',
    mend: 'GET /v1/slots tells the reason of each; docs/reasons.md what to do about it.',
  },
  participation: {
    bears: 'work',
    of: 'service',
    what: 'Certificates of the newest slots have this operator’s signature in them.',
    mend: 'Slots are certified without this node: it is too slow, cut off from some operators, or sees other data than they do.',
  },
  service: {
    bears: 'work',
    of: 'service',
    what: 'What the service’s plug-in checks itself.',
    mend: 'The reason says it.',
  },
  'risk: figures': {
    bears: 'advice',
    of: 'node',
    what: 'The figures of risk could be read and are recent.',
    mend: 'Check the providers.',
  },
  'risk: redistribution': {
    bears: 'advice',
    of: 'node',
    what: 'No stake is allocated to a set that keeps what it slashes.',
    mend: 'lariat operator deallocate, unless you trust whoever gets it.',
  },
  'risk: concentration': {
    bears: 'advice',
    of: 'service',
    what: 'No single operator can keep every certificate from its quorum.',
    mend: 'More stake with others, or maxShareBps in the contract.',
  },
  'risk: value secured': {
    bears: 'advice',
    of: 'service',
    what: 'What rests on the service (risk.secured) is less than what can be slashed.',
    mend: 'More stake, or less resting on it.',
  },
  'risk: LRT operators': {
    bears: 'advice',
    of: 'node',
    what: 'No operator of the LRT allocates to a set that keeps what it slashes.',
    mend: 'Its curator can remove the operator, and its holders leave.',
  },
  'risk: LRT backing': {
    bears: 'advice',
    of: 'node',
    what: 'The LRT’s assets are worth what its shares stand for.',
    mend: 'See docs/risk.md.',
  },
  'risk: markets': {
    bears: 'advice',
    of: 'node',
    what: 'Market feeds of the LRT and its LSTs are fresh and near their own rates.',
    mend: 'See docs/risk.md.',
  },
} as const satisfies Record<string, Entry>

export type CheckName = keyof typeof SELF_CHECKS

export function bearingOf(name: CheckName): Bearing {
  return SELF_CHECKS[name].bears
}
