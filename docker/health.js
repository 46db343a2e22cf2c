// node docker/health.js [URL [BODY]]: the health check of the images, by node itself. Exits with 0 when the URL answers 200 (to a
// POST of BODY, if there is one), otherwise with 1, and prints what came. Without arguments it asks the node of its container:
// LARIAT_HEALTH_URL, where that listens elsewhere.
import { request } from 'node:http'

const DEFAULT_URL = 'http://127.0.0.1:9520/healthz'
/** ms for the whole answer; Docker itself gives up a little later. */
const TIMEOUT_MS = 4_000
/** Characters of an answer that are shown: Docker keeps 4,096 of each check. */
const MAX_SHOWN = 2_000

const [, , url = process.env.LARIAT_HEALTH_URL ?? DEFAULT_URL, body] = process.argv

/** @param {string} what @param {boolean} healthy */
function end(what, healthy) {
  process.stdout.write(`${what.slice(0, MAX_SHOWN)}\n`, () => process.exit(healthy ? 0 : 1))
}

const asked = request(url, {
  method: body === undefined ? 'GET' : 'POST',
  headers: body === undefined ? {} : { 'content-type': 'application/json' },
  signal: AbortSignal.timeout(TIMEOUT_MS),
})
asked.on('error', (error) => end(`${url}: ${error.message}`, false))
asked.on('response', (response) => {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (chunk) => {
    if (text.length < MAX_SHOWN) text += chunk
  })
  response.on('error', (error) => end(`${url}: ${error.message}`, false))
  response.on('end', () => end(`${response.statusCode} ${text}`, response.statusCode === 200))
})
asked.end(body)
