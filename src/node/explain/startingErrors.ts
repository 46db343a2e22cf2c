import type { ErrorEntry } from './errors.ts'

const at = (what: string, mend: string): ErrorEntry => ({ what, mend })

const OPTION = 'Correct what the message names; the same command with --help has examples.'
const KEYSTORE = 'Correct the path or the password under keys of the configuration (docs/keys.md).'
const CONFIGURED = 'Correct the key of the configuration that the message names (docs/configuration.md).'

/** Errors of the command line, files and keys: what can be wrong before anything runs. */
export const STARTING = {
  'cli.too-large': at('Standard input has more bytes than the command takes.', 'Give it less.'),
  'config.announce': at(
    'Nothing tells the other operators where they reach this node.',
    'Set p2p.announce to a public address, then run lariat operator opt-in again.',
  ),
  'config.environment': at(
    'A variable of the environment is about keys, and no configuration has it.',
    'Correct or unset it; docs/configuration.md lists those that there are.',
  ),
  'config.invalid': at(
    'The configuration is wrong.',
    'Every line of the message names a place in the file, what is wrong there, and the mend.',
  ),
  'config.mismatch': at(
    'Two parts of the configuration are of different chains, or one names what the other lacks.',
    CONFIGURED,
  ),
  'config.registrar-key': at(
    'An AVS demands a key that keys.registrar does not name.',
    'Make one with lariat keys create --kind KIND, and name it there.',
  ),
  'config.rewards': at('The configuration says nothing of rewards.', 'Add rewards.source (docs/rewards.md).'),
  'config.unreadable': at('The configuration file cannot be read.', 'Give the path of an existing file with --config.'),
  'config.unserved': at(
    'The configuration leaves out an AVS that can still slash the operator.',
    'List it under services until it cannot, or name it in operator.servedElsewhere (docs/operations.md).',
  ),
  'deployment.invalid': at('The deployment file is damaged.', 'Take it anew from where it came.'),
  'deployment.rewards': at(
    'The deployment file names no RewardsCoordinator.',
    'Add core.rewardsCoordinator, if the network has one.',
  ),
  'deployment.unreadable': at('The deployment file cannot be read.', 'Correct chain.deployment.'),
  'deployment.version': at(
    'The deployment file is of another version of the format.',
    'Take the file that belongs to this version.',
  ),
  'duration.invalid': at('A text is no duration.', 'Write a number and a unit: 500ms, 2s, 1.5m, 1h, 7d.'),
  'explain.unknown': at('There is no such code.', 'lariat explain lists all codes.'),
  'file.exists': at('A file is there already, and nothing is ever replaced.', 'Name another one, or move it away.'),
  'identity.account': at(
    'The account of keys.ecdsa is neither the operator’s nor one that it has appointed.',
    'Correct keys.ecdsa or operator.address, or appoint the account (docs/operator.md).',
  ),
  'init.answer': at('An answer, or an option, of lariat init is missing or not what a configuration takes.', OPTION),
  'interchange.contradiction': at(
    'An interchange file of the guard contradicts itself or the record.',
    'Find out which machine signed what before this operator signs again.',
  ),
  'interchange.invalid': at('A file is no interchange file of the guard.', 'Export it again on the other machine.'),
  'interchange.too-large': at('An interchange file is too large.', 'Export it again with --newest.'),
  'interchange.version': at(
    'An interchange file is of another version of the format.',
    'Use the lariat that wrote it.',
  ),
  'keystore.invalid': at('A keystore is damaged, or of a format that is not known.', KEYSTORE),
  'keystore.mismatch': at(
    'A keystore holds another key than it says, or than is expected.',
    'Put the right file back from the backup.',
  ),
  'keystore.missing-file': at('A keystore is not there.', KEYSTORE),
  'keystore.missing-password': at('Nobody says what the password of a keystore is.', KEYSTORE),
  'keystore.mnemonic': at(
    'A mnemonic is not valid, or not the one that was shown.',
    'Compare every word with what was written down.',
  ),
  'keystore.unreadable': at('A keystore or the file of its password cannot be read.', KEYSTORE),
  'keystore.weak-password': at(
    'A password is too short for a new keystore.',
    'Choose a longer one, or let lariat make one.',
  ),
  'keystore.wrong-password': at('A password does not open its keystore.', KEYSTORE),
  'p2p.key': at(
    'The file of the libp2p identity cannot be read.',
    'Put it back, or remove it and run lariat operator opt-in for each service.',
  ),
  'p2p.key-permissions': at('Others may read the file of the libp2p identity.', 'chmod 600 the file.'),
  'series.from-outside': at('The recorded prices do not reach to --from.', OPTION),
  'series.invalid': at('A line of the recorded prices is malformed.', 'Correct the CSV file that --prices names.'),
  'series.no-such-feed': at(
    'The recorded prices have no such feed.',
    'Report it: the testnet asks only for feeds that it has.',
  ),
  'series.no-value': at('The recorded prices have a gap.', 'Choose another --from.'),
  'series.speed': at('The speed of a replay is out of range.', OPTION),
  'series.unreadable': at('The file of recorded prices cannot be read.', OPTION),
  'status.malformed': at(
    'The running node answers in another form than this lariat knows.',
    'Use the version that runs, or --json.',
  ),
  'status.no-node': at('No node has run on this data folder yet.', 'Start it: lariat run --config FILE.'),
  'status.unreachable': at('The node of this configuration does not answer.', 'See whether it runs, and its log.'),
  'testnet.anvil': at('There is no anvil for this platform.', 'Install Foundry, and have anvil on the path.'),
  'testnet.artifacts': at('The compiled contracts are not there.', 'Run npm run build.'),
  'testnet.feed': at('The price service of the testnet lacks a feed.', 'Report it with the logs of the testnet.'),
  'testnet.folder': at('The folder of a testnet is not empty, or cannot be made.', 'Name a new one with --dir.'),
  'testnet.network': at(
    'What a part of a testnet in containers needs to know is not there, or is of another network.',
    'The message says whether to deploy first, or to begin anew with empty volumes.',
  ),
  'testnet.nobody': at(
    'A container is none of the operators of its testnet.',
    'Run as many replicas as the network has operators, under the project name that it was begun with.',
  ),
  'testnet.not-ready': at(
    'A node of the testnet did not become healthy.',
    'Its log is in the folder that the message names.',
  ),
  'testnet.ports': at(
    'The ports of a testnet are taken or out of range.',
    'Choose another --port-base, or leave it out.',
  ),
  'testnet.running': at('A node of the testnet runs already.', 'Report it with the logs of the testnet.'),
  'testnet.signer': at(
    'A remote signer of the testnet does not listen.',
    'Its log is in the folder that the message names.',
  ),
  'testnet.slash': at('The slash that was asked for is not in its block.', 'Report it with the logs of the testnet.'),
  'testnet.spawn': at('A process of the testnet cannot be started.', 'The message names the program.'),
  'testnet.step': at('A step of setting the testnet up failed.', 'The message has the cause, and where the logs are.'),
  'testnet.transaction': at('A transaction of the testnet’s set-up failed.', 'The message has the cause.'),
  'usage.address': at('A text is no address.', 'Write 20 bytes in hexadecimal, with a correct checksum.'),
  'usage.amount': at('A text is no amount.', 'Write a number above 0, such as 10 or 0.5, or all.'),
  'usage.avs': at('No service, and no AVS of the core, has this name or address.', OPTION),
  'usage.bridge': at('A text is no id of a message.', 'Write 64 digits of hexadecimal.'),
  'usage.cancelled': at('The question was not answered.', 'Nothing was done: run the command again.'),
  'usage.confirm': at('Nobody is at a terminal to be asked.', 'Look at what the command would do, and give it --yes.'),
  'usage.evidence': at(
    'No evidence has this id, or several begin like it.',
    'lariat evidence list shows what there is.',
  ),
  'usage.guard': at('It is not said whose record is meant.', 'Give --config FILE or --data-dir FOLDER.'),
  'usage.host': at('A name under which a signer is reached is malformed.', OPTION),
  'usage.json': at('The file that --json names cannot be written.', OPTION),
  'usage.keys': at('Options for keys contradict each other, or one is missing.', OPTION),
  'usage.lst': at('It is not clear which LST is meant.', 'Name it with --lst.'),
  'usage.magnitude': at('A part of the stake goes the wrong way: allocate adds, deallocate takes back.', OPTION),
  'usage.no-terminal': at('Nobody is at a terminal to answer.', 'Give a file or a file descriptor instead.'),
  'usage.randomness': at('A round, a time or a key of the beacon is malformed.', OPTION),
  'usage.stake': at('An option of lariat stake is missing or malformed.', OPTION),
  'usage.strategy': at('No strategy has this symbol or address.', OPTION),
  'usage.devnet': at('An option of a part of a testnet is wrong.', OPTION),
  'usage.testnet': at('Options of the testnet contradict each other.', OPTION),
  'usage.token': at('The operator has earned nothing of a token.', 'lariat rewards show lists its tokens.'),
} as const satisfies Record<string, ErrorEntry>
