import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DIST, needBundle } from '../support/bundle.ts'
import { type Ended, launch } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { DELAYS, type NodeYaml, type ShortCore, startShortCore } from '../support/shortCore.ts'
import { type WarmLariat, warmLariat } from '../support/warm.ts'

describe('the exit guard', function () {
  this.timeout(120_000)
  let core: ShortCore
  let warm: WarmLariat
  let config: string

  const operator = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await warm.run('operator', ...args, '--config', config, '--yes')
    assert.equal(code, 0, stdout + stderr)
    return stdout
  }
  /** Starts a node; stops it as soon as it runs. */
  async function start(configFile: string): Promise<Ended> {
    const running = launch('run', '--config', configFile)
    let over = false
    running.ended.then(() => {
      over = true
    })
    await eventually(() => over || running.text().includes('"lariat runs"'), 'neither runs nor ends', 30_000)
    running.child.kill('SIGTERM')
    return running.ended
  }
  const withOperator = (more: NodeYaml) => (yaml: NodeYaml) => ({
    ...yaml,
    operator: { ...(yaml.operator as NodeYaml), ...more },
  })

  before(async () => {
    needBundle()
    ;[core, warm] = await Promise.all([startShortCore(join(DIST, 'artifacts')), warmLariat()])
    config = await core.configure('node.yaml')
    await operator('register', '--stake', 'oneETH=32')
    await operator('opt-in', 'prices')
    await operator('opt-in', core.other)
  })
  after(() => Promise.all([warm?.close(), core?.close()]))

  it('lets a node start without an AVS that can slash nothing', async () => {
    const { code, stdout } = await start(config)
    assert.equal(code, 0, stdout)
    assert.doesNotMatch(stdout, /can still be slashed/)
  })

  it('refuses to start without an AVS that can slash the operator, and says how long it can', async () => {
    await operator('allocate', core.other, '--magnitude', '50%')
    const { code, stdout } = await start(config)
    assert.equal(code, 2, stdout)
    assert.match(
      stdout,
      new RegExp(`does not list ${core.other}, until ${DELAYS.deallocation} blocks after it has left`),
    )
    assert.match(stdout, /operator\.servedElsewhere/)
  })

  it('starts when the configuration names the AVS as served elsewhere, and no other one', async () => {
    const named = await core.configure('elsewhere.yaml', withOperator({ servedElsewhere: [core.other] }))
    const { code, stdout } = await start(named)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /not served by this node, as operator\.servedElsewhere says/)

    const wrong = await core.configure(
      'wrong.yaml',
      withOperator({ servedElsewhere: [core.deployment.services.prices] }),
    )
    assert.equal((await start(wrong)).code, 2)
  })

  it('stops on SIGTERM, and warns where the operator stays slashable', async () => {
    await operator('allocate', 'prices', '--magnitude', '50%')
    const named = await core.configure('elsewhere.yaml', withOperator({ servedElsewhere: [core.other] }))
    const { code, stdout } = await start(named)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /can still be slashed while this node is down.*"service":"prices"/)
  })

  it('names the last block for an AVS that was left, and lets it go after that', async () => {
    await operator('opt-out', core.other)
    const left = await core.client.getBlockNumber()
    const refused = await start(config)
    assert.equal(refused.code, 2, refused.stdout)
    const last = left + BigInt(DELAYS.deallocation)
    assert.ok(refused.stdout.includes(`through block ${last}`), refused.stdout)
    await core.mine(Number(last - (await core.client.getBlockNumber())))
    assert.equal((await start(config)).code, 2, 'the last block is one of them')
    await core.mine(1)
    const { code, stdout } = await start(config)
    assert.equal(code, 0, stdout)
  })
})
