// node --conditions=source scripts/dkg-vectors.ts: writes test/vectors/dkg.json, against which contracts and node are tested.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildDkgVectors } from '../test/unit/bls/threshold/dkgVectors.ts'

const file = join(import.meta.dirname, '..', 'test', 'vectors', 'dkg.json')
writeFileSync(file, `${JSON.stringify(await buildDkgVectors(), undefined, 2)}\n`)
