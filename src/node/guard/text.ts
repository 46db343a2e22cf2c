import type { StreamKey } from '../../store/guardkey.ts'
import type { RecordFacts, StreamFacts } from '../../store/sqlite/guardArchive.ts'
import type { Accepted, GuardState } from './accept.ts'
import type { Exported } from './export.ts'
import type { Imported } from './import.ts'
import type { Verified } from './verify.ts'

/** Contradictions of one stream that are named one by one. */
const MAX_BARRED = 10

const KIND_NAMES: Readonly<Record<number, string>> = { 1: 'certify', 2: 'observe', 3: 'propose', 4: 'deal' }

const time = (ms: number) => new Date(ms).toISOString()

function name({ chainId, serviceManager, operator, service, kind }: StreamKey): string {
  return `chain ${chainId}, ${serviceManager}, operator ${operator}, service ${service}, ${KIND_NAMES[kind] ?? `kind ${kind}`}`
}

export function recordText(path: string, record: RecordFacts, streams: readonly StreamFacts[]): string {
  const lines = [
    `${path}, record ${record.id}, ${record.generation} imports and decisions`,
    ...(record.retiredMs === undefined ? [] : [`retired at ${time(record.retiredMs)}: nothing is signed with it`]),
    ...(record.floorMs === 0 ? [] : [`nothing is signed that was triggered before ${time(record.floorMs)}`]),
    ...(streams.length === 0 ? ['nothing is on record'] : []),
  ]
  for (const { key, watermark, entries, barred, newest } of streams) {
    lines.push(
      name(key),
      `  ${entries} statements, newest slot ${newest ?? 'none'}, nothing is signed below ${watermark}${barred === 0 ? '' : `, ${barred} barred`}`,
    )
  }
  return `${lines.join('\n')}\n`
}

export function exportText({ file, streams, entries, retired }: Exported): string {
  const state = retired
    ? 'This record is retired: nothing is signed with it any more. Import the file on the other machine, then start that.'
    : 'This record is not retired, and the file is old as soon as it signs on: to move the operator, export with --retire.'
  return `${file}: ${entries} statements of ${streams} streams.\n${state}\n`
}

export function importText({ path, file, streams, retired }: Imported, dryRun: boolean): string {
  const lines = [`${file.exportedAt} is when the file was exported, from record ${file.recordId}.`]
  for (const { key, added, same, below, barred, watermark, watermarkBefore } of streams) {
    const raised =
      watermark > watermarkBefore ? `, nothing is signed below ${watermark} (before: ${watermarkBefore})` : ''
    lines.push(name(key), `  ${added} new, ${same} known, ${below} below the watermark${raised}`)
    for (const { slot, attempt } of barred.slice(0, MAX_BARRED)) {
      lines.push(`  SLOT ${slot} ATTEMPT ${attempt} HAS ANOTHER PAYLOAD HERE: nothing is signed there from now on`)
    }
    if (barred.length > MAX_BARRED) lines.push(`  and ${barred.length - MAX_BARRED} more such slots`)
  }
  if (streams.some(({ barred }) => barred.length > 0)) {
    lines.push(
      'This operator has signed two payloads for a slot, or one of the two records is wrong: find out before it signs on.',
    )
  }
  if (retired) lines.push(`${path} stays retired: the file was not exported with --retire by another machine.`)
  else if (!file.retired)
    lines.push(
      'The file does not say that its machine has stopped: see that it signs no more before you start this one.',
    )
  if (dryRun) lines.push('Nothing was changed: this was a dry run.')
  return `${lines.join('\n')}\n`
}

export function verifyText({ path, entries, problems }: Verified): string {
  if (problems.length === 0) return `${path}: ${entries} statements, all in order\n`
  return `${problems.join('\n')}\n`
}

export function acceptText(state: GuardState, { path, floorMs, setAside }: Accepted): string {
  return [
    ...setAside.map((file) => `moved to ${file}`),
    `${path} was ${state}, and is signed with from now on.`,
    `What was triggered before ${time(floorMs)} is never signed with it: that holds only if no other instance of this operator runs.`,
    '',
  ].join('\n')
}
