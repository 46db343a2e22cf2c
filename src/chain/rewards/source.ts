import { readFile, stat } from 'node:fs/promises'
import { LariatError } from '../../util/errors.ts'
import { publicUrl, type TextHttpClient } from '../../util/http.ts'
import { type Distribution, MAX_DISTRIBUTION_BYTES, parseDistribution } from './distribution.ts'
import type { RewardsRoot } from './roots.ts'

/** ms for a whole distribution, tens of megabytes, over a slow line. */
const DOWNLOAD_TIMEOUT_MS = 120_000

/** What a source may hold in braces; each is replaced by a fact of the root that is claimed against. */
export const SOURCE_PLACEHOLDERS = ['root', 'index', 'end', 'date'] as const

/** Where distributions come from. */
export interface DistributionSource {
  /** @throws LariatError `rewards.source` with what went wrong and where, `rewards.distribution`; the signal's reason */
  load(
    root: RewardsRoot,
    signal?: AbortSignal,
  ): Promise<{ readonly distribution: Distribution; readonly where: string }>
}

/**
 * Distributions from a file or URL. `{root}` (0x and 64 digits), `{index}`, `{end}` (unix seconds) and `{date}` (its day in
 * UTC, `2026-11-22`) in `template` are replaced; without them, the same place is read for every root.
 * @param template absolute path, or http(s) URL
 */
export function openSource(template: string, http: TextHttpClient): DistributionSource {
  return {
    async load(root, signal) {
      const place = fillSource(template, root)
      const remote = isUrl(place)
      const where = remote ? publicUrl(place) : place
      try {
        const options = { timeoutMs: DOWNLOAD_TIMEOUT_MS, maxBytes: MAX_DISTRIBUTION_BYTES }
        const text = remote
          ? await http.getText(place, { ...options, ...(signal === undefined ? {} : { signal }) })
          : await readBounded(place)
        return { distribution: await parseDistribution(text, where), where }
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        if (error instanceof LariatError && error.code.startsWith('rewards.')) throw error
        const why = error instanceof Error ? error.message : String(error)
        throw new LariatError(
          'rewards.source',
          `no distribution from ${where} (${why}): check rewards.source, or wait until it is published`,
          { where },
          error,
        )
      }
    },
  }
}

/** The place of the distribution of `root`. */
export function fillSource(template: string, { root, index, endTimestamp }: RewardsRoot): string {
  const facts: Record<(typeof SOURCE_PLACEHOLDERS)[number], string> = {
    root,
    index: `${index}`,
    end: `${endTimestamp}`,
    date: new Date(endTimestamp * 1_000).toISOString().slice(0, 10),
  }
  return SOURCE_PLACEHOLDERS.reduce((text, name) => text.replaceAll(`{${name}}`, facts[name]), template)
}

export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source)
}

async function readBounded(file: string): Promise<string> {
  const { size } = await stat(file)
  if (size > MAX_DISTRIBUTION_BYTES) {
    throw new LariatError(
      'rewards.source',
      `${file} has ${size} bytes, and a distribution at most ${MAX_DISTRIBUTION_BYTES}: name another file as rewards.source`,
      { file, size },
    )
  }
  return readFile(file, 'utf8')
}
