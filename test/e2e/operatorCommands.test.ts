import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeFunctionData, erc20Abi } from 'viem'
import { allocationManagerAbi } from '../../src/chain/abi/allocationManager.ts'
import { keyRegistrarAbi } from '../../src/chain/abi/keyRegistrar.ts'
import { anvilAccount } from '../support/anvil.ts'
import { DIST, needBundle } from '../support/bundle.ts'
import { lariat } from '../support/cli.ts'
import { DELAYS, type NodeYaml, type ShortCore, startShortCore, TOKENS } from '../support/shortCore.ts'
import { type WarmLariat, warmLariat } from '../support/warm.ts'

/** A line of `--calldata`. */
interface Line {
  readonly step: number
  readonly of: number
  readonly what: string
  readonly from: string
  readonly to: string
  readonly value: string
  readonly data: string
  readonly function: string
}

/** Sets of an AVS that demand keys of the core's KeyRegistrar, with its numbers for their kinds. */
const DEMANDS = [
  { id: 8, kind: 'bn254', curve: 2 },
  { id: 9, kind: 'ecdsa', curve: 1 },
] as const

describe('lariat operator', function () {
  this.timeout(180_000)
  let core: ShortCore
  let warm: WarmLariat
  let config: string
  /** Kinds of commands that have run: the first of each is a process of its own. */
  const met = new Set<string>()

  const address = () => core.operator.account.address
  const run = async (...args: string[]): Promise<string> => {
    const [name = ''] = args
    const { code, stdout, stderr } = await (met.has(name) ? warm.run : lariat)('operator', ...args, '--config', config)
    met.add(name)
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }
  const lines = <T>(text: string): T[] =>
    text
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as T)
  const wallet = () =>
    Promise.all(
      core.deployment.strategies.map(({ token }) =>
        core.client.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [address()] }),
      ),
    )
  /** Sends from any account, as a multisig or an AVS would. */
  async function sendAs(from: string, to: string, data: string): Promise<void> {
    await core.rpc('anvil_setBalance', from, '0x8ac7230489e80000')
    await core.rpc('anvil_impersonateAccount', from)
    const hash = (await core.rpc('eth_sendTransaction', { from, to, data, gas: '0x4c4b40' })) as `0x${string}`
    const { status } = await core.client.waitForTransactionReceipt({ hash })
    assert.equal(status, 'success')
  }

  before(async () => {
    needBundle()
    ;[core, warm] = await Promise.all([startShortCore(join(DIST, 'artifacts')), warmLariat()])
    // no ECDSA key is there: others send
    config = await core.configure('multisig.yaml', (yaml) => ({
      ...yaml,
      keys: {
        bls: { keystore: './keys/bls.json', passwordFile: './keys/password.txt' },
        ecdsa: { keystore: './none.json', passwordFile: './none.txt' },
      },
    }))
  })
  after(() => Promise.all([warm?.close(), core?.close()]))

  it('prints the transactions for a multisig, needs no ECDSA key, and leaves out what is done', async () => {
    const commands: readonly (readonly [string[], string[]])[] = [
      [
        ['register', '--stake', 'oneETH=32'],
        [
          'registerAsOperator(address,uint32,string)',
          'approve(address,uint256)',
          'depositIntoStrategy(address,address,uint256)',
        ],
      ],
      [['opt-in', core.other], ['registerForOperatorSets(address,(address,uint32[],bytes))']],
      [
        ['allocate', core.other, '--magnitude', '40%'],
        ['modifyAllocations(address,((address,uint32),address[],uint64[])[])'],
      ],
    ]
    for (const [args, functions] of commands) {
      const printed = lines<Line>(await run(...args, '--calldata'))
      assert.deepEqual(
        printed.map((line) => line.function),
        functions,
      )
      for (const [i, line] of printed.entries()) {
        assert.deepEqual([line.step, line.of, line.from, line.value], [i + 1, functions.length, address(), '0'])
        await sendAs(line.from, line.to, line.data)
      }
      assert.equal(await run(...args, '--calldata'), '')
    }
    assert.deepEqual(await wallet(), [TOKENS - 32n * 10n ** 18n, TOKENS])
  })

  it('tells all of the operator in its status', async () => {
    const { sets, strategies, risk, isOperator } = JSON.parse(await run('status', '--json'))
    assert.equal(isOperator, true)
    assert.deepEqual(
      strategies.map(({ symbol, tokens, worth, free }: Record<string, string>) => [symbol, tokens, worth, free]),
      [
        ['oneETH', '32000000000000000000', '32000000000000000000', '600000000000000000'],
        ['twoETH', '0', '0', '1000000000000000000'],
      ],
    )
    assert.equal(sets.length, 1)
    const [set] = sets
    assert.deepEqual(
      [set.avs, set.member, set.slashable, set.slashableUntil, set.redistributesTo],
      [core.other, true, true, null, null],
    )
    assert.equal(set.peer.id, core.operator.identity.peerId)
    assert.deepEqual([risk.stake, risk.loss], ['32000000000000000000', '12800000000000000000'])
    const text = await run('status')
    assert.match(text, /oneETH\s+32 oneETH\s+32 ETH\s+32 oneETH\s+60 %/)
    assert.match(text, /set 0: member, slashable\n\s+oneETH: 40 % \(12\.8 oneETH\)/)
    assert.match(text, /worst joint loss 12\.8 ETH of 32 ETH \(40 %\)/)
  })

  it('warns of a set that keeps what it slashes, before and after', async () => {
    const avs = anvilAccount(3)
    const recipient = anvilAccount(4).address
    const batch = await core.batch(3)
    const contract = {
      address: core.deployment.core.allocationManager,
      abi: core.artifacts
        .get('AllocationManager')
        .abi.filter(
          (item) =>
            !(item.type === 'function' && item.name === 'createRedistributingOperatorSets') ||
            JSON.stringify(item.inputs).includes('slasher'),
        ),
    }
    const strategies = core.deployment.strategies.map(({ strategy }) => strategy)
    batch.call({
      what: 'metadata',
      ...contract,
      functionName: 'updateAVSMetadataURI',
      args: [avs.address, 'https://a.b'],
    })
    batch.call({
      what: 'a redistributing set',
      ...contract,
      functionName: 'createRedistributingOperatorSets',
      args: [avs.address, [{ operatorSetId: 7, strategies, slasher: avs.address }], [recipient]],
    })
    await batch.land(new AbortController().signal)
    const args = ['allocate', avs.address, '--set', '7', '--strategy', 'oneETH', '--magnitude', '10%', '--calldata']
    const [line] = lines<Line & { consequences: string[] }>(await run(...args))
    assert.ok(line !== undefined)
    assert.ok(line.consequences.some((sentence) => sentence.includes(`sends it to ${recipient}`)))
    await sendAs(line.from, line.to, line.data)
    assert.match(await run('status'), new RegExp(`! what it slashes is not burned but goes to ${recipient}`))
  })

  it('tells programs what happens, event by event', async () => {
    config = await core.configure('node.yaml')
    const events = lines<{ event: string }>(
      await run('deallocate', core.other, '--magnitude', '30%', '--yes', '--json'),
    )
    assert.deepEqual(
      events.map(({ event }) => event),
      ['plan', 'landed', 'after'],
    )
  })

  it('opts in to sets that demand keys: registers a BN254 and an ECDSA key, then joins', async () => {
    const avs = anvilAccount(3)
    const { allocationManager, permissionController } = core.deployment.core
    const batch = await core.batch(3)
    const keyRegistrar = batch.deploy(core.artifacts, 'KeyRegistrar', [
      permissionController,
      allocationManager,
      '1.12.0',
    ])
    const registrar = batch.deploy(core.artifacts, 'OpenRegistrar', [])
    const strategies = core.deployment.strategies.map(({ strategy }) => strategy)
    const manager = { address: allocationManager, abi: allocationManagerAbi }
    batch.call({ what: 'registrar', ...manager, functionName: 'setAVSRegistrar', args: [avs.address, registrar] })
    const sets = DEMANDS.map(({ id }) => ({ operatorSetId: id, strategies, slasher: avs.address }))
    batch.call({ what: 'sets', ...manager, functionName: 'createOperatorSets', args: [avs.address, sets] })
    for (const { id, curve } of DEMANDS) {
      const args = [{ avs: avs.address, id }, curve]
      const contract = { address: keyRegistrar, abi: keyRegistrarAbi }
      batch.call({ what: 'demand', ...contract, functionName: 'configureOperatorSet', args })
    }
    await batch.land(new AbortController().signal)
    const deployment = join(core.folder, 'with-keys.json')
    const addresses = { ...core.deployment.core, keyRegistrar }
    await writeFile(deployment, JSON.stringify({ ...core.deployment, core: addresses }))
    const withKeys = (keys: readonly object[]) => (yaml: NodeYaml) => ({
      ...yaml,
      chain: { ...(yaml.chain as object), deployment },
      keys: { ...(yaml.keys as object), registrar: keys },
    })

    // without a key the command says how to get one
    const wanted = ['opt-in', avs.address, ...DEMANDS.flatMap(({ id }) => ['--set', `${id}`]), '--yes']
    const bare = await core.configure('bare.yaml', withKeys([]))
    const refused = await warm.run('operator', ...wanted, '--config', bare)
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /demands a BN254 key, and keys\.registrar has none.*lariat keys create --kind bn254/)

    const keys: object[] = []
    for (const { id, kind } of DEMANDS) {
      const made = await warm.run(
        'keys',
        'create',
        '--kind',
        kind,
        '--dir',
        join(core.operator.folder, 'keys'),
        '--json',
      )
      assert.equal(made.code, 0, made.stderr)
      const { keystore, passwordFile } = JSON.parse(made.stdout)
      keys.push({ avs: avs.address, set: id, kind, keystore, passwordFile })
    }
    config = await core.configure('keys.yaml', withKeys(keys))
    const printed = await run(...wanted)
    assert.match(printed, /done 1\/3: register a BN254 key for set 8/)
    assert.match(printed, /done 2\/3: register an ECDSA key for set 9/)
    assert.match(printed, /done 3\/3: join operator sets 8 and 9/)
    for (const { id } of DEMANDS) {
      const set = { avs: avs.address, id }
      const registered = { address: keyRegistrar, abi: keyRegistrarAbi, functionName: 'isRegistered' } as const
      assert.equal(await core.client.readContract({ ...registered, args: [set, address()] }), true)
      const member = { ...manager, functionName: 'isMemberOfOperatorSet' } as const
      assert.equal(await core.client.readContract({ ...member, args: [address(), set] }), true)
    }
    assert.match(await run(...wanted), /Nothing to send/)
  })

  it('loses in the withdrawal queue what is slashed there, and gives back every other wei', async () => {
    await core.mine(DELAYS.deallocation + 1)
    await run('allocate', core.other, '--strategy', 'oneETH', '--magnitude', '50%', '--yes')
    await run('exit', '--yes')
    const [one] = core.deployment.strategies
    assert.ok(one !== undefined)
    // half of what the set has, which is half of the stake
    const slash = encodeFunctionData({
      abi: allocationManagerAbi,
      functionName: 'slashOperator',
      args: [
        core.other,
        {
          operator: address(),
          operatorSetId: 0,
          strategies: [one.strategy],
          wadsToSlash: [5n * 10n ** 17n],
          description: 'a test',
        },
      ],
    })
    await sendAs(core.other, core.deployment.core.allocationManager, slash)
    assert.match(await run('status'), /Withdrawals\n\s+24 oneETH: can be taken out from block/)
    await core.mine(DELAYS.deallocation + 1)
    const exited = await run('exit', '--yes')
    assert.match(exited, /done \d\/3: take out 24 oneETH/)
    // the keys that sets demanded go with it
    for (const { kind, id } of DEMANDS) {
      assert.match(exited, new RegExp(`done \\d/3: take the ${kind.toUpperCase()} key out of set ${id}`))
    }
    assert.deepEqual(await wallet(), [TOKENS - 8n * 10n ** 18n, TOKENS])
    assert.match(await run('status'), /25 %\n/)
  })
})
