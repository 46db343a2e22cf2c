import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DIST, needBundle } from '../support/bundle.ts'
import { lariat, launch } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { type NodeYaml, type ShortCore, startShortCore } from '../support/shortCore.ts'
import { type WarmLariat, warmLariat } from '../support/warm.ts'

/** Every command about the operator, with arguments that are right. */
const COMMANDS: readonly (readonly string[])[] = [
  ['register', '--stake', 'oneETH=1'],
  ['status'],
  ['opt-in', 'prices'],
  ['allocate', 'prices', '--magnitude', '10%'],
  ['deallocate', 'prices'],
  ['opt-out', 'prices'],
  ['exit'],
  ['metadata', 'https://o.example/a.json'],
  ['allocation-delay', '5'],
  ['rewards', 'show'],
  ['rewards', 'claim'],
]
/** Those that need no key. */
const READING = ['status', 'rewards show']

/** A mistake of the configuration: what it does to the file, and what all commands say. */
interface Mistake {
  readonly name: string
  readonly edit: (yaml: NodeYaml) => NodeYaml
  readonly code: number
  readonly says: RegExp
  readonly except?: readonly string[]
}

const section = (yaml: NodeYaml, key: string, more: NodeYaml): NodeYaml => ({
  ...yaml,
  [key]: { ...(yaml[key] as NodeYaml), ...more },
})

describe('bad input', function () {
  this.timeout(300_000)
  let core: ShortCore
  let warm: WarmLariat
  let config: string
  let mistakes: readonly Mistake[]

  before(async () => {
    needBundle()
    ;[core, warm] = await Promise.all([startShortCore(join(DIST, 'artifacts')), warmLariat()])
    const withRewards = (yaml: NodeYaml): NodeYaml => ({ ...yaml, rewards: { source: './distribution.json' } })
    config = await core.configure('node.yaml', withRewards)
    const otherGenesis = join(core.folder, 'other.json')
    await writeFile(otherGenesis, JSON.stringify({ ...core.deployment, genesisHash: `0x${'ab'.repeat(32)}` }))
    const otherChain = join(core.folder, 'chain.json')
    await writeFile(otherChain, JSON.stringify({ ...core.deployment, chainId: 5 }))
    const noCore = join(core.folder, 'empty.json')
    const nowhere = core.operator.account.address
    await writeFile(
      noCore,
      JSON.stringify({
        ...core.deployment,
        core: { delegationManager: nowhere, strategyManager: nowhere, allocationManager: nowhere },
      }),
    )
    await mkdir(join(core.operator.folder, 'wrong'))
    await writeFile(join(core.operator.folder, 'wrong', 'password.txt'), 'not this one\n', { mode: 0o600 })
    const ecdsa = { keystore: './keys/ecdsa.json', passwordFile: './wrong/password.txt' }
    mistakes = [
      {
        name: 'no node answers',
        edit: (yaml) => section(yaml, 'chain', { rpc: [{ url: 'http://127.0.0.1:9' }] }),
        code: 1,
        says: /127\.0\.0\.1:9 failed \(unreachable\).*chain\.rpc/,
      },
      {
        name: 'another chain id',
        edit: (yaml) => section(yaml, 'chain', { id: 5, deployment: otherChain }),
        code: 4,
        says: /serves chain 31337, not 5: correct chain\.id or chain\.rpc/,
      },
      {
        name: 'a deployment of another chain',
        edit: (yaml) => section(yaml, 'chain', { deployment: otherChain }),
        code: 2,
        says: /chain\.id is 31337, and .* is of chain 5: correct one of them/,
      },
      {
        name: 'another genesis',
        edit: (yaml) => section(yaml, 'chain', { deployment: otherGenesis }),
        code: 4,
        says: /another chain of id 31337.*chain\.deployment/,
      },
      {
        name: 'no contracts there',
        edit: (yaml) => section(yaml, 'chain', { deployment: noCore }),
        code: 1,
        says: /no such contract there.*check the address in the deployment/,
        except: ['rewards show', 'rewards claim'],
      },
      {
        name: 'a wrong password',
        edit: (yaml) => section(yaml, 'keys', { ecdsa }),
        code: 4,
        says: /the password in .*wrong\/password\.txt does not open it/,
        except: READING,
      },
      {
        name: 'no deployment file',
        edit: (yaml) => section(yaml, 'chain', { deployment: './none.json' }),
        code: 2,
        says: /none\.json cannot be read/,
      },
    ]
  })
  after(() => Promise.all([warm?.close(), core?.close()]))

  /** One clear sentence on standard error, no stack, and the code. @param run in a process of its own, or in the warm one */
  async function refused(
    args: readonly string[],
    file: string,
    code: number,
    says: RegExp,
    run: typeof lariat = warm.run,
  ): Promise<void> {
    const label = args.join(' ')
    const yes = READING.some((name) => label.startsWith(name)) ? [] : ['--yes']
    const ended = await run('operator', ...args, '--config', file, ...yes)
    assert.equal(ended.code, code, `${label}: ${ended.stdout}${ended.stderr}`)
    const lines = ended.stderr.trim().split('\n')
    assert.match(lines.at(-1) ?? '', says, label)
    assert.equal(lines.length, 1, `${label} says more than a sentence: ${ended.stderr}`)
    assert.match(lines[0] ?? '', /^lariat: /)
    assert.doesNotMatch(ended.stderr, /\n\s+at |\[object|undefined|NaN/, label)
  }

  it('of the configuration gets one sentence and a code of its own from every command', async () => {
    for (const [i, { name, edit, code, says, except = [] }] of mistakes.entries()) {
      // a data folder for each of the two that run at the same time: one command at a time sends from one
      const [file, other] = await Promise.all(
        ['a', 'b'].map((letter) =>
          core.configure(`mistake-${letter}.yaml`, (yaml) => ({
            ...edit(yaml),
            dataDir: `./data-${letter}`,
            rewards: { source: './distribution.json' },
          })),
        ),
      )
      assert.ok(file !== undefined && other !== undefined)
      const concerned = COMMANDS.filter((command) => !except.some((skipped) => command.join(' ').startsWith(skipped)))
      assert.ok(concerned.length > 5, name)
      // one of them, another for each mistake, in a process of its own
      const alone = concerned[i % concerned.length] ?? []
      await Promise.all([
        refused(alone, other, code, says, lariat),
        ...concerned.filter((command) => command !== alone).map((command) => refused(command, file, code, says)),
      ])
    }
  })

  it('on the command line gets one sentence and code 2', async () => {
    const unknown = /no service is called bridges: name prices, or another AVS by its address/
    const typo = '0x959922bE3CAee4b8Cd9a407cc3ac1C251C2007b1'
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['opt-in', 'bridges'], unknown],
      [['opt-out', 'bridges'], unknown],
      [['allocate', 'bridges', '--magnitude', '10%'], unknown],
      [['deallocate', 'bridges'], unknown],
      [['opt-in', typo], /is not an address with a correct checksum/],
      [['opt-in', core.operator.account.address], /is no ServiceManager of Lariat.*--set/],
      [['opt-in', core.operator.account.address, '--set', '3'], /the core has no operator set 3 of/],
      [['allocate', 'prices', '--magnitude', '130%'], /--magnitude.*such as 30%/],
      [['allocate', 'prices', '--magnitude', 'much'], /--magnitude.*such as 30%/],
      [['allocate', 'prices'], /--magnitude/],
      [['register', '--stake', 'lots'], /--stake.*such as 32 or stETH=32/],
      [
        ['register', '--stake', 'goldETH=1'],
        /goldETH is not among the strategies of the deployment: name one of oneETH/,
      ],
      [['metadata', 'ftp:nothing'], /https:\/\/ or ipfs:\/\//],
      [['allocation-delay', '-1'], /unknown option|whole number/],
      [['allocation-delay', 'soon'], /whole number from 0 to/],
      [['opt-in', 'prices', '--data', 'abc'], /--data.*hexadecimal/],
      [['unheard-of'], /unknown command|unknown option/],
    ]
    for (const [args, says] of cases) {
      const yes = args[0] === 'unheard-of' ? [] : ['--yes']
      const ended = await warm.run('operator', ...args, '--config', config, ...yes)
      assert.equal(ended.code, 2, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`)
      assert.match(ended.stderr, says, args.join(' '))
      assert.doesNotMatch(ended.stderr, /\n\s+at /)
    }
  })

  it('that the core’s state makes bad gets one sentence that says how to mend it', async () => {
    const registered = /is not registered as an operator with the core: run lariat operator register first/
    for (const command of COMMANDS) {
      if (['register', 'status', 'rewards'].includes(command[0] ?? '')) continue
      await refused(command, config, 1, registered)
    }
    await refused(
      ['register', '--stake', 'oneETH=1000'],
      config,
      1,
      /has 100 oneETH and 1,000 oneETH are to be deposited/,
    )
    const done = async (...args: string[]) => {
      const { code, stdout, stderr } = await warm.run('operator', ...args, '--config', config, '--yes')
      assert.equal(code, 0, stdout + stderr)
    }
    await done('register')
    await refused(['opt-in', 'prices'], config, 1, /has no stake that prices counts.*--stake/)
    await refused(
      ['allocate', 'prices', '--magnitude', '10%'],
      config,
      1,
      /has no stake in oneETH and twoETH to allocate/,
    )
    await done('register', '--stake', 'oneETH=10')
    await refused(['allocate', 'prices', '--strategy', 'twoETH', '--magnitude', '10%'], config, 1, /no stake in twoETH/)
    await done('allocate', 'prices', '--magnitude', '80%')
    await refused(
      ['allocate', core.other, '--magnitude', '30%'],
      config,
      1,
      /30 % more of the stake in oneETH is wanted and 20 % is free: deallocate from another set first/,
    )
    await refused(
      ['allocate', 'prices', '--magnitude', '30%'],
      config,
      2,
      /which is more than that: use lariat operator deallocate/,
    )
    await refused(
      ['deallocate', 'prices', '--magnitude', '90%'],
      config,
      2,
      /has only 80 %.*use lariat operator allocate/,
    )
    await done('opt-in', 'prices')
    await done('deallocate', 'prices')
    await refused(['deallocate', 'prices', '--magnitude', '50%'], config, 1, /is pending; .* again from block \d+ on/)
    await done('opt-out', 'prices')
    // there was one key, and it has been used
    await core.mine(61)
    await refused(['opt-in', 'prices'], config, 1, /OperatorKeyUsed.*make a new one with `lariat keys create`/)
  })

  it('does not ask where nobody can answer, and sends nothing', async () => {
    const before = await core.client.getTransactionCount({ address: core.operator.account.address })
    const { code, stderr } = await lariat('operator', 'exit', '--config', config)
    assert.equal(code, 2)
    assert.match(stderr, /no terminal to ask at.*--yes/)
    assert.equal(await core.client.getTransactionCount({ address: core.operator.account.address }), before)
  })

  it('of an account without ether is told before anything is sent', async () => {
    const { address } = core.operator.account
    const balance = await core.client.getBalance({ address })
    await core.rpc('anvil_setBalance', address, '0x0')
    try {
      await refused(['metadata', 'https://o.example/b.json'], config, 1, /cannot pay for the transaction: send it ETH/)
    } finally {
      await core.rpc('anvil_setBalance', address, `0x${balance.toString(16)}`)
    }
  })

  it('by an account that is not the operator’s says which right is missing, and works once it is given', async () => {
    const { address } = core.operator.account
    const stranger = await core.configure('stranger.yaml', (yaml) => ({
      ...yaml,
      // what was the operator's account is an appointee of another one now
      operator: { address: core.deployer },
    }))
    const registered = await core.batch()
    registered.call({
      what: 'registration',
      address: core.deployment.core.delegationManager,
      abi: core.artifacts.get('DelegationManager').abi,
      functionName: 'registerAsOperator',
      args: [`0x${'00'.repeat(20)}`, 0, ''],
    })
    await registered.land(new AbortController().signal)
    await refused(['register', '--stake', 'oneETH=0.1'], stranger, 1, /has 0 oneETH/)
    await refused(
      ['metadata', 'https://o.example/c.json'],
      stranger,
      1,
      /may not announce.*setAppointee\(.*0x[0-9a-f]{8}\)/,
    )
    const { stderr } = await warm.run('operator', 'metadata', 'https://o.example/c.json', '--config', stranger, '--yes')
    const [, target, selector] = /setAppointee\(0x\w+, 0x\w+, (0x\w+), (0x\w+)\)/.exec(stderr) ?? []
    const stopped = await lariat('run', '--config', stranger)
    assert.equal(stopped.code, 4, stopped.stdout)
    assert.match(stopped.stdout, /nor of an account that this has appointed in the core/)
    const granting = await core.batch()
    granting.call({
      what: 'appointment',
      address: core.deployment.core.permissionController ?? '0x',
      abi: core.artifacts.get('PermissionController').abi,
      functionName: 'setAppointee',
      args: [core.deployer, address, target, selector],
    })
    await granting.land(new AbortController().signal)
    const ended = await warm.run('operator', 'metadata', 'https://o.example/c.json', '--config', stranger, '--yes')
    assert.equal(ended.code, 0, ended.stderr)
    const node = launch('run', '--config', stranger)
    await eventually(() => node.text().includes('"lariat runs"'), 'does not run', 30_000)
    node.child.kill('SIGTERM')
    assert.equal((await node.ended).code, 0)
  })
})
