#!/usr/bin/env node
// The entry of the bundle. It must run on old versions of Node too, to say what is wrong: nothing of ours is imported before,
// and nothing by a name that an old version may lack.
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

/** Put in by the bundler. */
declare const LARIAT_VERSION: string | undefined

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `lariat: this is Node ${process.versions.node}, and lariat needs 22.12 or newer: install one, or start it by npm (npm run testnet), which brings its own\n`,
  )
  process.exitCode = 2
} else {
  // compiled code is kept beside the bundle: it halves the time to start; without the right to write there it changes nothing
  if (typeof LARIAT_VERSION === 'string') {
    nodeModule.enableCompileCache(fileURLToPath(new URL('./cache', import.meta.url)))
  }
  import('./main.ts').then(({ main }) => main(process.argv.slice(2)))
}
