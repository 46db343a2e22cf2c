// npm run testnet: builds what changed, the contracts of LRT, randomness beacon and bridge while the network starts, and runs `lariat testnet`
// in this same process, so that a signal to npm's child reaches whoever has to stop the network.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildFirst } from './build.ts'

const from = performance.now()
process.stdout.write('building contracts and bundle\n')
await buildFirst(process.argv.includes('--no-bridge') ? 'bridge' : undefined)
process.stdout.write(`built in ${((performance.now() - from) / 1_000).toFixed(1)} s\n`)

const bundle = join(import.meta.dirname, '..', 'dist', 'lariat.js')
process.argv.splice(1, 1, bundle, 'testnet')
await import(pathToFileURL(bundle).href)
