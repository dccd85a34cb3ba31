// A third maker's provider: every flow of Authlib's own authorization server, done by the client of this house.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { skip, startFlows } from './flows.mjs'
import { freePort } from './support.mjs'

const here = join(dirname(fileURLToPath(import.meta.url)), 'python')
const python = join(here, '.venv/bin/python')
const SECRET = 'a-secret-of-the-tests'
const CALLBACK = 'http://127.0.0.1/callback'
const SCOPE = 'openid email profile offline_access'

function run(program, ...args) {
  const done = spawnSync(program, args, { encoding: 'utf8', cwd: here })
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}`)
}

async function startProvider(t) {
  if (!existsSync(python)) run('python3', '-m', 'venv', '.venv')
  run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', 'requirements.txt')
  const port = await freePort()
  // It speaks http on this machine, which Authlib wants to be told.
  const env = { ...process.env, AUTHLIB_INSECURE_TRANSPORT: '1' }
  const child = spawn(python, ['-W', 'ignore', 'provider.py', String(port)], { cwd: here, env, stdio: ['ignore', 'inherit', 'pipe'] })
  t.after(() => child.kill())
  let output = ''
  await new Promise((ready, failed) => {
    child.stderr.on('data', (chunk) => {
      output += chunk
      if (output.includes('Running on')) ready()
    })
    child.once('exit', (code) => failed(new Error(`ended with ${code}: ${output}`)))
  })
  return `http://localhost:${port}`
}

/** This provider asks nothing: the address leads straight back. */
async function open(address) {
  const response = await fetch(address, { redirect: 'manual' })
  const location = response.headers.get('location')
  return location ? new URL(location).search : 'done=1'
}

test("the client at Authlib's server", { skip }, async (t) => {
  const issuer = await startProvider(t)
  const does = startFlows(t)
  const login = (client_id, more = {}) =>
    does({ do: 'login', issuer, client_id, redirect_uri: CALLBACK, scope: SCOPE, secret: SECRET, ...more }, open)

  for (const [client, more] of [['basic', {}], ['post', { method: 'client_secret_post' }]]) {
    await t.test(`a whole login with ${client}`, async () => {
      const done = await login(client, more)
      assert.deepEqual([done.error, done.sub, done.email, done.refreshed, done.sent, done.active, done.revoked],
        [undefined, 'grace', 'grace@example.com', true, 200, true, true], JSON.stringify(done))
    })
  }
  await t.test('a public client logs in', async () => {
    const done = await login('public', { secret: undefined, scope: 'openid email' })
    assert.equal(done.sub, 'grace', JSON.stringify(done))
    assert.match(done.active, /introspection endpoint answered 401/)
  })
  await t.test('of the client itself, and a device', async () => {
    const own = await does({ do: 'client_credentials', issuer, client_id: 'job', secret: SECRET, scope: 'orders:read' })
    assert.deepEqual([own.error, own.scope], [undefined, 'orders:read'], JSON.stringify(own))
    const device = await does({ do: 'device', issuer, client_id: 'tv', scope: 'openid' }, open)
    assert.equal(device.error, undefined, JSON.stringify(device))
  })
  await t.test('what is wrong is told', async () => {
    assert.match((await login('basic', { secret: 'wrong' })).error, /the token endpoint answered 401: invalid_client/)
  })
  await t.test('a server that binds nothing to a key is found out', async () => {
    const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk',
      (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])).privateKey)
    const done = await login('basic', { dpop: { kty, crv, x, y, d, alg: 'ES256' } })
    assert.match(done.error, /DPoP/)
  })
})
