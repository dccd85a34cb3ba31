// Both ends of this house over real sockets: every flow of the client at `authmint serve`, and `authmint login`.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { skip, startFlows } from './flows.mjs'
import { GRACE, SECRET, grace, machine, webClient } from './peers.mjs'
import { program, serve } from './support.mjs'

const CALLBACK = 'http://127.0.0.1/callback'
const SCOPE = 'openid profile email offline_access'
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

async function pair(alg, kid) {
  const { privateKey, publicKey } = alg === 'ECDH-ES+A256KW'
    ? await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])
    : await oauth.generateKeyPair(alg, { extractable: true })
  const own = async (key) => {
    const { key_ops, ext, ...jwk } = await crypto.subtle.exportKey('jwk', key)
    return { ...jwk, kid, alg, use: alg.startsWith('ECDH') ? 'enc' : 'sig' }
  }
  return { own: await own(privateKey), open: await own(publicKey) }
}

/** What a person brings back: the query of an address, or the form of a POST. */
async function back(found) {
  return found instanceof Request ? found.text() : (found?.search ?? 'done=1')
}

const open = (issuer) => async (address, { user_code } = {}) =>
  back(user_code ? await grace().connectDevice(address, issuer) : await grace().authorize(address, issuer))

test('the client at authmint serve', { skip }, async (t) => {
  const key = await pair('ES256', 'k')
  const encryption = await pair('ECDH-ES+A256KW', 'enc')
  const dpop = (await pair('ES256', 'dpop')).own
  const methods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none']
  const jwks = { keys: [key.open] }
  const web = (id, more) => webClient(id, { redirect_uris: [CALLBACK], ...more })
  const { issuer } = await serve(t, {
    profile: 'legacy',
    registration: 'open',
    users: [{ ...GRACE }],
    clients: [
      ...methods.map((method) => web(method, { token_endpoint_auth_method: method, ...(method === 'private_key_jwt' && { jwks }) })),
      web('signed', { jwks, require_signed_request_object: true }),
      web('pushed', { require_pushed_authorization_requests: true }),
      web('bound', { dpop_bound_access_tokens: true }),
      web('hybrid', { response_types: ['code', 'code id_token'], grant_types: ['authorization_code', 'implicit', 'refresh_token'], redirect_uris: ['https://app.example/callback'] }),
      web('encrypted', {
        jwks: { keys: [encryption.open] }, id_token_encrypted_response_alg: 'ECDH-ES+A256KW',
        userinfo_signed_response_alg: 'ES256', userinfo_encrypted_response_alg: 'ECDH-ES+A256KW',
      }),
      machine('job', { scope: 'orders:read', audience: ['https://api.example'] }),
      { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: [DEVICE, 'refresh_token'], scope: 'openid offline_access' },
    ],
  })
  const does = startFlows(t)
  const login = (client_id, more = {}) =>
    does({ do: 'login', issuer, client_id, redirect_uri: CALLBACK, scope: SCOPE, secret: SECRET, ...more }, open(issuer))
  const isWhole = (done, active = true) => {
    assert.deepEqual([done.error, done.email, done.refreshed, done.sent, done.active, done.revoked],
      [undefined, GRACE.email, true, 200, active, true], JSON.stringify(done))
  }
  for (const method of methods) {
    await t.test(`a whole login with ${method}`, async () => {
      const more = method === 'none' ? { secret: undefined } : method === 'private_key_jwt' ? { secret: undefined, key: key.own } : {}
      const done = await login(method, { method, ...more })
      // Who proves nothing is told nothing of tokens.
      isWhole(done, method === 'none' ? 'the introspection endpoint answered 400: unauthorized_client (introspection needs a client that authenticates)' : true)
    })
  }
  await t.test('pushed, signed, both; by a form, beside an ID token; bound; encrypted', async () => {
    isWhole(await login('pushed', { push: true }))
    isWhole(await login('signed', { key: key.own, sign_requests: true }))
    isWhole(await login('signed', { key: key.own, sign_requests: true, push: true }))
    isWhole(await login('client_secret_basic', { form_post: true }))
    isWhole(await login('hybrid', { hybrid: true, redirect_uri: 'https://app.example/callback' }))
    isWhole(await login('bound', { dpop, push: true }))
    isWhole(await login('encrypted', { decrypt: encryption.own }))
  })
  await t.test('of the client itself, a device, registration', async () => {
    const own = await does({ do: 'client_credentials', issuer, client_id: 'job', secret: SECRET, scope: 'orders:read', resource: ['https://api.example'] })
    assert.equal(own.scope, 'orders:read', JSON.stringify(own))
    const device = await does({ do: 'device', issuer, client_id: 'tv', scope: 'openid offline_access' }, open(issuer))
    assert.equal(device.refreshable, true, JSON.stringify(device))
    const registered = await does({ do: 'register', issuer, metadata: { client_name: 'Self-made', redirect_uris: [CALLBACK] } })
    assert.deepEqual([registered.client_name, registered.deleted], ['Self-made', true], JSON.stringify(registered))
  })
})

/** Runs `authmint login`; `open` gets the address that it prints. */
function logIn(args, open) {
  const child = spawn(program, ['login', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  let opened
  return new Promise((ended) => {
    child.stdout.on('data', (chunk) => { out += chunk })
    child.stderr.on('data', (chunk) => {
      err += chunk
      const address = err.match(/^\s+(http\S+)$/m)?.[1]
      if (address && /\n\n$/.test(err) && !opened) opened = open(address, err)
    })
    child.on('close', (code) => ended({ code, out, err }))
  })
}

test('authmint login in the browser of this machine, and on another device', async (t) => {
  const { issuer } = await serve(t, {
    users: [{ ...GRACE }],
    clients: [{
      client_id: 'terminal', token_endpoint_auth_method: 'none', redirect_uris: [CALLBACK], scope: SCOPE,
      grant_types: ['authorization_code', 'refresh_token', DEVICE], application_type: 'native',
    }],
  })
  const args = ['--issuer', issuer, '--client-id', 'terminal', '--no-browser']
  const browse = async (address) => {
    const page = await fetch(await grace().authorize(address, issuer))
    assert.match(await page.text(), /close this window/)
  }
  const plain = await logIn(args, browse)
  assert.equal(plain.code, 0, plain.err)
  assert.match(plain.out, /email\s+grace@example.com/)
  const bound = await logIn([...args, '--dpop', '--print', 'json'], browse)
  assert.equal(JSON.parse(bound.out).tokens.token_type, 'DPoP', bound.err)
  const device = await logIn([...args, '--device', '--print', 'access-token'], async (address, printed) => {
    const code = printed.match(/^\s+([A-Z]{4}-[A-Z]{4})$/m)[1]
    await grace().connectDevice(`${address}?user_code=${code}`, issuer)
  })
  assert.equal(device.code, 0, device.err)
  assert.match(device.out, /^[\w.-]+\n$/)
  const refused = await logIn(['--issuer', issuer, '--client-id', 'nobody', '--no-browser', '--device'], () => {})
  assert.equal(refused.code, 1)
  assert.match(refused.err, /invalid_client/)
})
