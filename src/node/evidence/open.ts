import { existsSync } from 'node:fs'
import type { EvidenceCase, EvidenceStore } from '../../store/evidence.ts'
import { openEvidenceStore } from '../../store/sqlite/evidence.ts'
import { LariatError } from '../../util/errors.ts'
import { files } from '../files.ts'

/** The evidence of a data folder, whether its node runs or not; undefined when there is none yet. @throws LariatError `store.…` */
export function openEvidenceOf(dataDir: string): EvidenceStore | undefined {
  const { evidence } = files(dataDir)
  return existsSync(evidence) ? openEvidenceStore(evidence) : undefined
}

/** All cases of a data folder, newest first. @throws LariatError `store.…` */
export function casesOf(dataDir: string): EvidenceCase[] {
  const store = openEvidenceOf(dataDir)
  try {
    return store?.list() ?? []
  } finally {
    store?.close()
  }
}

/**
 * The cases that share the evidence whose id begins with `text`.
 * @throws LariatError `usage.evidence` when there is none, or more than one evidence begins so
 */
export function casesOfId(cases: readonly EvidenceCase[], text: string): EvidenceCase[] {
  const prefix = text.toLowerCase()
  const found = cases.filter(({ id }) => id.startsWith(prefix))
  const [first] = found
  if (!/^0x[0-9a-f]{2,64}$/.test(prefix) || first === undefined) {
    throw new LariatError('usage.evidence', `there is no evidence ${text}: lariat evidence list shows what there is`)
  }
  if (found.some(({ id }) => id !== first.id)) {
    throw new LariatError('usage.evidence', `more than one evidence begins with ${text}: give more of its id`)
  }
  return found
}
