import { access, constants, readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LineCounter, parseDocument, type Tags } from 'yaml'
import type { AnyService, ServiceConfig } from '../../avs/api.ts'
import { LariatError } from '../../util/errors.ts'
import { checkChains } from './chains.ts'
import { type Origins, withEnvironment } from './environment.ts'
import { checkPasswords } from './passwords.ts'
import { type ConfigProblem, formatProblem, positionOf, problemsOf, type Source } from './problems.ts'
import { type NodeConfig, nodeConfigSchema } from './schema.ts'

/** A configuration of one node fits many times. */
const MAX_FILE_BYTES = 1_048_576
/** YAML aliases that may be expanded, against files that explode. */
const MAX_ALIASES = 100

/** Problems that one message tells: more are those of a file that is no configuration. */
const MAX_PROBLEMS_TOLD = 100
/** Characters of one problem, a description and an example included; a key of the file may be of any length. */
const MAX_PROBLEM_CHARACTERS = 1_000

/** A service of the configuration with its plug-in, and its section as the plug-in's schema gave it. */
export interface ConfiguredService {
  readonly definition: AnyService
  readonly config: ServiceConfig
}

export interface LoadedConfig extends Omit<NodeConfig, 'services'> {
  /** Absolute path of the file. */
  readonly file: string
  readonly services: readonly ConfiguredService[]
}

/** Loads a plug-in. `commands` says what its commands are for; undefined when it has none. */
export type PluginLoader = (() => Promise<AnyService>) & { readonly commands?: string | undefined }

/** The plug-ins there are, by name. Loaded only when used, so that a node does not pay for services it does not serve. */
export type Plugins = Readonly<Record<string, PluginLoader>>

/**
 * Reads and checks a configuration file.
 * @throws LariatError `config.unreadable` for a missing file; `config.invalid`, whose message and `details.problems` have a
 * line `file: path (line:col): what — mend` for every problem
 * @param needs whether the files of the operator's account must be there: who only reads, or lets others send, needs no key
 */
export async function loadConfig(
  file: string,
  plugins: Plugins,
  needs: { readonly ecdsa: boolean } = { ecdsa: true },
): Promise<LoadedConfig> {
  const { source, origins, ...config } = await parseSource(file, await readBounded(file), plugins)
  const problems = await checkFiles(config, source, origins, needs)
  if (problems.length > 0) throw invalid(file, problems)
  return { ...config, file: resolve(file) }
}

/** A configuration without a look at the files that it names. */
export type ParsedConfig = Omit<LoadedConfig, 'file'>

/** Checks the text of a configuration file; opens nothing. @throws LariatError `config.invalid` */
export async function parseConfig(file: string, text: string, plugins: Plugins): Promise<ParsedConfig> {
  const { source: _, origins: __, ...config } = await parseSource(file, text, plugins)
  return config
}

async function parseSource(
  file: string,
  text: string,
  plugins: Plugins,
): Promise<ParsedConfig & { source: Source; origins: Origins }> {
  const source = parseYaml(file, text)
  const schema = nodeConfigSchema(dirname(resolve(file)))
  const { value, origins } = withEnvironment(toValue(file, source), schema, process.env)
  const parsed = schema.safeParse(value ?? {})
  if (!parsed.success) {
    const services = await checkServices(rawServices(value), plugins, source)
    throw invalid(file, [...problemsOf(parsed.error.issues, schema, source), ...services.problems])
  }
  const { services: sections, ...config } = parsed.data
  const { services, problems } = await checkServices(sections, plugins, source)
  problems.unshift(
    ...checkChains(config, source),
    ...checkSigningKey(config, source),
    ...checkPasswords(config.keys, source),
    ...checkShares(config.keys, services, source),
    ...checkCheckpoints(config.keys, services, source),
  )
  if (problems.length > 0) throw invalid(file, problems)
  return { ...config, services, source, origins }
}

/** Text of a configuration file. @throws LariatError `config.unreadable`, `config.invalid` when it is too long */
export async function readBounded(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > MAX_FILE_BYTES) {
      throw invalid(file, [
        {
          path: '',
          position: undefined,
          what: `has ${size} bytes`,
          mend: `a configuration has at most ${MAX_FILE_BYTES}`,
        },
      ])
    }
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof LariatError) throw error
    throw new LariatError(
      'config.unreadable',
      `${file}: cannot be read — give the path of an existing configuration file with --config; docs/configuration.md has an example`,
      { file },
      error,
    )
  }
}

/** @throws LariatError `config.invalid` */
export function parseYaml(file: string, text: string): Source {
  const lines = new LineCounter()
  // an address written without quotes must stay text, not become a number
  const customTags = (tags: Tags) =>
    tags.filter((tag) => !(typeof tag === 'object' && 'format' in tag && tag.format === 'HEX'))
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, customTags, logLevel: 'error' })
  if (document.errors.length > 0) {
    throw invalid(
      file,
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0])
        return {
          path: '',
          position: { line, column: col },
          what: `not YAML: ${error.message}`,
          mend: 'correct the syntax',
        }
      }),
    )
  }
  return { document, lines }
}

/** An alias of nothing, or too many of them, is noticed only here. */
function toValue(file: string, { document }: Source): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch {
    throw invalid(file, [
      {
        path: '',
        position: undefined,
        what: `an alias (*name) stands for nothing, or there are more than ${MAX_ALIASES}`,
        mend: 'write its value instead',
      },
    ])
  }
}

/** The error that tells the problems of a file: all of them, if they are as few as people can have made. */
export function invalid(file: string, problems: readonly ConfigProblem[]): LariatError {
  const texts = problems.slice(0, MAX_PROBLEMS_TOLD).map((problem) => {
    const text = formatProblem(file, problem)
    return text.length > MAX_PROBLEM_CHARACTERS ? `${text.slice(0, MAX_PROBLEM_CHARACTERS)}…` : text
  })
  const more = problems.length - texts.length
  if (more > 0) texts.push(`${file}: and ${more} more — correct these first; is it the right file?`)
  return new LariatError('config.invalid', texts.join('\n'), { file, problems: texts })
}

function rawServices(value: unknown): readonly unknown[] {
  const services = typeof value === 'object' && value !== null && 'services' in value ? value.services : undefined
  return Array.isArray(services) ? services : []
}

/** Checks each section by its plug-in's schema; sections that are not even objects with a `use` are the main schema's matter. */
async function checkServices(
  sections: readonly unknown[],
  plugins: Plugins,
  source: Source,
): Promise<{ services: ConfiguredService[]; problems: ConfigProblem[] }> {
  const services: ConfiguredService[] = []
  const problems: ConfigProblem[] = []
  const used = new Set<string>()
  for (const [index, section] of sections.entries()) {
    if (typeof section !== 'object' || section === null || !('use' in section) || typeof section.use !== 'string')
      continue
    const { use, ...own } = section
    const problem = (what: string, mend: string) =>
      problems.push({
        path: `services[${index}].use`,
        position: positionOf(source, ['services', index, 'use'], 'value'),
        what,
        mend,
      })
    const load = Object.hasOwn(plugins, use) ? plugins[use] : undefined
    if (load === undefined) {
      problem(`no service is called ${use}`, `the services are ${Object.keys(plugins).sort().join(', ')}`)
      continue
    }
    if (used.has(use)) {
      problem(`${use} is there twice`, 'a node serves one contract of a service; run another node for the other')
      continue
    }
    used.add(use)
    const definition = await load()
    const parsed = definition.configSchema.safeParse(own)
    if (parsed.success) services.push({ definition, config: parsed.data })
    else {
      // `contract` is the main schema's, which has told of it already
      const issues = parsed.error.issues.filter((issue) => issue.path[0] !== 'contract')
      problems.push(...problemsOf(issues, definition.configSchema, source, ['services', index]))
    }
  }
  return { services, problems }
}

/** Statements are signed by a key of this process or by a remote signer's: by one of them. */
function checkSigningKey({ keys, signer }: Pick<NodeConfig, 'keys' | 'signer'>, source: Source): ConfigProblem[] {
  if ((keys.bls === undefined) !== (signer === undefined)) return []
  return [
    {
      path: 'keys.bls',
      position: positionOf(source, signer === undefined ? ['keys'] : ['signer'], 'key'),
      what:
        signer === undefined
          ? 'there is no key that signs statements'
          : 'there are two keys that sign statements, this one and that of the remote signer',
      mend: 'name either the keystore as keys.bls, or the remote signer that has it as signer',
    },
  ]
}

/** Key shares lie in the data folder, encrypted: somebody must say with what. */
function checkShares(
  { shares }: NodeConfig['keys'],
  services: readonly ConfiguredService[],
  source: Source,
): ConfigProblem[] {
  const user = services.find(({ definition }) => definition.shares !== undefined)
  if (shares !== undefined || user === undefined) return []
  return [
    {
      path: 'keys.shares',
      position: positionOf(source, ['keys'], 'key'),
      what: `the service ${user.definition.name} keeps key shares, and there is no password for them`,
      mend: 'name its file as keys.shares.passwordFile; keep a copy of it apart from this machine',
    },
  ]
}

/** Checkpoints of Hyperlane's form are signed with a key of their own. */
function checkCheckpoints(
  { checkpoints }: NodeConfig['keys'],
  services: readonly ConfiguredService[],
  source: Source,
): ConfigProblem[] {
  const user = services.find(({ definition, config }) => definition.checkpoints?.(config) === true)
  if (checkpoints !== undefined || user === undefined) return []
  return [
    {
      path: 'keys.checkpoints',
      position: positionOf(source, ['keys'], 'key'),
      what: `the service ${user.definition.name} signs checkpoints, and there is no key for them`,
      mend: 'make one with lariat keys create --kind checkpoints, and name it as keys.checkpoints',
    },
  ]
}

/** The files that the configuration names must be there and be readable. */
async function checkFiles(
  { chain, keys, signer }: Pick<NodeConfig, 'chain' | 'keys' | 'signer'>,
  source: Source,
  origins: Origins,
  needs: { readonly ecdsa: boolean },
): Promise<ConfigProblem[]> {
  const keyFiles = (path: string, { keystore, passwordFile }: NodeConfig['keys']['ecdsa']) => [
    [`${path}.keystore`, keystore] as const,
    ...(passwordFile === undefined ? [] : [[`${path}.passwordFile`, passwordFile] as const]),
  ]
  const files: readonly (readonly [string, string])[] = [
    ['chain.deployment', chain.deployment],
    ...(keys.bls === undefined ? [] : keyFiles('keys.bls', keys.bls)),
    ...(signer === undefined
      ? []
      : ([
          ['signer.tls.ca', signer.tls.ca],
          ['signer.tls.cert', signer.tls.cert],
          ['signer.tls.key', signer.tls.key],
        ] as const)),
    ...(needs.ecdsa ? keyFiles('keys.ecdsa', keys.ecdsa) : []),
    ...(keys.checkpoints === undefined ? [] : keyFiles('keys.checkpoints', keys.checkpoints)),
    ...(keys.shares?.passwordFile === undefined
      ? []
      : [['keys.shares.passwordFile', keys.shares.passwordFile] as const]),
  ]
  const checked = await Promise.all(
    files.map(async ([path, file]): Promise<ConfigProblem | undefined> => {
      try {
        await access(file, constants.R_OK)
        return undefined
      } catch {
        const position = positionOf(source, path.split('.'), 'value')
        return {
          path,
          position,
          what: `${file} cannot be read`,
          mend: `correct ${origins.get(path) ?? 'the path (it is relative to this file)'} or the rights`,
        }
      }
    }),
  )
  return checked.filter((problem) => problem !== undefined)
}
