// node scripts/forge.ts ARGUMENTS: forge, with its exit code.
import { forge } from './lib/forge.ts'

process.exitCode = forge(process.argv.slice(2))
