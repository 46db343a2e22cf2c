import type { Address } from '../../util/hex.ts'
import { list, percent } from '../operator/words.ts'
import { CHAIN_EVERY_MS, CHAIN_TRUST_MS } from './registration.ts'
import type { Slash } from './slashes.ts'
import { fail, type SelfCheck, warn } from './types.ts'

const WAD = 10n ** 18n
const rhythm = { everyMs: CHAIN_EVERY_MS, trustMs: CHAIN_TRUST_MS } as const

export interface SlashedOptions {
  /** Slashes that are not acknowledged. */
  readonly slashes: () => Promise<readonly Slash[]>
  readonly services: readonly { readonly name: string; readonly contract: Address }[]
}

/** One check for each service, whose slashes stop its signing, and one for all other sets. */
export function slashedChecks({ slashes, services }: SlashedOptions): SelfCheck[] {
  const by = (contract: Address) => async () =>
    (await slashes()).filter(({ set }) => set.avs.toLowerCase() === contract.toLowerCase())
  const elsewhere = async () => {
    const served = services.map(({ contract }) => contract.toLowerCase())
    return (await slashes()).filter(({ set }) => !served.includes(set.avs.toLowerCase()))
  }
  return [
    ...services.map(
      ({ name, contract }): SelfCheck => ({
        name: 'slashed',
        service: name,
        ...rhythm,
        async run() {
          const found = await by(contract)()
          return found.length === 0
            ? undefined
            : fail(
                `${name} slashed this operator: ${describe(found)}; find out why (a second instance? lariat evidence list), then lariat acknowledge slashed`,
              )
        },
      }),
    ),
    {
      name: 'slashed elsewhere',
      ...rhythm,
      async run() {
        const found = await elsewhere()
        return found.length === 0
          ? undefined
          : warn(`this operator was slashed: ${describe(found)}; find out why, then lariat acknowledge slashed`)
      },
    },
  ]
}

/** Slashes that are told one by one. */
const TOLD = 3

export function describe(slashes: readonly Slash[]): string {
  const told = slashes.slice(-TOLD).map(describeOne)
  return list(slashes.length > TOLD ? [`${slashes.length - TOLD} earlier ones`, ...told] : told)
}

/** `5 % by set 0 of 0x… in block 12 ("reason")` */
export function describeOne({ wad, set, block, description }: Slash): string {
  const why = description === '' ? '' : ` ("${description}")`
  return `${percent(wad, WAD)} by operator set ${set.id} of ${set.avs} in block ${block}${why}`
}
