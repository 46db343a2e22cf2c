/** Steps of the path of a task, in order. */
export const STEPS = [
  'trigger',
  'observe',
  'agree',
  'guard',
  'sign',
  'send',
  'admit',
  'aggregate',
  'verify',
  'publish',
  'submit',
  'record',
] as const
export type Step = (typeof STEPS)[number]

interface Entry {
  /** Step at which it shows. */
  readonly step: Step
  readonly what: string
  /** What an operator can do. */
  readonly mend: string
}

/** Why a slot did not end as it should. The catalogue is the documentation: docs/reasons.md is generated from it. */
export const REASONS = {
  'trigger.no-epoch': {
    step: 'trigger',
    what: 'No epoch is active at the slot’s time, or it has expired.',
    mend: 'Someone must build an epoch: check that operators are staked and that the epoch keeper of some node has gas.',
  },
  'trigger.not-a-member': {
    step: 'trigger',
    what: 'This operator has no row in the slot’s epoch, so it has nothing to sign.',
    mend: 'Register for the operator set, allocate stake, and wait for the next epoch to activate.',
  },
  'trigger.before-floor': {
    step: 'trigger',
    what: 'The slot was triggered before this start plus the clock-skew margin; after a start such slots are never signed.',
    mend: 'Nothing: the next slot is signed.',
  },
  'observe.timeout': {
    step: 'observe',
    what: 'The plug-in’s observation was not there before the deadline.',
    mend: 'Check the plug-in’s sources and their latency.',
  },
  'observe.no-feed-observed': {
    step: 'observe',
    what: 'No feed had enough fresh, agreeing sources.',
    mend: 'See GET /v1/prices/sources for the sources that were left out and why.',
  },
  'observe.bridge-halted': {
    step: 'observe',
    what: 'The tree of messages was seen to contradict itself or its chain; nothing of it is signed any more.',
    mend: 'The log and the self-check of the service say what was seen: find out whose word was false, then clear it as docs/bridge.md says.',
  },
  'observe.bridge-contradicted': {
    step: 'observe',
    what: 'A quorum certified another tree of messages than this node sees, or the tree changed between its look and the signature.',
    mend: 'Compare the providers of that chain with others and replace those that lie; where the tree only changed, the next look begins the slot again.',
  },
  'observe.bridge-supply': {
    step: 'observe',
    what: 'More of a token is minted on a chain than is locked for it: something is wrong with a contract, a module or a chain.',
    mend: 'The self-check says where. Find the transaction; attesting goes on by itself once the two are in accord.',
  },
  'observe.bridge-epoch': {
    step: 'observe',
    what: 'The table of the epoch that is to be handed over is not known here yet.',
    mend: 'Nothing: it is tried again as soon as the table is final.',
  },
  'observe.failed': {
    step: 'observe',
    what: 'The plug-in’s observation failed.',
    mend: 'The log line of the slot has the cause.',
  },
  'agree.no-observations': {
    step: 'agree',
    what: 'This node led the attempt and did not receive observations of a quorum of weight.',
    mend: 'Check the peers: GET /v1/status lists who is connected.',
  },
  'agree.no-proposal': {
    step: 'agree',
    what: 'No acceptable proposal of the attempt’s leader arrived in time.',
    mend: 'If it is always the same leader, that operator is down or cut off from this node.',
  },
  'agree.refused': {
    step: 'agree',
    what: 'The report recomputed from the proposal was refused: too little weight, or outside this operator’s band.',
    mend: 'The log line names feed and band. One refusal is noise; many mean that this node’s sources disagree with the others’.',
  },
  'agree.failed': {
    step: 'agree',
    what: 'Agreement failed with an error.',
    mend: 'The log line of the slot has the cause.',
  },
  'guard.conflict': {
    step: 'guard',
    what: 'The guard has another payload on record for this (service, kind, slot, attempt).',
    mend: 'Signing twice is slashable, so it was refused. Find out whether another instance runs on the same key.',
  },
  'guard.below-watermark': {
    step: 'guard',
    what: 'The slot is below the guard’s low-watermark.',
    mend: 'Check the clock of this machine.',
  },
  'guard.outside-window': {
    step: 'guard',
    what: 'The slot is outside the service’s window.',
    mend: 'Check the clock of this machine and the plug-in.',
  },
  'guard.before-floor': {
    step: 'guard',
    what: 'The slot was triggered before this start plus the clock-skew margin.',
    mend: 'Nothing: the next slot is signed.',
  },
  'guard.foreign-domain': {
    step: 'guard',
    what: 'The guard’s record belongs to another chain, ServiceManager or operator.',
    mend: 'Point dataDir at the folder of this operator and chain.',
  },
  'guard.unavailable': {
    step: 'guard',
    what: 'The guard’s record could not be read or written, so nothing is signed.',
    mend: 'Check disk space and permissions of the data folder.',
  },
  'signer.silent': {
    step: 'guard',
    what: 'The slot is one of the first after the start, in which this node only listens for another instance of its operator.',
    mend: 'Nothing: it signs after `secondSelf.silentSlots` slots.',
  },
  'signer.second-self': {
    step: 'guard',
    what: 'Another instance of this operator was seen, so this one signs nothing.',
    mend: 'Find and stop the other instance, then run `lariat resume` (docs/second-self.md).',
  },
  'signer.unavailable': {
    step: 'sign',
    what: 'The remote signer did not answer, or not with the signature that it was asked for.',
    mend: 'See that `lariat signer` runs and can be reached; the log line of the slot has the cause.',
  },
  'signer.refused': {
    step: 'sign',
    what: 'The remote signer refused by its own configuration: operator, chain, ServiceManager, clock, or a slot too far ahead.',
    mend: 'The log line of the slot has what it said; compare the two configurations and clocks.',
  },
  'sign.halted': {
    step: 'sign',
    what: 'A self-check that bears on correctness fails, so nothing is signed.',
    mend: 'lariat status names the check, since when it fails, and the mend (docs/self-checks.md).',
  },
  'sign.failed': {
    step: 'sign',
    what: 'The signer did not return a signature.',
    mend: 'Check the keystore or the remote signer.',
  },
  'send.failed': {
    step: 'send',
    what: 'The partial signature reached nobody.',
    mend: 'Check the network: GET /v1/status lists who is connected.',
  },
  'aggregate.no-quorum': {
    step: 'aggregate',
    what: 'This node signed, and no certificate of a quorum of weight showed before the deadline.',
    mend: 'Operators are down or disagree: see participation per operator.',
  },
  'aggregate.invalid-shares': {
    step: 'aggregate',
    what: 'So many partial signatures were false that no quorum was left without them.',
    mend: 'The log names the peers that sent them; they were cut off.',
  },
  'verify.failed': {
    step: 'verify',
    what: 'The certificate that this node aggregated did not verify against the epoch table.',
    mend: 'This should not happen; please report it with the log of the slot.',
  },
  'submit.reverted': {
    step: 'submit',
    what: 'The chain refused the certificate.',
    mend: 'The log line of the slot has the contract’s error.',
  },
  'submit.failed': {
    step: 'submit',
    what: 'The transaction could not be sent or was not mined in time.',
    mend: 'Check the RPC providers and the operator account’s gas balance.',
  },
  'submit.unknown-value': {
    step: 'submit',
    what: 'There is a certificate for a payload that this node did not compute and cannot decode.',
    mend: 'Another node submits it. If it recurs, this node’s view differs from the quorum’s: check its sources and providers.',
  },
  stopped: {
    step: 'record',
    what: 'The node was stopped while the slot was open.',
    mend: 'Nothing.',
  },
} as const satisfies Record<string, Entry>

export type Reason = keyof typeof REASONS
export const REASON_CODES = Object.keys(REASONS) as readonly Reason[]

/** The catalogue's reason for an error's code: itself when listed, else the step's `…failed`. */
export function reasonOf(code: string | undefined, step: 'observe' | 'agree' | 'sign' | 'send' | 'submit'): Reason {
  if (code !== undefined && Object.hasOwn(REASONS, code)) return code as Reason
  return `${step}.failed`
}
