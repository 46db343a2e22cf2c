// node scripts/forge.ts ARGUMENTS: forge, with its exit code.
import { forge, LINT_BUILD } from './lib/forge.ts'

if (process.argv[2] === 'lint') Object.assign(process.env, LINT_BUILD)
process.exitCode = forge(process.argv.slice(2))
