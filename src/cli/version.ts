import { Command } from 'commander'
import { VERSION } from '../util/version.ts'
import { about } from './about.ts'
import { printResult } from './options.ts'

export function versionCommand(): Command {
  return about(new Command('version').description('print the version'), {
    examples: ['lariat version', 'lariat version --json'],
    json: '{ version, node, platform, arch }',
    noProgress: 'it knows what it is',
  }).action(({ json }: { json?: boolean }) => {
    const { versions, platform, arch } = process
    printResult(json, { version: VERSION, node: versions.node, platform, arch }, () => VERSION)
  })
}
