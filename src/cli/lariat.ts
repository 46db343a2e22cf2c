#!/usr/bin/env node
// The entry of the bundle. It must run on old versions of Node too, to say what is wrong: nothing is imported before.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `lariat: this is Node ${process.versions.node}, and lariat needs 22.12 or newer: install one, or start it by npm (npm run testnet), which brings its own\n`,
  )
  process.exitCode = 2
} else {
  import('./main.ts').then(({ main }) => main(process.argv.slice(2)))
}
