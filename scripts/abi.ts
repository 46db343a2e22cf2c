// npm run abi: compiles the contracts and writes their ABIs as typed constants, which are committed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renderAbis } from './lib/abis.ts'
import { buildContracts, ROOT } from './lib/forge.ts'

buildContracts()
for (const [file, text] of renderAbis()) {
  mkdirSync(dirname(join(ROOT, file)), { recursive: true })
  writeFileSync(join(ROOT, file), text)
}
