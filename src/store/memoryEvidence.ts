import { bytesToHex, type Hex } from '../util/hex.ts'
import { type CaseKey, type EvidenceCase, type EvidenceStore, MAX_CASES } from './evidence.ts'
import { checkCase, checkKey, checkTransaction, refuseFull } from './evidenceChecks.ts'
import { listLimit, MAX_LIST_ROWS, refuseClosed } from './limits.ts'

/** Evidence in memory: for tests. */
export function memoryEvidenceStore(limit = MAX_CASES): EvidenceStore {
  const cases = new Map<string, EvidenceCase>()
  let closed = false
  const check = () => {
    if (closed) refuseClosed('the evidence in memory')
  }
  return {
    add(found) {
      checkCase(found)
      check()
      const id = keyOf(found)
      if (cases.has(id)) return false
      if (cases.size >= limit) {
        const settled = [...cases].filter(([, { status }]) => status !== 'open')
        const [oldest] = settled.sort(([, a], [, b]) => a.changedAt - b.changedAt)
        if (oldest === undefined) refuseFull(limit)
        cases.delete(oldest[0])
      }
      const { serviceManager, service, operator, id: evidence } = found
      cases.set(id, {
        ...structuredClone(found),
        serviceManager: lower(serviceManager),
        service: lower(service),
        operator: lower(operator),
        id: lower(evidence),
      })
      return true
    },
    has(key) {
      check()
      return cases.has(keyOf(key))
    },
    settle(key, { status, at, transaction, note }) {
      checkTransaction(transaction)
      check()
      const id = keyOf(key)
      const found = cases.get(id)
      if (found === undefined) return
      cases.set(id, {
        ...found,
        status,
        changedAt: at,
        transaction: transaction ?? found.transaction,
        note: note ?? found.note,
      })
    },
    list({ serviceManager, service, status, limit: most = MAX_LIST_ROWS } = {}) {
      check()
      return [...cases.values()]
        .reverse()
        .sort((a, b) => b.seenAt - a.seenAt)
        .filter(
          (one) =>
            (serviceManager === undefined || one.serviceManager === lower(serviceManager)) &&
            (service === undefined || one.service === lower(service)) &&
            (status === undefined || one.status === status),
        )
        .slice(0, listLimit(most))
        .map((one) => structuredClone(one))
    },
    close() {
      closed = true
    },
  }
}

function keyOf(key: CaseKey): string {
  const { serviceManager, service, operator, epoch } = checkKey(key)
  return [...[serviceManager, service, operator].map(bytesToHex), epoch].join('/')
}

function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex
}
