import {
  bytesToHex,
  hexToBytes,
  LariatError,
  openGroupKey,
  randomness,
  roundTime,
  type ServiceCommand,
  startThreshold,
  verifyRound,
} from 'lariat/avs'
import * as z from 'zod'
import { hex, NODE_OPTIONS, openChain } from './chain.ts'

const roundSchema = z.object({ round: z.int().min(1), randomness: hex(32), signature: hex(48) })

/** @throws LariatError `usage.randomness` */
function roundOf(text: string): bigint {
  if (/^[1-9]\d{0,15}$/.test(text)) return BigInt(text)
  throw new LariatError('usage.randomness', `"${text}" is no round: a round is a number from 1`)
}

/** `lariat randomness get [round]`: one round, verified. */
export const get: ServiceCommand = {
  name: 'get',
  description: 'print a round of a node, the newest when none is named; what does not verify is refused',
  arguments: [{ name: 'round', description: 'its number', optional: true }],
  options: NODE_OPTIONS,
  examples: ['', '1000 --json'],
  result: { json: '{ round: number, randomness, signature, time }' },
  async run(context) {
    const [asked] = context.args
    if (asked !== undefined) roundOf(asked)
    const chain = await openChain(context)
    const answer = roundSchema.safeParse(
      await chain.get(`public/${asked === undefined ? 'latest' : roundOf(asked).toString()}`),
    )
    if (!answer.success) throw new LariatError('randomness.answer', 'the node does not answer as drand does')
    const { round, signature } = answer.data
    const bytes = hexToBytes(`0x${signature}`)
    const told = bytesToHex(randomness(bytes)).slice(2)
    const isAsked = asked === undefined || BigInt(round) === roundOf(asked)
    if (!isAsked || told !== answer.data.randomness || !verifyRound(chain.key, BigInt(round), bytes)) {
      throw new LariatError('randomness.false', `what the node tells as round ${asked ?? round} does not verify`, {
        round,
      })
    }
    const time = new Date(roundTime(chain.schedule, BigInt(round))).toISOString()
    context.write(
      context.options.json === true
        ? `${JSON.stringify({ ...answer.data, time })}\n`
        : `round       ${round}, ${time}\nrandomness  ${told}\nsignature   ${signature}\n`,
    )
    return true
  },
}

/** `lariat randomness verify <round> <signature>`. */
export const verify: ServiceCommand = {
  name: 'verify',
  description: 'see whether a signature is a round’s; exit code 1 when it is not',
  arguments: [
    { name: 'round', description: 'its number' },
    { name: 'signature', description: '96 hex digits' },
  ],
  options: [
    ...NODE_OPTIONS,
    { flags: '--public-key <key>', description: 'the group’s key, 192 hex digits: no node is asked then' },
  ],
  examples: [`1000 ${'ab'.repeat(48)}`],
  result: {
    json: '{ round: number, valid: boolean, randomness }: randomness is null when the signature is not the round’s',
  },
  async run(context) {
    const [round = '', signature = ''] = context.args
    const number = roundOf(round)
    const given = context.options.publicKey?.toString().replace(/^0x/, '')
    const bytes = parse(signature.replace(/^0x/, ''), 48, 'signature')
    await startThreshold()
    const key =
      given === undefined ? (await openChain(context)).key : openGroupKey(parse(given.toLowerCase(), 96, 'public key'))
    const isTrue = verifyRound(key, number, bytes)
    const told = isTrue ? bytesToHex(randomness(bytes)).slice(2) : null
    if (context.options.json === true) {
      context.write(`${JSON.stringify({ round: Number(number), valid: isTrue, randomness: told })}\n`)
      return isTrue
    }
    context.write(
      isTrue
        ? `round ${number} is true; its randomness is ${told}\n`
        : `this is not the signature of round ${number}\n`,
    )
    return isTrue
  },
}

/** `lariat randomness info`: what the chain is. */
export const info: ServiceCommand = {
  name: 'info',
  description: 'print what a node’s chain is: key, period, genesis, and the round of now',
  options: NODE_OPTIONS,
  examples: ['', '--url http://127.0.0.1:9520 --json'],
  result: {
    json: '{ public_key, period: number, genesis_time: number, hash, groupHash, schemeID, metadata: { beaconID } }, as drand has it',
  },
  async run(context) {
    const { info: told, schedule } = await openChain(context)
    if (context.options.json === true) {
      context.write(`${JSON.stringify(told)}\n`)
      return true
    }
    const since = Math.floor(context.clock.now() / 1_000) - told.genesis_time
    const current = since < 0 ? 0 : Math.floor(since / told.period) + 1
    context.write(
      [
        `chain hash  ${told.hash}`,
        `public key  ${told.public_key}`,
        `scheme      ${told.schemeID}`,
        `period      ${told.period} s`,
        `genesis     ${new Date(roundTime(schedule, 1n)).toISOString()}`,
        `round       ${current}`,
        '',
      ].join('\n'),
    )
    return true
  },
}

function parse(text: string, bytes: number, what: string): Uint8Array {
  const parsed = hex(bytes).safeParse(text.toLowerCase())
  if (parsed.success) return hexToBytes(`0x${parsed.data}`)
  throw new LariatError('usage.randomness', `the ${what} has to be ${2 * bytes} hex digits`)
}
