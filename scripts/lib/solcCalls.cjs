// Loads the solc of npm so that it takes about half the time.
//
// That solc is C++ compiled by emscripten, which leaves exceptions to JavaScript: every call that might throw goes out to a
// function `invoke_*` of JavaScript, which looks its callee up in the table of functions and calls back in within `try`.
// Code that generates code makes little else than such calls, and they took half of its time. Here WebAssembly's own
// exceptions do it: for each `invoke_*` there is a function of WebAssembly with `try` and `catch`, and what JavaScript throws
// for C++ carries a tag that those catch. What solc computes stays as it is.
const { Instance, Module } = WebAssembly

/** Functions of emscripten's that throw a C++ exception: the number of its address. */
const THROWERS = ['___cxa_throw', '___cxa_rethrow', '___resumeException']

/** Bytes of WebAssembly's binary format: types of values by emscripten's letters, and the constants 0 of those types. */
const TYPES = { i: 0x7f, f: 0x7d, d: 0x7c }
const ZEROS = { v: [], i: [0x41, 0], f: [0x43, 0, 0, 0, 0], d: [0x44, 0, 0, 0, 0, 0, 0, 0, 0] }
const [FUNCTION, FUNCREF, VOID, I32] = [0x60, 0x70, 0x40, 0x7f]
const [TRY, CATCH, END, CALL_INDIRECT, DROP, LOCAL_GET, LOCAL_SET, I32_CONST] = [
  6, 7, 0x0b, 0x11, 0x1a, 0x20, 0x21, 0x41,
]

/** LEB128. */
const number = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...number(n >> 7)])
const list = (items) => [...number(items.length), ...items.flat()]
const text = (name) => list([...Buffer.from(name)].map((byte) => [byte]))
const section = (id, items) => {
  const bytes = list(items)
  return [id, ...number(bytes.length), ...bytes]
}
const functionType = (results, parameters) => [
  FUNCTION,
  ...list([...parameters].map((p) => [TYPES[p]])),
  ...list([...results].filter((r) => r !== 'v').map((r) => [TYPES[r]])),
]

/**
 * A module that exports one function for each signature (emscripten's: the result's letter, then the parameters'), which calls
 * number `index` of the table `calls.table`, and when that throws `calls.tag` restores the stack and tells by `setThrew`.
 * The table `calls.stack` holds stackSave, stackRestore and setThrew.
 */
function callsModule(signatures) {
  const types = []
  const type = (results, parameters) => {
    const found = types.findIndex(([r, p]) => r === results && p === parameters)
    return found >= 0 ? found : types.push([results, parameters]) - 1
  }
  const stack = (index, results, parameters) => [
    I32_CONST,
    index,
    CALL_INDIRECT,
    ...number(type(results, parameters)),
    1,
  ]
  const bodies = signatures.map((signature) => {
    const [result, parameters] = [signature[0], signature.slice(1)]
    const sp = number(parameters.length + 1)
    const code = [
      ...[...stack(0, 'i', ''), LOCAL_SET, ...sp],
      ...[TRY, TYPES[result] ?? VOID],
      ...[...parameters].flatMap((_, i) => [LOCAL_GET, ...number(i + 1)]),
      ...[LOCAL_GET, 0, CALL_INDIRECT, ...number(type(result, parameters)), 0],
      ...[CATCH, 0, DROP],
      ...[LOCAL_GET, ...sp, ...stack(1, 'v', 'i')],
      ...[I32_CONST, 1, I32_CONST, 0, ...stack(2, 'v', 'ii')],
      ...[...ZEROS[result], END, END],
    ]
    const body = [1, 1, I32, ...code]
    return [...number(body.length), ...body]
  })
  const functions = signatures.map((signature) => number(type(signature[0], `i${signature.slice(1)}`)))
  const table = (name) => [...text('calls'), ...text(name), 1, FUNCREF, 0, 0]
  const tag = [...text('calls'), ...text('tag'), 4, 0, ...number(type('v', 'i'))]
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      types.map(([results, parameters]) => functionType(results, parameters)),
    ),
    ...section(2, [table('table'), table('stack'), tag]),
    ...section(3, functions),
    ...section(
      7,
      signatures.map((signature, i) => [...text(signature), 0, ...number(i)]),
    ),
    ...section(10, bodies),
  ]
  return new Module(new Uint8Array(bytes))
}

/** What solc imports, with its calls that may throw done by WebAssembly; and what completes that once solc has an instance. */
function withCalls(imports, soljson) {
  const tag = new WebAssembly.Tag({ parameters: ['i32'] })
  const [table, stack] = [0, 3].map((initial) => new WebAssembly.Table({ element: 'anyfunc', initial }))
  const signatures = new Map(
    Object.entries(imports).flatMap(([key, { name }]) => (name.startsWith('invoke_') ? [[key, name.slice(7)]] : [])),
  )
  const direct = [...signatures.values()].filter((signature) => !signature.includes('j'))
  const calls = new Instance(callsModule(direct), { calls: { table, stack, tag } }).exports

  /** A call with 64-bit integers, of which there are few: they pass through JavaScript in halves. */
  const inHalves =
    (signature) =>
    (index, ...parameters) => {
      const sp = soljson.stackSave()
      try {
        return soljson[`dynCall_${signature}`](index, ...parameters)
      } catch (error) {
        if (!(error instanceof WebAssembly.Exception && error.is(tag))) throw error
        soljson.stackRestore(sp)
        return soljson._setThrew(1, 0)
      }
    }
  const tagged =
    (thrower) =>
    (...parameters) => {
      try {
        return thrower(...parameters)
      } catch (error) {
        throw typeof error === 'number' ? new WebAssembly.Exception(tag, [error]) : error
      }
    }
  const replace = ([key, given]) => {
    const signature = signatures.get(key)
    if (signature !== undefined) return [key, calls[signature] ?? inHalves(signature)]
    return [key, THROWERS.includes(given.name) ? tagged(given) : given]
  }

  /** Copies the table of functions, and has each change of it made to the copy, too. */
  const follow = (original) => {
    table.grow(original.length)
    for (let i = 0; i < original.length; i++) table.set(i, original.get(i))
    original.grow = (...parameters) => {
      table.grow(...parameters)
      return WebAssembly.Table.prototype.grow.apply(original, parameters)
    }
    original.set = (index, given) => {
      WebAssembly.Table.prototype.set.call(original, index, given)
      table.set(index, original.get(index))
    }
  }
  const complete = (exports) => {
    follow(Object.values(exports).find((value) => value instanceof WebAssembly.Table))
    // known by their names only later, when it gets ready to run
    soljson.preRun = () => {
      for (const [i, name] of ['stackSave', 'stackRestore', '_setThrew'].entries()) stack.set(i, soljson[name])
    }
  }
  return { imports: Object.fromEntries(Object.entries(imports).map(replace)), complete }
}

/** The module `solc`, sped up if it is made as this file knows it. */
function loadSolc() {
  const file = require.resolve('solc/soljson.js')
  WebAssembly.Instance = new Proxy(Instance, {
    construct(_, [module, given]) {
      const [[scope, functions] = []] = Object.entries(given ?? {})
      const throwers = Object.values(functions ?? {}).filter(({ name }) => THROWERS.includes(name))
      const soljson = require.cache[file]?.exports
      if (throwers.length !== THROWERS.length || soljson === undefined) return new Instance(module, given)
      const { imports, complete } = withCalls(functions, soljson)
      const instance = new Instance(module, { [scope]: imports })
      complete(instance.exports)
      return instance
    },
  })
  try {
    return require('solc')
  } finally {
    WebAssembly.Instance = Instance
  }
}

module.exports = { loadSolc }
