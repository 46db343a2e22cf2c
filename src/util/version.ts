import { readFileSync } from 'node:fs'

/** Put in by the bundler. */
declare const LARIAT_VERSION: string | undefined

/** Version of this package. */
export const VERSION: string = typeof LARIAT_VERSION === 'string' ? LARIAT_VERSION : fromPackage()

function fromPackage(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
