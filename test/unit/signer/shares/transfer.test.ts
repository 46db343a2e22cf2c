import assert from 'node:assert/strict'
import { openShareVault } from '../../../../src/signer/shares/open.ts'
import { Secret } from '../../../../src/util/secret.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { Folders, openNodes, runSession, SCHEDULE, scopeOf, sessionOf, vaultOptions } from './fixtures.ts'

const folders = new Folders()
const password = new Secret('the password of a backup')

async function twoNodes() {
  const clock = new SimClock(Number(SCHEDULE.genesis) * 1_000)
  const nodes = await openNodes(folders, 2, clock)
  const [node] = nodes
  assert.ok(node)
  const elsewhere = () => openShareVault(vaultOptions(folders.make(), 0, { clock }))
  return { clock, nodes, vault: node.vault, elsewhere }
}

describe('export and import of shares', function () {
  this.timeout(120_000)
  afterEach(() => folders.clean())

  it('move everything to another machine, which signs and deals the same', async () => {
    const { nodes, vault, elsewhere } = await twoNodes()
    const first = await runSession(nodes, nodes, { session: 1n, threshold: 2 })
    const session = await sessionOf(nodes, { session: 2n, threshold: 2, previous: first.sharing })
    const dealing = await vault.deal(session)
    const text = await vault.export(password)
    const other = await elsewhere()
    assert.deepEqual(await other.import(text, password), { encryptionKeys: 2, dealings: 1, sharings: 1 })
    assert.deepEqual(other.sharings(), vault.sharings())
    assert.deepEqual(await other.sign(1n, 1n), await vault.sign(1n, 1n))
    assert.deepEqual(await other.deal(session), dealing)
    assert.deepEqual(await other.encryptionKey(), await vault.encryptionKey())
    // the same again changes nothing
    assert.deepEqual(await other.import(text, password), { encryptionKeys: 0, dealings: 0, sharings: 0 })
    assert.deepEqual(await vault.import(text, password), { encryptionKeys: 0, dealings: 0, sharings: 0 })
  })

  it('refuse another password, file, version or scope', async () => {
    const { clock, vault, elsewhere } = await twoNodes()
    await vault.encryptionKey()
    const text = await vault.export(password)
    const other = await elsewhere()
    const rejects = (changed: string, code: string) => assert.rejects(other.import(changed, password), { code })
    await assert.rejects(other.import(text, new Secret('another')), { code: 'shares.wrong-password' })
    await rejects('', 'shares.invalid')
    await rejects(text.slice(0, -10), 'shares.invalid')
    await rejects('x'.repeat(5_000_000), 'shares.invalid')
    await rejects(text.replace('"version": 1', '"version": 2'), 'shares.invalid')
    await rejects(text.replace('lariat-shares', 'something-else'), 'shares.invalid')
    await rejects(text.replace('"n": 1024', '"n": 1073741824'), 'keystore.invalid')
    // what stands outside the ciphertext is bound to it
    await rejects(text.replace(/"exported_at": "20/, '"exported_at": "21'), 'shares.wrong-password')
    await rejects(text.replace('"chain_id": 31337', '"chain_id": 1'), 'shares.other-scope')
    const stranger = await openShareVault(vaultOptions(folders.make(), 1, { clock }))
    await assert.rejects(stranger.import(text, password), { code: 'shares.other-scope' })
    const scope = scopeOf(0)
    const swapped = text.replaceAll(scope.operator, scopeOf(1).operator)
    await assert.rejects(stranger.import(swapped, password), { code: 'shares.wrong-password' })
    assert.deepEqual(other.encryptionKeys(), [])
  })

  it('refuse what contradicts, and change nothing then', async () => {
    const { nodes, vault, elsewhere } = await twoNodes()
    const before = await vault.export(password)
    const first = await runSession(nodes, nodes, { session: 1n, threshold: 2 })
    const text = await vault.export(password)

    // a machine that dealt in the same session with a seed of its own
    const twin = await elsewhere()
    await twin.import(before, password)
    await twin.deal(first.session)
    const keys = twin.encryptionKeys()
    await assert.rejects(twin.import(text, password), { code: 'shares.contradiction' })
    assert.deepEqual(twin.sharings(), [])
    assert.deepEqual(twin.encryptionKeys(), keys)
    await assert.rejects(vault.import(await twin.export(password), password), { code: 'shares.contradiction' })
    assert.equal((await vault.sign(1n, 1n)).length, 1)
  })

  it('bring back nothing that was retired, and loosen nothing', async () => {
    const { nodes, vault, elsewhere } = await twoNodes()
    const first = await runSession(nodes, nodes, { session: 1n, threshold: 2 })
    const old = await vault.export(password)
    const second = await runSession(nodes, nodes, { session: 2n, threshold: 2, previous: first.sharing })
    await vault.retire(2n, 2n)
    assert.deepEqual(await vault.import(old, password), { encryptionKeys: 0, dealings: 0, sharings: 0 })
    assert.deepEqual(
      vault.sharings().map(({ sharing }) => sharing),
      [2n],
    )
    assert.deepEqual(vault.encryptionKeys(), [])
    await assert.rejects(vault.deal(first.session), { code: 'shares.other-session' })

    // what was retired there is not taken up here either: the newer file first, the older after it
    const other = await elsewhere()
    assert.deepEqual(await other.import(await vault.export(password), password), {
      encryptionKeys: 0,
      dealings: 0,
      sharings: 1,
    })
    assert.deepEqual(await other.import(old, password), { encryptionKeys: 0, dealings: 0, sharings: 0 })
    await assert.rejects(other.deal(first.session), { code: 'shares.other-session' })
    assert.deepEqual(await other.sign(2n, 1n), await vault.sign(2n, 1n))
    assert.ok(second)
  })

  it('keep a key spent that is spent on either side', async () => {
    const { nodes, vault, elsewhere } = await twoNodes()
    const { publicKey } = await vault.encryptionKey()
    const unspent = await vault.export(password)
    await runSession(nodes, nodes, { session: 1n, threshold: 2 })
    const spent = await vault.export(password)
    const other = await elsewhere()
    await other.import(unspent, password)
    assert.deepEqual((await other.encryptionKey()).publicKey, publicKey)
    await other.import(spent, password)
    assert.notDeepEqual((await other.encryptionKey()).publicKey, publicKey)
    await other.import(unspent, password)
    assert.notDeepEqual((await other.encryptionKey()).publicKey, publicKey)
  })
})
