// npm run check:page: the status page in Chromium, over a real network of four operators, one of which is killed. Installs Debian's
// chromium where it is missing. Leaves screenshots in build/screenshots.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { startTestnet, type Testnet } from '../src/testnet/launcher.ts'
import { syntheticSeries } from '../src/testnet/venues/synthetic.ts'
import { listen, openBrowser, overflowOf, violationsOf, walk } from './page/browser.ts'

const ROOT = join(import.meta.dirname, '..')
const SHOTS = join(ROOT, 'build', 'screenshots')
const BUNDLE = join(ROOT, 'dist', 'lariat.js')
/** ms for what a page must show: a machine that is busy with other things needs some. */
const DEADLINE_MS = 60_000
/** ms for the first rounds of the beacon: its key is generated when the network is ready, within half a minute of a free machine. */
const BEACON_MS = 240_000
const WIDTHS = [1280, 400] as const
const THEMES = ['light', 'dark'] as const
const SERVICES = ['prices', 'randomness', 'bridge']
const FEEDS = 7

const from = performance.now()
const say = (text: string) =>
  process.stdout.write(`${((performance.now() - from) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`)
const folder = mkdtempSync(join(tmpdir(), 'lariat-page-'))
const ending = new AbortController()
mkdirSync(SHOTS, { recursive: true })

let testnet: Testnet | undefined
let browser: Browser | undefined
let passed = false
try {
  const [net, opened] = await Promise.all([network(), openBrowser()])
  testnet = net
  browser = opened
  say(`four operators, ${browser.version()}`)
  await check(browser, net)
  passed = true
} finally {
  ending.abort()
  await browser?.close()
  await testnet?.stop()
  if (passed) rmSync(folder, { recursive: true, force: true })
  else process.stderr.write(`logs of the testnet are in ${folder}\n`)
}

function network(): Promise<Testnet> {
  return startTestnet({
    lariat: { file: process.execPath, args: [BUNDLE] },
    artifacts: join(ROOT, 'dist', 'artifacts'),
    ...{ operators: 4, series: syntheticSeries({ seed: 7 }), speed: 10, interval: 2 },
    ...{ beacon: { period: 3 }, bridge: true },
    folder: join(folder, 'net'),
    onStep: (step) => say(step),
    signal: ending.signal,
  })
}

async function check(browser: Browser, { nodes, summary }: Testnet): Promise<void> {
  const [own, victim] = [nodes[0], nodes[3]]
  assert.ok(own !== undefined && victim !== undefined)
  const origin = own.operator.api
  const victimAddress = summary.nodes[3]?.operator ?? assert.fail('four nodes')
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' })
  const page = await context.newPage()
  page.setDefaultTimeout(DEADLINE_MS)
  const complaints = listen(page, origin)

  await page.goto(`${origin}/`)
  await showsAll(page)
  say('everything is there')
  await isLive(page)
  say('slots come by themselves')

  const nodeHealth = async () => (await fetch(`${origin}/eigen/node/health`)).status
  await until(async () => (await nodeHealth()) === 200, 'a healthy node, by the AVS node specification')

  const short = `${victimAddress.slice(0, 6)}…${victimAddress.slice(-4)}`
  const timeline = page.locator('#services article').first().locator('svg')
  /** How often the victim was absent, by the timeline's text. */
  const absences = async () => {
    const text = (await timeline.getAttribute('aria-label')) ?? ''
    return Number(new RegExp(`${short} (\\d+) times`).exec(text)?.[1] ?? 0)
  }
  const before = await absences()
  await victim.kill('SIGKILL')
  const row = page.locator('#peers tbody tr', { has: page.locator(`[title="${victimAddress}"]`) })
  await row.getByText('not connected').waitFor()
  await until(async () => (await absences()) > before + 2, 'who is absent')
  say('the killed operator is shown as absent, in picture and words')

  for (const colorScheme of THEMES) {
    for (const width of WIDTHS) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      await look(page, `${colorScheme}-${width}`)
    }
  }
  await keyboard(page)
  say('the keyboard reaches everything')
  assert.deepEqual(complaints.all, [])

  complaints.mayFail = true
  await own.kill('SIGTERM')
  await page.getByText('No connection to the node since').waitFor()
  await page.locator('#connection[data-state="broken"]').waitFor()
  await page.screenshot({ path: join(SHOTS, 'broken.png') })
  await own.restart()
  await page.locator('#connection[data-state="live"]').waitFor()
  await page.getByText('No connection to the node since').waitFor({ state: 'hidden' })
  await showsAll(page)
  await isLive(page)
  await until(async () => (await nodeHealth()) === 200, 'a healthy node again')
  complaints.mayFail = false
  say('it says when the node is gone, and heals when it is back')
  assert.deepEqual(complaints.all, [])
  await victim.restart()
  await row.getByText('connected', { exact: true }).waitFor()
  say('the killed operator is back, on the page too')
}

/** Every section has what it is for. */
async function showsAll(page: Page): Promise<void> {
  for (const name of SERVICES) await page.locator('#services article h3', { hasText: name }).waitFor()
  await until(async () => (await page.locator('#feeds article canvas').count()) === FEEDS, 'a chart for each feed')
  await page.locator('#services svg path.present').first().waitFor()
  await page.locator('#beacon svg path.present').waitFor({ timeout: BEACON_MS })
  await page.locator('#bridge .figures strong').first().waitFor()
  await page.locator('#risk tbody tr').first().waitFor()
  await until(async () => (await page.locator('#peers tbody').first().locator('tr').count()) === 4, 'four operators')
  const values = await page.locator('#summary .value').allTextContents()
  assert.equal(values.length, 6)
  await until(
    async () => !(await page.locator('#summary .value').allTextContents()).includes('–'),
    'a figure in each tile',
  )
}

async function isLive(page: Page): Promise<void> {
  const slot = page.locator('#services article').first().locator('.figures span').last()
  const number = async () => /^slot (\d+),/.exec((await slot.textContent()) ?? '')?.[1]
  const before = await number()
  await until(async () => (await number()) !== before, 'a further slot')
}

async function look(page: Page, name: string): Promise<void> {
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
  await page.screenshot({ path: join(SHOTS, `${name}-top.png`) })
  assert.ok((await overflowOf(page)) <= 0, `${name}: it scrolls sideways`)
  assert.deepEqual(await violationsOf(page), [], name)
  await toggleAll(page)
  assert.ok((await overflowOf(page)) <= 0, `${name}, everything open: it scrolls sideways`)
  assert.deepEqual(await violationsOf(page), [], `${name}, everything open`)
  await toggleAll(page)
  say(`${name}: accessible, fits`)
}

async function toggleAll(page: Page): Promise<void> {
  await page.evaluate('for (const e of document.querySelectorAll("details")) e.open = !e.open')
}

async function keyboard(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 900 })
  const { reached, wrong } = await walk(page)
  assert.equal(reached[0], 'a: Skip to the content')
  assert.deepEqual(wrong, [])
  const checks = page.locator('#health details')
  await checks.locator('summary').focus()
  await page.keyboard.press('Enter')
  assert.equal(await checks.getAttribute('open'), '')
  const theme = page.locator('#theme')
  await theme.focus()
  for (const chosen of ['light', 'dark']) {
    await page.keyboard.press('Space')
    assert.equal(await page.locator('html').getAttribute('data-theme'), chosen)
  }
  await page.reload()
  await page.locator('html[data-theme="dark"]').waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate<string>('document.activeElement?.id'), 'main')
  await showsAll(page)
}

async function until(probe: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error(`the page does not show ${what} (${DEADLINE_MS / 1_000} s)`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
