import { LariatError, roundAt, roundTime, type ServiceCommand } from 'lariat/avs'
import { NODE_OPTIONS, openChain } from './chain.ts'

/** Bytes of what is encrypted: it is held in memory, and what is larger is better encrypted with a key that is encrypted so. */
const MAX_BYTES = 1 << 20

/** `lariat randomness encrypt --until <time>`: standard input, for whoever reads it after that time. */
export const encrypt: ServiceCommand = {
  name: 'encrypt',
  description: 'encrypt standard input until a time: nobody can read it before the round of that time is made (tlock)',
  options: [
    ...NODE_OPTIONS,
    {
      flags: '--until <time>',
      description: 'such as 2027-01-01T00:00:00Z, or from now: 90s, 10m, 12h, 7d',
      required: true,
    },
  ],
  examples: ['--until 12h < letter.txt > letter.age', '--until 2099-01-01T00:00:00Z < letter.txt'],
  result: { noResult: 'what it prints is the encrypted text, in the format of age' },
  async run(context) {
    const { info, schedule } = await openChain(context)
    const until = timeOf(String(context.options.until), context.clock.now())
    const round = firstRoundFrom(schedule, until)
    const payload = await context.read(MAX_BYTES)
    const { Buffer: TlockBuffer, timelockEncrypt } = await import('tlock-js')
    const text = await timelockEncrypt(Number(round), TlockBuffer.from(payload), {
      options: { disableBeaconVerification: false, noCache: false },
      chain: () => ({ baseUrl: String(context.options.url), info: async () => info }),
      latest: refuse,
      get: refuse,
    })
    context.write(text.endsWith('\n') ? text : `${text}\n`)
    return true
  },
}

/** The first round whose time is not before `time` (ms since the epoch). */
function firstRoundFrom(schedule: Parameters<typeof roundAt>[0], time: number): bigint {
  const round = roundAt(schedule, time)
  if (round === 0n) return 1n
  return roundTime(schedule, round) < time ? round + 1n : round
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** ms since the epoch. @throws LariatError `usage.randomness` for what is no time, or one that has passed */
export function timeOf(text: string, now: number): number {
  const [, amount, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const time = amount === undefined ? Date.parse(text) : now + Number(amount) * (UNITS[unit] ?? 0)
  if (Number.isNaN(time) || (amount === undefined && !/^\d{4}-\d{2}-\d{2}T/.test(text))) {
    throw new LariatError('usage.randomness', `--until ${text}: expected a time such as 2027-01-01T00:00:00Z, or 10m`)
  }
  if (time <= now)
    throw new LariatError('usage.randomness', `--until ${text} has passed: everybody could read it at once`)
  return time
}

const refuse = (): never => {
  throw new Error('encrypting asks for no round')
}
