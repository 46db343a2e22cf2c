import type { Chain } from '../../chain/clients.ts'
import type { Clock } from '../../util/clock.ts'
import { describe } from '../../util/errors.ts'
import { fail, type SelfCheck } from './types.ts'

/** A head that is older than this is a chain that stands still or a provider that does, ms: two and a half of Ethereum's epochs of missed slots never were. */
export const MAX_HEAD_AGE_MS = 120_000
/** Ethereum finalizes two epochs (13 minutes) behind; in its worst hours so far it did not for 64 minutes. ms */
export const MAX_FINALITY_AGE_MS = 3_600_000

const EVERY_MS = 5_000
/** ms; one provider's pause is not worth an alarm, as the next is asked at once. */
const TRUST_MS = 10_000

type Seen = Pick<Chain, 'providers' | 'heads'>

/** A provider answers, with a recent block. */
export function chainCheck({ providers }: Seen, clock: Clock): SelfCheck {
  return {
    name: 'chain',
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    async run() {
      let block: { readonly timestamp: bigint }
      try {
        block = await providers.ask('the newest block', (client) => client.getBlock({ blockTag: 'latest' }))
      } catch (error) {
        return fail(`no provider answers: ${describe(error)}`)
      }
      const age = clock.now() - Number(block.timestamp) * 1_000
      return age > MAX_HEAD_AGE_MS ? fail(chainAge(age)) : undefined
    },
  }
}

/** @param age of the newest block, ms */
export const chainAge = (age: number): string =>
  `the newest block is ${Math.round(age / 1_000)} s old: check the providers, and the clock of this machine`

/** The finalized block moves on. Measured against the newest block's time, so that a chain that stands still is told once. */
export function finalityCheck({ heads }: Seen): SelfCheck {
  return {
    name: 'finality',
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    run() {
      const behind = Number(heads.current('latest').timestamp - heads.current('finalized').timestamp) * 1_000
      return behind > MAX_FINALITY_AGE_MS
        ? fail(
            `the finalized block is ${Math.round(behind / 60_000)} minutes behind the newest: compare with another source; replace the providers if it shows a newer one`,
          )
        : undefined
    },
  }
}
