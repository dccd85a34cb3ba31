// What may be used once, 64 times at once over as many sockets, on SQLite: one wins (S27, S36, S37, S39, S31, S35).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import * as client from 'openid-client'
import { GRACE, SECRET, REDIRECT_URI, discover, grace, jwks, keyPair, logIn, machine, tokensOf, webClient } from './peers.mjs'
import { serve } from './support.mjs'

const AT_ONCE = 64
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

/** Sends the same request many times at once. What came back, as status and error. */
async function atOnce(send) {
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    const response = await send()
    const body = response.headers.get('content-type')?.includes('json') ? await response.json() : {}
    return { status: response.status, ...body }
  }))
  const count = {}
  for (const { status, error } of answers) {
    const what = `${status} ${error ?? ''}`.trim()
    count[what] = (count[what] ?? 0) + 1
  }
  return { count, winner: answers.find(({ status }) => status < 400) }
}

test('s44 of many at once one wins', async (t) => {
  const signing = await keyPair('ES256')
  const jobs = { scope: 'jobs', audience: ['https://jobs.example'] }
  const provider = await serve(t, {
    // Each loser is a guess of this address.
    limits: { login_attempts_per_address: 1000 },
    users: [GRACE],
    clients: [
      webClient('app', { token_endpoint_auth_method: 'none' }),
      machine('tv', { token_endpoint_auth_method: 'none', grant_types: [DEVICE, 'refresh_token'], scope: 'openid offline_access' }),
      webClient('web'),
      machine('signing', { ...jobs, token_endpoint_auth_method: 'private_key_jwt', jwks: jwks(signing) }),
      machine('job', jobs),
    ],
  })
  const app = await discover(provider, 'app', undefined, client.None())
  const { token_endpoint, pushed_authorization_request_endpoint, authorization_endpoint } = app.serverMetadata()
  const post = (address, form, headers) => fetch(address, { method: 'POST', body: new URLSearchParams(form), headers })
  const basic = (id) => ({ authorization: `Basic ${btoa(`${id}:${encodeURIComponent(SECRET)}`)}` })

  await t.test('a code; the others end what it gave', async () => {
    const { callback, checks } = await logIn(provider, app)
    const { count, winner } = await atOnce(() => post(token_endpoint, {
      grant_type: 'authorization_code', client_id: 'app', code: callback.searchParams.get('code'), redirect_uri: REDIRECT_URI,
      code_verifier: checks.pkceCodeVerifier,
    }))
    assert.deepEqual(count, { 200: 1, '400 invalid_grant': AT_ONCE - 1 })
    await assert.rejects(client.refreshTokenGrant(app, winner.refresh_token), { error: 'invalid_grant' })
  })

  await t.test('a refresh token; the others end the grant', async () => {
    const { refresh_token } = await tokensOf(provider, app)
    const { count, winner } = await atOnce(() => post(token_endpoint, { grant_type: 'refresh_token', client_id: 'app', refresh_token }))
    assert.deepEqual(count, { 200: 1, '400 invalid_grant': AT_ONCE - 1 })
    await assert.rejects(client.refreshTokenGrant(app, winner.refresh_token), { error: 'invalid_grant' })
  })

  await t.test('a device code', async () => {
    const tv = await discover(provider, 'tv', undefined, client.None())
    const device = await client.initiateDeviceAuthorization(tv, { scope: 'openid offline_access' })
    await grace().connectDevice(device.verification_uri_complete, provider.issuer)
    const { count } = await atOnce(() => post(token_endpoint, { grant_type: DEVICE, client_id: 'tv', device_code: device.device_code }))
    // Those who ask before the first has its answer are too fast, those after it too late.
    const { 200: won, '400 slow_down': early = 0, '400 invalid_grant': late = 0 } = count
    assert.deepEqual([won, early + late], [1, AT_ONCE - 1], JSON.stringify(count))
  })

  await t.test('a pushed request', async () => {
    const challenge = await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier())
    const pushed = await post(pushed_authorization_request_endpoint, {
      response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid', code_challenge: challenge, code_challenge_method: 'S256',
    }, basic('web'))
    const { request_uri } = await pushed.json()
    const address = `${authorization_endpoint}?${new URLSearchParams({ client_id: 'web', request_uri })}`
    const { count } = await atOnce(() => fetch(address, { redirect: 'manual' }))
    assert.deepEqual(count, { 303: 1, 400: AT_ONCE - 1 })
  })

  await t.test('a client’s assertion', async () => {
    const client_assertion = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: signing.kid }).setIssuer('signing')
      .setSubject('signing').setAudience(provider.issuer).setJti('once').setIssuedAt().setExpirationTime('1m').sign(signing.key)
    const { count } = await atOnce(() => post(token_endpoint, {
      grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion,
    }))
    assert.deepEqual(count, { 200: 1, '401 invalid_client': AT_ONCE - 1 })
  })

  await t.test('a DPoP proof', async () => {
    const { jwk, key } = await keyPair('ES256')
    const { kty, crv, x, y } = jwk
    const DPoP = await new SignJWT({ htm: 'POST', htu: token_endpoint })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } }).setJti('once').setIssuedAt().sign(key)
    const { count } = await atOnce(() => post(token_endpoint, { grant_type: 'client_credentials' }, { ...basic('job'), DPoP }))
    assert.deepEqual(count, { 200: 1, '400 invalid_dpop_proof': AT_ONCE - 1 })
  })
})
