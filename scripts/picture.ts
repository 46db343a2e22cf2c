// npm run picture -- RECORDING: makes docs/testnet.svg of a real run, recorded on a terminal of 106 columns:
//   script -qfc 'stty cols 106; npm run --silent testnet -- --slash 10%' RECORDING
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { screenOf, svgOf, untilLastTable } from './lib/terminal.ts'

const COMMAND = 'npm run testnet -- --slash 10%'
const COLUMNS = 106

const [recording] = process.argv.slice(2)
if (recording === undefined) throw new Error('usage: npm run picture -- RECORDING')
const output = untilLastTable(readFileSync(recording, 'utf8'))
const typed = `\u001b[90m$\u001b[39m ${COMMAND}\r\n`
const picture = svgOf('npm run testnet', screenOf(`${typed}${output.trimEnd()}`), COLUMNS)
writeFileSync(join(import.meta.dirname, '..', 'docs', 'testnet.svg'), picture)
