// The examples that docs/clients.md shows as diffs, each run as it is.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { createLocalJWKSet, createRemoteJWKSet, exportPKCS8, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import { GRACE, SECRET, grace } from './peers.mjs'
import { folder, serve } from './support.mjs'

// They are built into one folder: AUTHMINT_STEPS names one of them.
const one = process.env.AUTHMINT_STEPS
const skip = one ? false : 'NOT RUN: needs AUTHMINT_STEPS, the example `plain`'

/** Runs a step; `open` gets the line that it prints first. */
function run(name, env, args = [], open = () => {}) {
  const child = spawn(join(dirname(one), name), args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  let opened = false
  return new Promise((ended) => {
    child.stdout.on('data', (chunk) => {
      out += chunk
      if (!opened && out.includes('\n')) {
        opened = true
        Promise.resolve(open(out)).catch((error) => { err += error.message; child.kill() })
      }
    })
    child.stderr.on('data', (chunk) => { err += chunk })
    child.on('close', (code) => ended({ code, out, err }))
  })
}

/** A server on a port of this machine. */
async function listen(t, answer) {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => { body += chunk })
    request.on('end', async () => {
      const [status, json] = await answer(request, body).catch((error) => [401, { error: 'invalid_token', error_description: error.message }])
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    })
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => { server.closeAllConnections(); server.close() })
  return `http://127.0.0.1:${server.address().port}`
}

test('the examples of docs/clients.md', { skip }, async (t) => {
  const data = folder(t)
  const { privateKey, publicKey } = await oauth.generateKeyPair('ES256', { extractable: true })
  const jwk = async (key) => {
    const { ext, key_ops, ...members } = await crypto.subtle.exportKey('jwk', key)
    return { ...members, alg: 'ES256', kid: 'k' }
  }
  const keyFile = join(data, 'key.json')
  writeFileSync(keyFile, JSON.stringify(await jwk(privateKey)))
  const jwks = { keys: [await jwk(publicKey)] }

  // An API that takes its issuer's tokens for itself, by another maker's library.
  let keys, issuer
  const api = await listen(t, async (request) => {
    const token = request.headers.authorization?.replace(/^Bearer /, '')
    const { payload } = await jwtVerify(token, keys, { issuer, audience: api, typ: 'at+jwt' })
    return [payload.scope.split(' ').includes('orders:read') ? 200 : 403, {}]
  })

  const provider = (client) => serve(t, {
    users: [{ ...GRACE }],
    clients: [{
      client_id: 'my-app', redirect_uris: ['http://127.0.0.1/callback'], scope: 'openid profile email orders:read', audience: [api],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      ...client,
    }],
  })
  const browse = (at) => async (line) => {
    const [, address] = line.match(/^open (\S+)/)
    await fetch(await grace().authorize(address, at))
  }

  const plain = await provider({ jwks, client_secret: SECRET })
  ;({ issuer } = plain)
  keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const env = { ISSUER: issuer, CLIENT_SECRET: SECRET, KEY_FILE: keyFile, API: api }
  for (const [name, args] of [['plain'], ['dpop'], ['par'], ['jar'], ['several_providers', ['own']]]) {
    await t.test(name, async () => {
      const done = await run(name, env, args, browse(issuer))
      assert.match(done.out, /hello Grace Hopper/, done.err)
    })
  }
  await t.test('device', async () => {
    const done = await run('device', env, [], (line) => {
      const [, address, code] = line.match(/^open (\S+) and type (\S+)/)
      return grace().connectDevice(`${address}?user_code=${code}`, issuer)
    })
    assert.match(done.out, /hello, tokens until/, done.err)
  })
  await t.test('api', async () => {
    const done = await run('api', env, [], browse(issuer))
    assert.match(done.out, /the API answers 200/, done.err)
  })
  await t.test('private_key_jwt', async () => {
    const { issuer } = await provider({ jwks, token_endpoint_auth_method: 'private_key_jwt' })
    const done = await run('private_key_jwt', { ...env, ISSUER: issuer }, [], browse(issuer))
    assert.match(done.out, /hello Grace Hopper/, done.err)
  })
  await t.test('service_account', async () => {
    // The token endpoint of another maker: it reads the assertion with a library of its own.
    const pair = await oauth.generateKeyPair('RS256', { extractable: true })
    const known = createLocalJWKSet({ keys: [{ ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid: 'k1', alg: 'RS256', key_ops: undefined }] })
    const given = 'an-access-token'
    const robots = await listen(t, async (request, body) => {
      if (request.url === '/files') return [request.headers.authorization === `Bearer ${given}` ? 200 : 401, {}]
      const { payload } = await jwtVerify(new URLSearchParams(body).get('assertion'), known, { issuer: 'robot@project.example', audience: `${robots}/token` })
      assert.equal(payload.scope, 'files')
      return [200, { access_token: given, token_type: 'Bearer', expires_in: 3600 }]
    })
    const file = join(data, 'robot.json')
    writeFileSync(file, JSON.stringify({
      type: 'service_account', client_email: 'robot@project.example', private_key_id: 'k1',
      private_key: await exportPKCS8(pair.privateKey), token_uri: `${robots}/token`,
    }))
    const done = await run('service_account', { KEY_FILE: file, SCOPE: 'files', API: `${robots}/files` })
    assert.match(done.out, /the API answers 200/, done.err)
  })
})
