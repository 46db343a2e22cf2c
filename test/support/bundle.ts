import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What `npm run build` made. */
export const DIST = fileURLToPath(new URL('../../dist/', import.meta.url))
export const BUNDLE = `${DIST}lariat.js`

/** End-to-end tests run what users run: they do not build it. */
export function needBundle(): void {
  assert.ok(existsSync(BUNDLE), 'dist/lariat.js is missing: run npm run build first')
}
