#!/usr/bin/env node
// Gives forge the solc that npm installed (WebAssembly) behind the command line that forge expects.
const solc = require('solc')

if (process.argv.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`)
} else if (process.argv.includes('--standard-json')) {
  const chunks = []
  process.stdin.on('data', (chunk) => chunks.push(chunk))
  process.stdin.on('end', () => process.stdout.write(solc.compile(Buffer.concat(chunks).toString('utf8'))))
} else {
  process.stderr.write('scripts/solc.cjs: only --version and --standard-json are supported\n')
  process.exit(1)
}
