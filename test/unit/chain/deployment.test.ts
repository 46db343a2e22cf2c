import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDeployment, parseDeployment } from '../../../src/chain/deployment.ts'

const address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const good = {
  version: 2,
  name: 'devnet',
  chainId: 31337,
  genesisHash: `0x${'Ab'.repeat(32)}`,
  startBlock: 0,
  core: { delegationManager: address, strategyManager: address, allocationManager: address.toLowerCase() },
  strategies: [{ token: address, strategy: address }],
  services: { prices: address },
}

function refusal(change: (copy: typeof good & Record<string, unknown>) => void): RegExp | object {
  const copy = structuredClone(good) as typeof good & Record<string, unknown>
  change(copy)
  try {
    parseDeployment(JSON.stringify(copy), 'devnet.json')
  } catch (error) {
    return error as object
  }
  return {}
}

describe('a deployment file', () => {
  it('is read, with addresses checksummed and hashes in lower case', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lariat-'))
    try {
      const file = join(folder, 'devnet.json')
      await writeFile(file, JSON.stringify(good))
      const deployment = await loadDeployment(file)
      assert.equal(deployment.core.allocationManager, address)
      assert.equal(deployment.genesisHash, `0x${'ab'.repeat(32)}`)
      assert.equal(deployment.core.permissionController, undefined)
      assert.equal(deployment.services.prices, address)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('names LSTs with their kinds, and the LRT', () => {
    const lst = { symbol: 'stETH', kind: 'steth', token: address, pool: address, strategy: address }
    const lrt = { vault: address, token: address, rateFeed: address, marketFeed: address }
    const full = {
      ...good,
      core: { ...good.core, rewardsCoordinator: address, keyRegistrar: address },
      strategies: [{ token: address, strategy: address, symbol: 'stETH' }],
      lsts: [lst],
      lrt,
    }
    assert.deepEqual(parseDeployment(JSON.stringify(full), 'devnet.json').lsts, [lst])
    assert.deepEqual(parseDeployment(JSON.stringify(full), 'devnet.json').lrt, lrt)
    const unknown = { ...full, lsts: [{ ...lst, kind: 'ankreth' }] }
    assert.throws(() => parseDeployment(JSON.stringify(unknown), 'devnet.json'), {
      code: 'deployment.invalid',
      message: /lsts\.0\.kind/,
    })
  })

  it('of version 1 is refused with how to mend it', () => {
    assert.throws(() => parseDeployment(JSON.stringify({ ...good, version: 1 }), 'devnet.json'), {
      code: 'deployment.version',
      message: /devnet\.json is of version 1.*set version to 2/,
    })
  })

  it('that is missing says which key to set', async () => {
    await assert.rejects(loadDeployment('/nowhere/x.json'), {
      code: 'deployment.unreadable',
      message: /\/nowhere\/x\.json.*chain\.deployment/,
    })
  })

  it('that is wrong is refused with file, path and mend', () => {
    assert.throws(() => parseDeployment('{', 'devnet.json'), {
      code: 'deployment.invalid',
      message: /devnet\.json is not JSON/,
    })
    const cases: [string, (copy: typeof good & Record<string, unknown>) => void][] = [
      [
        'core.allocationManager',
        (c) => {
          c.core.allocationManager = '0x5FBDB2315678afecb367f032d93F642f64180aa3'
        },
      ],
      [
        'services.prices',
        (c) => {
          c.services.prices = '0x12'
        },
      ],
      [
        'services.Prices',
        (c) => {
          Object.assign(c.services, { Prices: address })
        },
      ],
      [
        'version',
        (c) => {
          c.version = 3
        },
      ],
      [
        'genesisHash',
        (c) => {
          c.genesisHash = '0x00'
        },
      ],
      [
        'strategies.0.token',
        (c) => {
          c.strategies = [{ token: 'x', strategy: address }]
        },
      ],
      [
        '(top)',
        (c) => {
          c.extra = 1
        },
      ],
    ]
    for (const [path, change] of cases) {
      const error = refusal(change) as { code?: string; details?: { path?: string; file?: string }; message?: string }
      assert.equal(error.code, 'deployment.invalid', path)
      assert.equal(error.details?.path, path)
      assert.ok(error.message?.startsWith(`devnet.json: ${path}: `), error.message)
    }
  })
})
