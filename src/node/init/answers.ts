import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { getAddress, isAddress } from 'viem'
import { type Deployment, loadDeployment } from '../../chain/deployment.ts'
import { LariatError } from '../../util/errors.ts'
import type { Prompt } from '../../util/prompt.ts'
import type { JsonSchema } from '../config/jsonSchema.ts'
import { listKeys } from '../keys/list.ts'
import { sampleOf, type Tree } from './render.ts'

/** What `lariat init` is told by options; what is missing is asked for. */
export interface InitOptions {
  /** File to write. */
  readonly out: string
  readonly deployment?: string | undefined
  readonly rpc?: readonly string[] | undefined
  /** Folder of the keystores, as `lariat keys create` fills it. */
  readonly keys: string
  readonly operator?: string | undefined
  /** Names of services, or `name=address`. */
  readonly service?: readonly string[] | undefined
  readonly announce?: readonly string[] | undefined
  readonly dataDir: string
  readonly singleProvider?: boolean | undefined
}

/** Asks for what is missing, or says at once all that is. */
interface Asker {
  /** The given value, or the answer to the question; an empty answer is `fallback`. */
  need(option: string, given: string | undefined, question: string, fallback?: string): Promise<string>
}

/**
 * The values of the configuration that the options and the answers make.
 * @throws LariatError `init.answer`, `deployment.…`, `usage.cancelled`
 */
export async function answer(options: InitOptions, schema: JsonSchema, prompt: Prompt): Promise<Tree> {
  const asker = askerOf(options, prompt)
  const file = resolve(await asker.need('--deployment FILE', options.deployment, 'Deployment file of the chain'))
  const deployment = await loadDeployment(file)
  const rpc = listOf(
    await asker.need('--rpc URL', textOf(options.rpc), 'Providers (URLs with spaces between, by different people)'),
  )
  const found = await operatorOf(options.keys)
  const operator = await asker.need('--operator ADDRESS', options.operator, 'Address of the operator', found)
  if (!isAddress(operator)) throw wrong(`--operator ${operator}: expected an address with a correct checksum`)
  const offered = Object.keys(deployment.services)
  const services = listOf(
    await asker.need(
      '--service NAME',
      textOf(options.service),
      `Services (of ${offered.join(', ') || 'the deployment none'})`,
      offered[0],
    ),
  )
  const announce = listOf(
    options.announce === undefined && prompt.interactive
      ? await prompt.ask(
          'Where other operators reach this node, such as /dns4/node.example/tcp/9510 (may be left empty): ',
        )
      : (textOf(options.announce) ?? ''),
  )
  const path = (name: string) => written(options.out, name)
  const keyFiles = (name: string) => ({
    keystore: path(join(options.keys, `${name}.json`)),
    passwordFile: path(join(options.keys, `${name}.password`)),
  })
  const sections = services.map((one) => sectionOf(one, deployment, schema))
  const usesShares = sections.some(({ use }) => use === 'randomness')
  return {
    dataDir: path(options.dataDir),
    chain: {
      id: deployment.chainId,
      rpc: rpc.map((url) => ({ url })),
      ...(options.singleProvider === true ? { singleProvider: true } : {}),
      deployment: path(file),
    },
    operator: { address: getAddress(operator) },
    keys: {
      bls: keyFiles('bls'),
      ecdsa: keyFiles('ecdsa'),
      ...(usesShares ? { shares: { passwordFile: path(join(options.keys, 'shares.password')) } } : {}),
    },
    p2p: announce.length === 0 ? {} : { announce },
    services: sections,
  }
}

/** Without a terminal all options that are missing are told in one message. */
function askerOf(options: InitOptions, prompt: Prompt): Asker {
  const missing = [
    ...(options.deployment === undefined ? ['--deployment FILE'] : []),
    ...(options.rpc === undefined ? ['--rpc URL'] : []),
  ]
  if (!prompt.interactive && missing.length > 0) {
    throw wrong(`nobody is at a terminal to be asked: give ${missing.join(' and ')}`)
  }
  return {
    async need(option, given, question, fallback) {
      const shown = fallback === undefined ? '' : ` [${fallback}]`
      const answered = given ?? (prompt.interactive ? (await prompt.ask(`${question}${shown}: `)).trim() : '')
      const value = answered === '' ? (fallback ?? '') : answered
      if (value === '') throw wrong(`it is not said what ${option} is: give the option`)
      return value
    },
  }
}

/** The account of the keystore that `lariat keys create` makes, when it is there. */
async function operatorOf(folder: string): Promise<string | undefined> {
  if (!existsSync(folder)) return undefined
  const account = (await listKeys(folder)).find(({ kind, file }) => kind === 'ecdsa' && file.endsWith('ecdsa.json'))
  return account?.address
}

/** @throws LariatError `init.answer` for one that nothing is known of, or that needs what only its operator knows */
function sectionOf(text: string, deployment: Deployment, schema: JsonSchema): Tree {
  const [use = '', given] = text.split('=')
  const rules = schema.properties?.services?.items?.allOf ?? []
  const own = rules.find((rule) => rule.if?.properties?.use?.const === use)?.then
  if (own === undefined) {
    const names = rules.map((rule) => String(rule.if?.properties?.use?.const))
    throw wrong(`--service ${use}: there is no such service; there are ${names.join(', ')}`)
  }
  const contract = given ?? deployment.services[use]
  if (contract === undefined || !isAddress(contract)) {
    throw wrong(`--service ${text}: the deployment does not say where its contract is: give --service ${use}=ADDRESS`)
  }
  const rest = (own.required ?? [])
    .filter((key) => key !== 'use' && key !== 'contract')
    .map((key) => {
      const sample = sampleOf(own.properties?.[key] ?? {})
      if (sample !== undefined) return [key, sample] as const
      throw wrong(
        `--service ${use}: only its operator knows what ${key} is: leave it out, and add its section as docs/configuration.md has it`,
      )
    })
  return { use, contract: getAddress(contract), ...Object.fromEntries(rest) }
}

/** A path as it is written: relative to the file where it lies below it. */
function written(out: string, name: string): string {
  const path = relative(dirname(resolve(out)), resolve(name))
  return path.startsWith('..') || isAbsolute(path) ? resolve(name) : `./${path}`
}

const textOf = (list: readonly string[] | undefined) => list?.join(' ')
const listOf = (text: string) => text.split(/[\s,]+/).filter((one) => one !== '')

function wrong(what: string): LariatError<'init.answer'> {
  return new LariatError('init.answer', what)
}
