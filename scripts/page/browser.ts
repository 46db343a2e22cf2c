import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Debian's Chromium, installed where it is missing. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
    const packages = ['chromium', 'fonts-dejavu-core']
    execFileSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...packages], { stdio: 'inherit' })
  }
  // its sandbox does not work for root
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: CHROMIUM, args })
}

/** What a browser said that a page should not give it cause to say. */
export interface Complaints {
  readonly all: string[]
  /** Until this is false again, failed requests are nothing to complain of: the node is down. */
  mayFail: boolean
}

/** Notes errors of the console (violations of the policy among them), exceptions, and requests to elsewhere. */
export function listen(page: Page, origin: string): Complaints {
  const complaints: Complaints = { all: [], mayFail: false }
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() !== 'error' && message.type() !== 'warning') return
    if (complaints.mayFail && /^Failed to load resource: net::ERR_/.test(text)) return
    complaints.all.push(`console: ${text}`)
  })
  page.on('pageerror', (error) => complaints.all.push(`exception: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) complaints.all.push(`request to ${request.url()}`)
  })
  return complaints
}

/** Violations of accessibility that axe-core finds, each with the elements that it is about. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  // as an expression, not as a script of the page: its policy stays in force
  await page.evaluate(`${axe}; undefined`)
  return page.evaluate<string[]>(`axe.run().then(({ violations }) =>
    violations.map(({ id, help, nodes }) => [id, help, ...nodes.map(({ html }) => html.slice(0, 200))].join(' | ')),
  )`)
}

/** Pixels by which the page is wider than the window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

/** What the Tab key must reach: links, buttons, summaries and scrolling regions that are shown. */
const WANTED = 'a[href], button, summary, [tabindex="0"]'

/** How the Tab key goes through a page. */
export interface Walk {
  /** Names of what had the focus, in order. */
  readonly reached: readonly string[]
  /** What had the focus and cannot be seen, and what is there and never had it. */
  readonly wrong: readonly string[]
}

/** Goes through the page with the Tab key alone, at most `most` steps. Elements are known by a mark, as their texts are live. */
export async function walk(page: Page, most = 200): Promise<Walk> {
  const NAME = `(e) => e.tagName.toLowerCase() + ': ' + (e.getAttribute('aria-label') ?? e.textContent.trim().slice(0, 60))`
  await page.evaluate(`for (const e of document.querySelectorAll('${WANTED}')) {
    if (e.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })) e.dataset.wanted = ''
  }
  document.activeElement?.blur()
  window.scrollTo(0, 0)`)
  const reached: string[] = []
  const wrong: string[] = []
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    const { name, isSeen } = await page.evaluate<{ name: string; isSeen: boolean }>(`(() => {
      const { activeElement: e } = document
      if (e === null || e === document.body) return { name: '', isSeen: true }
      delete e.dataset.wanted
      const box = e.getBoundingClientRect()
      return { name: (${NAME})(e), isSeen: box.width > 0 && box.height > 0 }
    })()`)
    if (name === '') break
    reached.push(name)
    if (!isSeen) wrong.push(`unseen: ${name}`)
  }
  const left = await page.evaluate<string[]>(`[...document.querySelectorAll('[data-wanted]')].map(${NAME})`)
  return { reached, wrong: [...wrong, ...left.map((name) => `not reached: ${name}`)] }
}
