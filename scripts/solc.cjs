#!/usr/bin/env node
// Gives forge the solc that npm installed (WebAssembly) behind the command line that forge expects.
//
// That solc runs on one core, and nearly all of its time goes into generating code. So the contracts whose code is asked
// for are dealt out to one thread per core; each parses everything and generates its share. The code of a contract does
// not depend on what else is asked for, so the sum is what one run would give. lib/solcCalls.cjs halves the time of each.
const os = require('node:os')
const { posix } = require('node:path')
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads')
const { version } = require('solc/package.json')
const { loadSolc } = require('./lib/solcCalls.cjs')

/** Each thread takes about 400 MB. */
const MAX_THREADS = 4

let solc
function compile(input) {
  solc ??= loadSolc()
  return JSON.parse(solc.compile(JSON.stringify(input)))
}

/** Characters of a source and of all of ours that it imports. Of what npm brought, contracts use little. */
function reach(input, file, seen = new Set()) {
  const content = input.sources[file]?.content
  if (content === undefined || seen.has(file) || file.startsWith('node_modules/')) return 0
  seen.add(file)
  const imports = [...content.matchAll(/^\s*import\s[^;]*?["'](\.[^"']+)["']/gm)]
  const reached = imports.map(([, path]) => reach(input, posix.join(posix.dirname(file), path), seen))
  return reached.reduce((sum, characters) => sum + characters, content.length)
}

/**
 * How long the code of a file may take, in no unit. Interfaces, abstract contracts and libraries without functions to
 * call take next to none; other libraries reach far for types alone, and took a quarter of what contracts of their
 * reach did.
 */
function weigh(input, file) {
  const content = input.sources[file]?.content ?? ''
  if (/^contract\s/m.test(content)) return reach(input, file)
  return /^library\s/m.test(content) && /\)\s+(external|public)\s/.test(content) ? reach(input, file) / 4 : 0
}

/** Splits the output selection into at most `count` ones of about the same weight. */
function deal(input, count) {
  const selection = input.settings?.outputSelection ?? {}
  if (Object.keys(selection).some((file) => input.sources[file] === undefined)) return [selection]
  // what takes long is to generate code: without it each thread would do the same
  if (!JSON.stringify(selection).includes('ytecode')) return [selection]
  const shares = Array.from({ length: count }, () => ({ weight: 0, selection: {} }))
  const weighed = Object.keys(selection).map((file) => ({ file, weight: weigh(input, file) }))
  for (const { file, weight } of weighed.sort((a, b) => b.weight - a.weight)) {
    const lightest = shares.reduce((a, b) => (b.weight < a.weight ? b : a))
    lightest.weight += weight
    lightest.selection[file] = selection[file]
  }
  return shares.map((share) => share.selection).filter((share) => Object.keys(share).length > 0)
}

function merge(outputs) {
  const errors = new Map(outputs.flatMap((output) => output.errors ?? []).map((e) => [JSON.stringify(e), e]))
  return {
    ...(errors.size > 0 ? { errors: [...errors.values()] } : {}),
    sources: Object.assign({}, ...outputs.map((output) => output.sources)),
    contracts: Object.assign({}, ...outputs.map((output) => output.contracts)),
  }
}

function compileInThread(input) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: input })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

async function compileInThreads(input) {
  const shares = deal(input, Math.min(os.availableParallelism(), MAX_THREADS))
  if (shares.length < 2) return compile(input)
  const inputs = shares.map((outputSelection) => ({ ...input, settings: { ...input.settings, outputSelection } }))
  const others = inputs.slice(1).map(compileInThread)
  return merge([compile(inputs[0]), ...(await Promise.all(others))])
}

async function main() {
  if (process.argv.includes('--version')) {
    // the package's version is the compiler's: forge asks each time, and loading the compiler takes most of a second
    process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`)
  } else if (process.argv.includes('--standard-json')) {
    const chunks = []
    for await (const chunk of process.stdin) chunks.push(chunk)
    const output = await compileInThreads(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    process.stdout.write(JSON.stringify(output))
  } else {
    process.stderr.write('scripts/solc.cjs: only --version and --standard-json are supported\n')
    process.exitCode = 1
  }
}

if (isMainThread) main()
else parentPort.postMessage(compile(workerData))
