import assert from 'node:assert/strict'
import type { ServiceCommand } from '../../../src/avs/api.ts'
import { commandsOf } from '../../../src/cli/service.ts'

describe('commands of a plug-in', () => {
  it('are subcommands with their arguments and options', () => {
    const get: ServiceCommand = {
      name: 'get',
      description: 'print a round',
      arguments: [{ name: 'round', description: 'its number', optional: true }],
      options: [{ flags: '--url <url>', description: 'of a node', required: true }],
      examples: ['', '7 --json'],
      result: { json: '{ round }' },
      run: async () => true,
    }
    const command = commandsOf('randomness', 'randomness of a beacon', [get]).commands[0]
    assert.ok(command)
    assert.equal(command.name(), 'get')
    assert.match(command.helpInformation(), /Usage: randomness get \[options\] \[round\]/)
    assert.deepEqual(
      command.options.map(({ flags, mandatory }) => [flags, mandatory]),
      [
        ['--url <url>', true],
        ['--json', false],
      ],
    )
  })

  it('refuse what they do not know', async () => {
    const parent = commandsOf('randomness', 'randomness of a beacon', []).exitOverride()
    parent.configureOutput({ writeErr: () => undefined })
    await assert.rejects(parent.parseAsync(['take'], { from: 'user' }))
  })
})
