import { parse, stringify } from 'yaml'
import * as z from 'zod'

/** A file of Prometheus' alerting rules. */
export const ruleFileSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.record(z.string(), z.string()),
          annotations: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
})
export type RuleFile = z.infer<typeof ruleFileSchema>

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }
/** Label of scaled rules: by how much. */
export const SCALED_LABEL = 'scaled'
/** Shortest window and `for`, seconds: a window needs a few scrapes, one every two seconds. */
const MIN_WINDOW = 10
const MIN_FOR = 1

/** Prometheus' duration of one unit, as seconds. @throws Error for others, which the rules do not use */
export function secondsOf(duration: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? []
  const seconds = SECONDS[unit]
  if (count === undefined || seconds === undefined) throw new Error(`"${duration}" is no duration of one unit`)
  return Number(count) * seconds
}

/**
 * The same rules for a test that has no time: every window (`[10m]`) and every `for` is divided by `factor`, thresholds and all
 * else are left alone, and each rule gets the label `scaled`, so that the two can stand beside each other.
 */
export function scaleRules(text: string, factor: number): string {
  const { groups } = ruleFileSchema.parse(parse(text))
  const scaled = (duration: string, least: number) => `${Math.max(least, Math.round(secondsOf(duration) / factor))}s`
  return stringify({
    groups: groups.map(({ name, rules }) => ({
      name: `${name}-scaled`,
      rules: rules.map(({ expr, for: pending, labels, ...rest }) => ({
        ...rest,
        expr: expr.replaceAll(/\[(\d+[smhd])\]/g, (_, window: string) => `[${scaled(window, MIN_WINDOW)}]`),
        ...(pending === undefined ? {} : { for: scaled(pending, MIN_FOR) }),
        labels: { ...labels, [SCALED_LABEL]: `${factor}` },
      })),
    })),
  })
}
