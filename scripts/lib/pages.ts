import { relayMetrics } from '../../src/avs/bridge/relay/metrics.ts'
import { sourceMetrics } from '../../src/avs/bridge/source/metrics.ts'
import { declareEvidenceMetrics } from '../../src/avs/evidence/metrics.ts'
import { declareMessageMetrics } from '../../src/avs/messages.ts'
import { declareMetrics } from '../../src/avs/metrics.ts'
import { oracleMetrics } from '../../src/avs/oracle/metrics.ts'
import { beaconMetrics } from '../../src/avs/randomness/beacon/metrics.ts'
import { deliveryMetrics } from '../../src/avs/randomness/delivery/metrics.ts'
import { REASONS, STEPS } from '../../src/avs/reasons.ts'
import { declareChainMetrics, declareServiceManagerMetrics } from '../../src/chain/metrics.ts'
import { type Bound, isOpen } from '../../src/metrics/bounds.ts'
import { declareEigenFees, declareEigenNodeMetrics, declareEigenRpcMetrics } from '../../src/metrics/eigen.ts'
import { createMetrics, type Metrics } from '../../src/metrics/registry.ts'
import { createApiServer } from '../../src/node/api/server.ts'
import { declareFollowMetrics } from '../../src/node/chains/metrics.ts'
import { fileKeys, variableOf } from '../../src/node/config/environment.ts'
import { type JsonSchema, nodeJsonSchema, signerJsonSchema, toJsonSchema } from '../../src/node/config/jsonSchema.ts'
import { nodeConfigSchema } from '../../src/node/config/schema.ts'
import { exitCodeOf } from '../../src/node/exit.ts'
import { ERRORS } from '../../src/node/explain/errors.ts'
import { PLUGINS } from '../../src/node/plugins.ts'
import { declareOperatorMetric, declareProcessMetrics } from '../../src/node/processMetrics.ts'
import { declareRewardsMetrics } from '../../src/node/rewards/metrics.ts'
import { declareRiskMetrics } from '../../src/node/risk/metrics.ts'
import { SELF_CHECKS } from '../../src/node/selfcheck/catalogue.ts'
import { declareSelfCheckMetrics } from '../../src/node/selfcheck/metrics.ts'
import { createP2pMetrics } from '../../src/p2p/metrics.ts'
import { signerMetrics } from '../../src/signer/metrics.ts'
import { declareRemoteMetrics } from '../../src/signer/remote/metrics.ts'
import { vaultMetrics } from '../../src/signer/shares/metrics.ts'
import { systemClock } from '../../src/util/clock.ts'
import { LariatError } from '../../src/util/errors.ts'
import { silentLog } from '../../src/util/log.ts'
import { cliPage } from './cliPage.ts'

export const NOTE = 'This page is generated from the code by `npm run docs`; a test fails when the two differ.'

/** The generated pages of docs/, by file name. */
export async function referencePages(): Promise<Record<string, string>> {
  return {
    'cli.md': await cliPage(),
    'configuration.md': await configurationPage(),
    'errors.md': errorsPage(),
    'metrics.md': metricsPage(),
    'reasons.md': reasonsPage(),
    'self-checks.md': selfChecksPage(),
  }
}

const ENVIRONMENT = [
  '## Files of keys from the environment',
  '',
  'Where files with keys and passwords lie can be said outside of the file, for containers and service managers. A variable holds',
  'the path of a file, never a secret. A file in systemd’s `$CREDENTIALS_DIRECTORY` that is called as the key is used for it',
  '(`LoadCredential=keys.bls.passwordFile:/etc/lariat/bls.password`). A variable stands before a credential, and both before the',
  'configuration file. A variable about keys that is not one of these is an error. A remote signer has `LARIAT_KEYS_BLS_…` and',
  '`LARIAT_TLS_…`.',
].join('\n')

/** The generated files of config/, by file name. */
export async function schemaFiles(): Promise<Record<string, string>> {
  const text = (schema: JsonSchema) => `${JSON.stringify(schema, undefined, 2)}\n`
  return { 'node.schema.json': text(await nodeJsonSchema(PLUGINS)), 'signer.schema.json': text(signerJsonSchema()) }
}

interface Row {
  readonly key: string
  readonly type: string
  readonly fallback: string
  readonly about: string
}

async function configurationPage(): Promise<string> {
  const main = rowsOf(toJsonSchema(nodeConfigSchema('/')))
  const sections: string[] = []
  for (const [name, load] of Object.entries(PLUGINS)) {
    const { configSchema } = await load()
    const rows = rowsOf(toJsonSchema(configSchema)).map((row) => ({
      ...row,
      key: `services[].${row.key}`,
      fallback: row.fallback.replace('required in `', 'required in `services[].'),
    }))
    sections.push(
      `## Service \`${name}\`\n\nKeys of a section with \`use: ${name}\`, besides \`use\`.\n\n${table(rows)}`,
    )
  }
  return page(
    'Configuration',
    [
      'A node is configured by one YAML file, `lariat run --config FILE`. An unknown key is an error, and every error names',
      'the file, the key, its line and the mend. Relative paths are relative to the file. Durations are a number with a unit:',
      '`500ms`, `2s`, `1.5m`, `1h`, `7d`. Secrets are never in this file, only the names of files that hold them.',
      '',
      '`lariat init` writes such a file with comments; the testnet writes one for each of its nodes (`lariat testnet --dir FOLDER`).',
      'Editors know its keys by [config/node.schema.json](../config/node.schema.json) (and a signer’s by',
      '[config/signer.schema.json](../config/signer.schema.json)), which the first line of the file can name:',
      '`# yaml-language-server: $schema=node.schema.json`.',
    ].join('\n'),
    ENVIRONMENT,
    [
      '| variable, or credential | key |',
      '|---|---|',
      ...fileKeys(nodeConfigSchema('/')).map((key) => `| \`${variableOf(key)}\` | \`${key}\` |`),
    ].join('\n'),
    `## Node\n\n${table(main)}`,
    ...sections,
  )
}

/** A row for each key that holds a value, depth first. */
function rowsOf(schema: JsonSchema, key = '', required = true, section = ''): Row[] {
  if (schema.properties !== undefined) {
    // keys that a section must have are required only where the section is there
    const within = required || hasDefaults(schema) ? section : key
    return Object.entries(schema.properties).flatMap(([name, child]) =>
      rowsOf(child, key === '' ? name : `${key}.${name}`, schema.required?.includes(name) === true, within),
    )
  }
  const inner =
    schema.items ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined)
  const own: Row = {
    key,
    type: typeOf(schema),
    fallback: schema.default !== undefined ? `\`${JSON.stringify(schema.default)}\`` : required ? demand(section) : '',
    about: about(schema),
  }
  const choices = schema.anyOf?.filter(({ properties }) => properties !== undefined) ?? []
  if (choices.length > 0) return [own, ...choices.flatMap((choice) => rowsOf(choice, key, false, key))]
  if (inner?.properties === undefined) return [own]
  return [own, ...rowsOf(inner, `${key}${schema.items === undefined ? '.*' : '[]'}`)]
}

/** Whether a section that is left out is filled in, which needs no key of it. */
function hasDefaults({ required = [] }: JsonSchema): boolean {
  return required.length === 0
}

function demand(section: string): string {
  return section === '' ? 'required' : `required in \`${section}\``
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.items !== undefined) return `list of ${schema.items.type ?? 'value'}s`
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ')
  return schema.type ?? 'any'
}

function about({ description = '', examples }: JsonSchema): string {
  const example = examples?.[0]
  if (example === undefined || typeof example === 'object') return description
  return `${description}, for example \`${String(example)}\``
}

/** Everything that a node with all built-in services declares. */
export function declareAll(): Metrics {
  const metrics = createMetrics()
  const clock = systemClock
  declareProcessMetrics(metrics)()
  declareOperatorMetric(metrics)
  declareChainMetrics(metrics)
  declareServiceManagerMetrics(metrics)
  declareFollowMetrics(metrics)
  createP2pMetrics(metrics, () => ({ connected: 0, allowed: 0 }))
  signerMetrics(metrics)
  vaultMetrics(metrics)
  declareRemoteMetrics(metrics)
  declareMetrics(metrics)
  declareEvidenceMetrics(metrics)
  declareMessageMetrics(metrics)
  oracleMetrics(metrics)
  sourceMetrics(metrics)
  relayMetrics(metrics)
  beaconMetrics(metrics)
  deliveryMetrics(metrics)
  declareRewardsMetrics(metrics)
  declareRiskMetrics(metrics)
  declareSelfCheckMetrics(metrics)
  declareEigenRpcMetrics(metrics)
  declareEigenNodeMetrics(metrics)
  declareEigenFees(metrics)
  createApiServer({ host: '127.0.0.1', port: 0, routes: [], log: silentLog, metrics, clock })
  return metrics
}

/** The longest list of values that the page names; of longer ones it tells how many they are. */
const NAMED_VALUES = 13

function labelText([name, bound]: readonly [string, Bound]): string {
  if (isOpen(bound)) return `\`${name}\`: ${bound.of} (${bound.atMost})`
  if (bound.length > NAMED_VALUES) return `\`${name}\`: ${bound.length} values`
  return `\`${name}\`: ${bound.join(', ')}`
}

function metricsPage(): string {
  const rows = declareAll()
    .describe()
    .map(
      ({ name, type, help, labels }) =>
        `| \`${name}\` | ${type} | ${cell(Object.entries(labels).map(labelText).join('; '))} | ${cell(help)} |`,
    )
  return page(
    'Metrics',
    [
      'What a node with all built-in services tells at `GET /metrics`, in Prometheus text form. Beside each label is what bounds',
      'its values: all of them, or how many there can be at the most; one beyond that would be counted as `beyond-bound`. A counter',
      'begins at 0. Dashboards and alerts made of these are in [monitoring.md](monitoring.md).',
    ].join('\n'),
    ['| metric | type | labels | what |', '|---|---|---|---|', ...rows].join('\n'),
  )
}

function reasonsPage(): string {
  const rows = Object.entries(REASONS)
    .map(([code, entry]) => ({ code, ...entry }))
    .sort((a, b) => STEPS.indexOf(a.step) - STEPS.indexOf(b.step))
    .map(({ code, step, what, mend }) => `| ${step} | \`${code}\` | ${cell(what)} | ${cell(mend)} |`)
  return page(
    'Reasons',
    [
      'Why a slot did not end as it should: `reason` in `GET /v1/slots`, in the log, and in `lariat_slots_missed_total`.',
      `The steps are, in order: ${STEPS.join(', ')}.`,
    ].join('\n'),
    ['| step | reason | what | mend |', '|---|---|---|---|', ...rows].join('\n'),
  )
}

function errorsPage(): string {
  const rows = Object.entries(ERRORS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, { what, mend }]) =>
        `| \`${code}\` | ${exitCodeOf(new LariatError(code, ''))} | ${cell(what)} | ${cell(mend)} |`,
    )
  return page(
    'Errors',
    [
      'Codes of errors, as the log has them (`code`), and what a command that one of them ends exits with. The message of an error',
      'names the file, key, address or amount, and how to mend it; this page says what the code stands for. `lariat explain CODE`',
      'prints a line of it. Codes that a missed slot has are in [reasons.md](reasons.md).',
    ].join('\n'),
    ['| code | exit code | what | mend |', '|---|---|---|---|', ...rows].join('\n'),
  )
}

function selfChecksPage(): string {
  const rows = Object.entries(SELF_CHECKS).map(
    ([name, { bears, of, what, mend }]) => `| ${name} | ${of} | ${bears} | ${cell(what)} | ${cell(mend)} |`,
  )
  return page(
    'Self-checks',
    [
      'A node looks at itself again and again. How each check stands, since when, why, and how to mend it, is in `GET /healthz`,',
      '`lariat status`, the log (when it turns), and the metrics `lariat_self_check_status` and `lariat_self_check_since_seconds`.',
      '',
      'What a check bears on decides what follows from it:',
      '',
      '- **signing**: while it fails nothing is signed, by the node, or by the service that it is about: fail closed. `stopped` in',
      '  `GET /healthz` and `lariat_signing_stopped` tell it, slots are missed for `sign.halted`, and signing goes on by itself when',
      '  the check passes again. Nothing is signed either before the first look after a start, or when looks stay away: a finding',
      '  about the chain is believed for ten minutes while no provider answers, one about this machine for seconds. `guard` and',
      '  `clock` are asked right before each signature, too.',
      '- **work**: while it fails the node is ill: `GET /healthz` answers 503, `lariat status` ends with 1.',
      '- **advice**: something to know, which never makes the node ill.',
      '',
      '`warn` makes no node ill and stops nothing. `slashed` stays until `lariat acknowledge slashed --config FILE --yes`, which',
      'shows what it acknowledges; a new data folder begins at the block of its first start. The limits that are an operator’s own',
      'choice are in the section `checks` of the [configuration](configuration.md). Before a start, [lariat doctor](doctor.md)',
      'looks at much of the same.',
    ].join('\n'),
    ['| check | one for each | bears on | what holds | mend |', '|---|---|---|---|---|', ...rows].join('\n'),
  )
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ key, type, fallback, about: what }) => `| \`${key}\` | ${type} | ${fallback} | ${cell(what)} |`,
  )
  return ['| key | type | default | what |', '|---|---|---|---|', ...lines].join('\n')
}

export const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

export function page(title: string, ...parts: readonly string[]): string {
  return `# ${title}\n\n${[NOTE, ...parts].join('\n\n')}\n`
}
