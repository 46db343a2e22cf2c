import type { CaseStatus } from '../../store/evidence.ts'
import type { Testimony } from '../../types/evidence.ts'
import type { Kind } from '../../types/statement.ts'
import type { LoadedConfig } from '../config/load.ts'
import { serviceIdOf } from '../service.ts'

const WHAT = { 1: 'certify', 2: 'observe', 3: 'propose', 4: 'deal' } as const satisfies Record<Kind, string>

/** Name of a kind of statements. */
export function kindWord(kind: number): string {
  return WHAT[kind as Kind] ?? `kind ${kind}`
}

/** What a status means, for people. */
export const STATUS_WORDS: Readonly<Record<CaseStatus, string>> = {
  open: 'not slashed yet, or not in a finalized block yet',
  slashed: 'slashed',
  expired: 'nobody brought it before the evidence window of the epoch ended',
  refused: 'the contract does not take it',
  own: 'against this operator, which does not bring it',
}

/** Name of a service of the configuration by its id in statements, else the id. */
export function serviceWord({ services }: Pick<LoadedConfig, 'services'>, id: string): string {
  const found = services.find(
    ({ definition, config }) => (definition.serviceId?.(config) ?? serviceIdOf(definition.name)).toLowerCase() === id,
  )
  return found?.definition.name ?? id
}

/** `the operator's own signature` and the like. */
export function formWord({ form }: Testimony): string {
  return form === 'signature' ? "the operator's own signature" : 'a certificate that it is in'
}

/** `2026-11-22 20:15:03 UTC` */
export function timeWord(ms: number): string {
  const text = new Date(ms).toISOString()
  return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`
}
