import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import { ruleFileSchema, SCALED_LABEL, scaleRules, secondsOf } from '../../../scripts/lib/scaledRules.ts'
import { labelsOf } from '../../support/promql.ts'

const ROOT = new URL('../../../', import.meta.url)
const RULES = new URL('docker/prometheus/rules/', ROOT)
const TESTS = new URL('docker/prometheus/tests/', ROOT)
const RUNBOOKS = new URL('docs/runbooks/', ROOT)
const ALERTMANAGER = new URL('docker/alertmanager/alertmanager.yml', ROOT)
const SECTIONS = ['What it means', 'What is at stake', 'How to look', 'How to mend it', 'What not to do']

/** Promtool's tests, as far as they are looked at here. */
const testFileSchema = z.object({
  rule_files: z.array(z.string()),
  tests: z.array(
    z.object({
      name: z.string(),
      input_series: z.array(z.object({ series: z.string(), values: z.string() })),
      alert_rule_test: z.array(
        z.object({
          alertname: z.string(),
          exp_alerts: z.array(z.object({ exp_labels: z.record(z.string(), z.string()) })),
        }),
      ),
    }),
  ),
})

const inhibitSchema = z.object({
  inhibit_rules: z.array(
    z.object({
      source_matchers: z.array(z.string()),
      target_matchers: z.array(z.string()),
      equal: z.array(z.string()),
    }),
  ),
})

describe('alerts', () => {
  const files = readdirSync(RULES).map((name) => {
    const text = readFileSync(new URL(name, RULES), 'utf8')
    return { name, text, rules: ruleFileSchema.parse(parse(text)).groups.flatMap((group) => group.rules) }
  })
  const rules = files.flatMap((file) => file.rules)

  it('have names of their own, a severity, and words for people', () => {
    assert.ok(rules.length >= 40)
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
    for (const { alert, labels, annotations } of rules) {
      assert.match(alert, /^Lariat[A-Z][A-Za-z]+$/)
      assert.deepEqual(Object.keys(labels), ['severity'], alert)
      assert.ok(['critical', 'warning', 'info'].includes(labels.severity ?? ''), alert)
      assert.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook_url'], alert)
      for (const text of Object.values(annotations)) assert.ok(text.length > 15, alert)
    }
  })

  it('ask for metrics that there are, and name labels that their series have', () => {
    for (const { alert, expr, annotations } of rules) {
      const labels = labelsOf(expr)
      for (const text of Object.values(annotations)) {
        for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g)) {
          assert.ok(labels.includes(label), `${alert}: $labels.${label}`)
        }
      }
    }
  })

  it('each have a runbook, and each runbook an alert', () => {
    for (const { alert, annotations } of rules) assert.equal(annotations.runbook_url, `docs/runbooks/${alert}.md`)
    assert.deepEqual(readdirSync(RUNBOOKS).sort(), rules.map(({ alert }) => `${alert}.md`).sort())
  })

  it('have runbooks that say the severity and the delay of the rule, and what to do and not to do', () => {
    for (const { name, rules: own } of files) {
      for (const { alert, labels, for: pending } of own) {
        const text = readFileSync(new URL(`${alert}.md`, RUNBOOKS), 'utf8')
        const when = pending === undefined ? 'at once' : `when it has lasted for ${pending}`
        const head = `# ${alert}\n\nSeverity **${labels.severity}**, told ${when}. The rule is in \`docker/prometheus/rules/${name}\`.`
        assert.ok(text.startsWith(head), `${alert}.md does not begin with:\n${head}`)
        const sections = text.split('\n## ').slice(1)
        assert.deepEqual(
          sections.map((section) => section.split('\n', 1)[0]),
          SECTIONS,
          alert,
        )
        for (const section of sections) assert.ok(section.length > 40, `${alert}: ${section}`)
        for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
          assert.ok(existsSync(new URL(target, RUNBOOKS)), `${alert}: ${target}`)
        }
      }
    }
  })

  it('each have a test of promtool that sees it fire, and be silent before and after', () => {
    for (const { name, rules: own } of files) {
      const { rule_files, tests } = testFileSchema.parse(parse(readFileSync(new URL(name, TESTS), 'utf8')))
      assert.deepEqual(rule_files, [`../rules/${name}`])
      assert.deepEqual(
        tests.map((test) => test.name),
        own.map(({ alert }) => alert),
      )
      for (const [index, { name: alert, alert_rule_test: cases }] of tests.entries()) {
        assert.ok(cases.every(({ alertname }) => alertname === alert))
        const fired = cases.map(({ exp_alerts }) => exp_alerts.length)
        const pending = own[index]?.for !== undefined
        assert.deepEqual(fired, pending ? [0, 0, 1, 0] : [0, 1, 0], alert)
      }
    }
    assert.equal(readdirSync(TESTS).length, files.length)
  })

  it('are held back by Alertmanager only for alerts that there are, and where both have the labels that must be equal', () => {
    const { inhibit_rules: inhibited } = inhibitSchema.parse(parse(readFileSync(ALERTMANAGER, 'utf8')))
    assert.ok(inhibited.length > 0)
    for (const { source_matchers, target_matchers, equal } of inhibited) {
      for (const matcher of [...source_matchers, ...target_matchers]) {
        const [, names = ''] = /^alertname (?:=|=~) "([\w|]+)"$/.exec(matcher) ?? assert.fail(matcher)
        for (const name of names.split('|')) {
          const rule = rules.find(({ alert }) => alert === name) ?? assert.fail(`there is no ${name}`)
          // every series of a scraped node has its instance
          const labels = ['instance', ...labelsOf(rule.expr)]
          for (const label of equal) assert.ok(labels.includes(label), `${name} has no ${label}`)
        }
      }
    }
  })

  it('can be scaled by a rule, which changes windows and delays alone', () => {
    assert.deepEqual(['30s', '5m', '6h', '1d'].map(secondsOf), [30, 300, 21_600, 86_400])
    assert.throws(() => secondsOf('1h30m'), /no duration of one unit/)
    for (const { text, rules: own } of files) {
      const { groups } = ruleFileSchema.parse(parse(scaleRules(text, 60)))
      for (const [index, scaled] of groups.flatMap((group) => group.rules).entries()) {
        const rule = own[index] ?? assert.fail()
        const plain = (expr: string) => expr.replaceAll(/\[\w+\]/g, '[]')
        assert.equal(plain(scaled.expr), plain(rule.expr))
        assert.deepEqual(scaled.labels, { ...rule.labels, [SCALED_LABEL]: '60' })
        assert.deepEqual(scaled.annotations, rule.annotations)
        if (rule.for === undefined) assert.equal(scaled.for, undefined)
        else assert.equal(secondsOf(scaled.for ?? ''), Math.max(1, Math.round(secondsOf(rule.for) / 60)))
        assert.doesNotMatch(scaled.expr, /\[\d+[mhd]\]/)
      }
    }
  })
})
