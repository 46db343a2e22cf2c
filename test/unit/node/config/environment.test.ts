import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileKeys, variableOf, withEnvironment, withoutKeyVariables } from '../../../../src/node/config/environment.ts'
import { loadConfig } from '../../../../src/node/config/load.ts'
import { nodeConfigSchema } from '../../../../src/node/config/schema.ts'
import { PLUGINS } from '../../../../src/node/plugins.ts'
import { signerConfigSchema } from '../../../../src/node/signer/config.ts'

const schema = nodeConfigSchema('/')

describe('files of keys from the environment', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-environment-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('have names that come from the schema', () => {
    assert.deepEqual(fileKeys(schema).map(variableOf), [
      'LARIAT_KEYS_BLS_KEYSTORE',
      'LARIAT_KEYS_BLS_PASSWORD_FILE',
      'LARIAT_KEYS_ECDSA_KEYSTORE',
      'LARIAT_KEYS_ECDSA_PASSWORD_FILE',
      'LARIAT_KEYS_SHARES_PASSWORD_FILE',
      'LARIAT_KEYS_CHECKPOINTS_KEYSTORE',
      'LARIAT_KEYS_CHECKPOINTS_PASSWORD_FILE',
      'LARIAT_SIGNER_TLS_CA',
      'LARIAT_SIGNER_TLS_CERT',
      'LARIAT_SIGNER_TLS_KEY',
    ])
    assert.ok(fileKeys(signerConfigSchema('/')).map(variableOf).includes('LARIAT_TLS_KEY'))
  })

  it('stand before the file, a variable before a credential', () => {
    writeFileSync(join(folder, 'keys.bls.passwordFile'), 'x')
    writeFileSync(join(folder, 'keys.ecdsa.passwordFile'), 'x')
    const value = { dataDir: './data', keys: { bls: { keystore: 'k', passwordFile: 'p' } } }
    const env = { CREDENTIALS_DIRECTORY: folder, LARIAT_KEYS_ECDSA_PASSWORD_FILE: 'here/password', HOME: '/root' }
    const { value: filled, origins } = withEnvironment(value, schema, env)
    assert.deepEqual(filled, {
      dataDir: './data',
      keys: {
        bls: { keystore: 'k', passwordFile: join(folder, 'keys.bls.passwordFile') },
        ecdsa: { passwordFile: resolve('here/password') },
      },
    })
    assert.deepEqual(Object.fromEntries(origins), {
      'keys.bls.passwordFile': 'the credential keys.bls.passwordFile',
      'keys.ecdsa.passwordFile': 'LARIAT_KEYS_ECDSA_PASSWORD_FILE',
    })
    assert.deepEqual(value.keys, { bls: { keystore: 'k', passwordFile: 'p' } })
    assert.equal(withEnvironment(7, schema, env).value, 7)
    assert.equal(withEnvironment(undefined, schema, {}).value, undefined)
  })

  it('that name nothing are refused with what was meant; those of others are left alone', () => {
    const refused = (name: string) => {
      try {
        withEnvironment({}, schema, { [name]: 'secret-value' })
      } catch (error) {
        const { code, message } = error as Error & { code: string }
        assert.equal(code, 'config.environment')
        assert.ok(message.includes(name) && !message.includes('secret-value'), message)
        return message
      }
      return assert.fail(`${name} was taken`)
    }
    assert.match(refused('LARIAT_KEYS_BLS_PASSWORD'), /never secrets: did you mean LARIAT_KEYS_BLS_PASSWORD_FILE\?/)
    assert.match(refused('LARIAT_KEY_ECDSA_KEYSTORE'), /did you mean LARIAT_KEYS_ECDSA_KEYSTORE\?/)
    assert.match(refused('LARIAT_SIGNER_TSL_KEY'), /did you mean LARIAT_SIGNER_TLS_KEY\?/)
    assert.match(refused('LARIAT_MNEMONIC'), /LARIAT_|there are/)
    for (const name of ['LARIAT_FUZZ_RUNS', 'LARIAT_TLS_KEY', 'KEYS_BLS_PASSWORD', 'LARIAT_KEYS_BLS_KEYSTORE']) {
      withEnvironment({}, schema, { [name]: 'x' })
    }
    assert.deepEqual(withoutKeyVariables({ LARIAT_KEYS_BLS_KEYSTORE: 'x', CREDENTIALS_DIRECTORY: 'y', PATH: 'z' }), {
      PATH: 'z',
    })
  })

  it('are what a node loads, and errors name the variable', async () => {
    for (const file of ['bls.json', 'ecdsa.json', 'password', 'deployment.json']) writeFileSync(join(folder, file), '')
    mkdirSync(join(folder, 'data'))
    const yaml = `dataDir: ./data
chain: {id: 1, rpc: [{url: http://127.0.0.1:1}], deployment: deployment.json, singleProvider: true}
operator: {address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'}
keys: {bls: {keystore: bls.json}}
services: [{use: randomness, contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3'}]
`
    const config = join(folder, 'node.yaml')
    writeFileSync(config, yaml)
    const set: Record<string, string> = {
      LARIAT_KEYS_BLS_PASSWORD_FILE: join(folder, 'password'),
      LARIAT_KEYS_ECDSA_KEYSTORE: join(folder, 'ecdsa.json'),
      LARIAT_KEYS_ECDSA_PASSWORD_FILE: join(folder, 'password'),
      LARIAT_KEYS_SHARES_PASSWORD_FILE: join(folder, 'password'),
    }
    try {
      Object.assign(process.env, set)
      const { keys } = await loadConfig(config, PLUGINS)
      assert.deepEqual(keys.bls, { keystore: join(folder, 'bls.json'), passwordFile: join(folder, 'password') })
      assert.equal(keys.ecdsa.keystore, join(folder, 'ecdsa.json'))
      assert.equal(keys.shares?.passwordFile, join(folder, 'password'))
      process.env.LARIAT_KEYS_BLS_PASSWORD_FILE = join(folder, 'gone')
      await assert.rejects(
        loadConfig(config, PLUGINS),
        /keys\.bls\.passwordFile .*gone cannot be read — correct LARIAT_KEYS_BLS_PASSWORD_FILE/,
      )
    } finally {
      for (const name of Object.keys(set)) delete process.env[name]
    }
  })
})
