// Starting the program under test, and the browser that looks at it.
import { spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** The program: built by the test command, or named by AUTHMINT_BIN. */
export const program = process.env.AUTHMINT_BIN ?? join(root, 'target/release/authmint')

/** A folder that is gone after the tests. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'authmint-e2e-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A port that nobody listens on, below those that a system gives to outgoing connections: none of these takes it meanwhile. */
export function freePort() {
  const port = randomInt(10_000, 32_768)
  const server = createServer()
  return new Promise((found) => {
    server.once('error', () => found(freePort()))
    server.listen(port, '127.0.0.1', () => server.close(() => found(port)))
  })
}

/** Runs a command to its end and returns what it printed. */
export function run(args, options = {}) {
  const done = spawnSync(program, args, { encoding: 'utf8', ...options })
  if (done.error) throw done.error
  if (done.status !== 0) throw new Error(`authmint ${args.join(' ')} ended with ${done.status}: ${done.stderr}`)
  return done.stdout
}

/** Starts a command that goes on; ready when `isReady` says so of what it printed so far. */
export async function start(args, isReady, options = {}) {
  const process_ = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let output = ''
  await new Promise((ready, failed) => {
    const timer = setTimeout(() => failed(new Error(`not ready in time: ${output}`)), 30_000)
    const listen = (chunk) => {
      output += chunk
      if (isReady(output)) {
        clearTimeout(timer)
        ready()
      }
    }
    process_.stdout.on('data', listen)
    process_.stderr.on('data', listen)
    process_.once('exit', (code) => {
      clearTimeout(timer)
      failed(new Error(`ended with ${code}: ${output}`))
    })
  })
  const stop = (signal = 'SIGTERM') =>
    new Promise((stopped) => {
      if (process_.exitCode !== null || process_.signalCode !== null) return stopped()
      process_.once('exit', stopped)
      process_.kill(signal)
    })
  return { output: () => output, stop, pid: process_.pid }
}

/** A value as TOML writes it. */
function toml(value) {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  return `{ ${Object.entries(value).map(([name, member]) => `${JSON.stringify(name)} = ${toml(member)}`).join(', ')} }`
}

/** `authmint serve` on a port and in a folder of its own, with these settings, users and clients. */
export async function serve(t, { users = [], clients = [], data = folder(t), ...settings } = {}) {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const all = {
    issuer, listen: `127.0.0.1:${port}`, database: 'authmint.db', secret_file: 'authmint.secret', ...settings, seed: { users, clients },
  }
  const file = join(data, 'authmint.toml')
  writeFileSync(file, Object.entries(all).map(([name, value]) => `${name} = ${toml(value)}\n`).join(''))
  const server = await start(['serve', '--config', file], (output) => output.includes('serves'))
  t.after(() => server.stop())
  return { issuer, output: server.output }
}

/** `authmint dev` on ports of its own. */
export async function startDev(t) {
  const [provider, app, api] = await Promise.all([freePort(), freePort(), freePort()])
  const args = ['dev', '--data', folder(t), '--provider-port', provider, '--app-port', app, '--api-port', api].map(String)
  const dev = await start(args, (output) => /Password\s+\S+/.test(output))
  t.after(() => dev.stop())
  const printed = (label) => dev.output().match(new RegExp(`${label}\\s+(\\S+)`))[1]
  return {
    provider: printed('Provider'),
    app: printed('Sample application'),
    api: printed('Protected API'),
    username: printed('User name'),
    password: printed('Password'),
    output: dev.output,
  }
}

/** Debian's Chromium, or the one that CHROMIUM names, with more arguments of its own. */
export async function startBrowser(t, ...more) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...more],
  })
  t.after(() => browser.close())
  return browser
}
