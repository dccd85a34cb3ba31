// oauth4webapi from npm: each answer is checked by the function that the library has for it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { GRACE, REDIRECT_URI, SECRET, grace, jwks, keyPair, machine, webClient } from './peers.mjs'
import { serve } from './support.mjs'

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const API = 'https://api.example'
const insecure = { [oauth.allowInsecureRequests]: true }

test('oauth4webapi is content with every answer', async (t) => {
  const signing = await keyPair('ES256')
  const provider = await serve(t, {
    profile: 'legacy',
    registration: 'open',
    require_dpop_nonce: true,
    users: [GRACE],
    clients: [
      webClient('app', {
        token_endpoint_auth_method: 'private_key_jwt', jwks: jwks(signing), userinfo_signed_response_alg: 'RS256',
        scope: 'openid profile offline_access api:read', audience: [API],
      }),
      webClient('hybrid', { grant_types: ['authorization_code', 'implicit'], response_types: ['code id_token'] }),
      machine('job', { scope: 'api:read', audience: [API] }),
      machine('tv', { token_endpoint_auth_method: 'none', grant_types: [DEVICE, 'refresh_token'], scope: 'openid offline_access' }),
      machine(API),
    ],
  })
  const issuer = new URL(provider.issuer)
  const servers = {}
  for (const algorithm of ['oidc', 'oauth2']) {
    const response = await oauth.discoveryRequest(issuer, { algorithm, ...insecure })
    servers[algorithm] = await oauth.processDiscoveryResponse(issuer, response)
  }
  const as = servers.oidc
  assert.equal(servers.oauth2.token_endpoint, as.token_endpoint)

  /** Asks again with the nonce, once, as RFC 9449 8 has it. */
  const withNonce = async (request, process) => {
    try {
      return await process(await request())
    } catch (error) {
      if (!oauth.isDPoPNonceError(error)) throw error
      return process(await request())
    }
  }

  await t.test('a signed request, pushed with a proof; code, UserInfo, refresh, introspection, revocation', async () => {
    const app = { client_id: 'app', userinfo_signed_response_alg: 'RS256', use_mtls_endpoint_aliases: false }
    const authentication = oauth.PrivateKeyJwt({ key: signing.key, kid: signing.kid })
    const DPoP = oauth.DPoP(app, await oauth.generateKeyPair('ES256'))
    const options = { DPoP, ...insecure }
    const verifier = oauth.generateRandomCodeVerifier()
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
    const request = await oauth.issueRequestObject(as, app, {
      response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid profile offline_access api:read', state, nonce,
      max_age: '600', prompt: 'consent', claims: JSON.stringify({ id_token: { auth_time: { essential: true } } }),
      resource: API, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    }, { key: signing.key, kid: signing.kid })
    const { request_uri } = await withNonce(
      () => oauth.pushedAuthorizationRequest(as, app, authentication, { request }, options),
      (response) => oauth.processPushedAuthorizationResponse(as, app, response))
    const address = new URL(as.authorization_endpoint)
    address.search = new URLSearchParams({ client_id: 'app', request_uri })

    const params = oauth.validateAuthResponse(as, app, await grace().authorize(address, provider.issuer), state)
    const tokens = await withNonce(
      () => oauth.authorizationCodeGrantRequest(as, app, authentication, params, REDIRECT_URI, verifier, options),
      (response) => oauth.processAuthorizationCodeResponse(as, app, response, { expectedNonce: nonce, maxAge: 600, requireIdToken: true }))
    assert.equal(tokens.token_type, 'dpop')
    const { sub, auth_time } = oauth.getValidatedIdTokenClaims(tokens)
    assert.ok(Math.abs(Date.now() / 1000 - auth_time) < 60)

    const userInfo = await withNonce(
      () => oauth.userInfoRequest(as, app, tokens.access_token, options),
      async (response) => {
        const info = await oauth.processUserInfoResponse(as, app, sub, response)
        await oauth.validateApplicationLevelSignature(as, response, insecure)
        return info
      })
    assert.equal(userInfo.name, GRACE.name)

    // What an API does with the token (RFC 9068, RFC 9449 7).
    const toApi = (headers) => new Request(`${API}/orders`, { headers })
    const proven = []
    await oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL(`${API}/orders`), undefined, undefined, {
      DPoP, [oauth.customFetch]: async (_, { headers }) => {
        proven.push(toApi(headers))
        return new Response()
      },
    })
    const claims = await oauth.validateJwtAccessToken(as, proven[0], API, { requireDPoP: true, ...insecure })
    assert.deepEqual([claims.sub, claims.client_id], [sub, 'app'])
    await assert.rejects(oauth.validateJwtAccessToken(as, toApi({ authorization: `Bearer ${tokens.access_token}` }), API, insecure))

    const renewed = await withNonce(
      () => oauth.refreshTokenGrantRequest(as, app, authentication, tokens.refresh_token, options),
      (response) => oauth.processRefreshTokenResponse(as, app, response))
    const api = { client_id: API }
    const introspect = async (token) => oauth.processIntrospectionResponse(as, api,
      await oauth.introspectionRequest(as, api, oauth.ClientSecretBasic(SECRET), token, insecure))
    const answer = await introspect(renewed.access_token)
    assert.deepEqual([answer.active, answer.token_type, answer.cnf.jkt], [true, 'DPoP', claims.cnf.jkt])
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, app, authentication, renewed.refresh_token, insecure))
    assert.equal((await introspect(renewed.access_token)).active, false)
  })

  await t.test('code id_token, as a form', async () => {
    const app = { client_id: 'hybrid' }
    const authentication = oauth.ClientSecretBasic(SECRET)
    const verifier = oauth.generateRandomCodeVerifier()
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
    const address = new URL(as.authorization_endpoint)
    address.search = new URLSearchParams({
      client_id: 'hybrid', response_type: 'code id_token', response_mode: 'form_post', redirect_uri: REDIRECT_URI,
      scope: 'openid', state, nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    })
    const form = await grace().authorize(address, provider.issuer)
    const params = await oauth.validateCodeIdTokenResponse(as, app, form, nonce, state, undefined, insecure)
    const response = await oauth.authorizationCodeGrantRequest(as, app, authentication, params, REDIRECT_URI, verifier, insecure)
    assert.ok((await oauth.processAuthorizationCodeResponse(as, app, response, { expectedNonce: nonce, requireIdToken: true })).id_token)
  })

  await t.test('client credentials, and the token at an API', async () => {
    const job = { client_id: 'job' }
    const response = await oauth.clientCredentialsGrantRequest(as, job, oauth.ClientSecretPost(SECRET), {}, insecure)
    await assert.rejects(oauth.processClientCredentialsResponse(as, job, response), { error: 'invalid_client' })
    const good = await oauth.clientCredentialsGrantRequest(as, job, oauth.ClientSecretBasic(SECRET), { scope: 'api:read' }, insecure)
    const { access_token } = await oauth.processClientCredentialsResponse(as, job, good)
    const call = new Request(API, { headers: { authorization: `Bearer ${access_token}` } })
    const claims = await oauth.validateJwtAccessToken(as, call, API, insecure)
    assert.deepEqual([claims.client_id, claims.scope], ['job', 'api:read'])
  })

  await t.test('the device grant, whose errors are told apart', async () => {
    const tv = { client_id: 'tv' }
    const device = await oauth.processDeviceAuthorizationResponse(as, tv,
      await oauth.deviceAuthorizationRequest(as, tv, oauth.None(), { scope: 'openid offline_access' }, insecure))
    const poll = async () => oauth.processDeviceCodeResponse(as, tv,
      await oauth.deviceCodeGrantRequest(as, tv, oauth.None(), device.device_code, insecure))
    await assert.rejects(poll(), { error: 'authorization_pending' })
    await assert.rejects(poll(), { error: 'slow_down' })
    await grace().connectDevice(device.verification_uri_complete, provider.issuer)
    await new Promise((wait) => setTimeout(wait, (device.interval + 5) * 1000))
    assert.ok((await poll()).refresh_token)
    await assert.rejects(poll(), { error: 'invalid_grant' })
  })

  await t.test('registration', async () => {
    const response = await oauth.dynamicClientRegistrationRequest(as, { client_name: 'Peer', redirect_uris: [REDIRECT_URI] }, insecure)
    const registered = await oauth.processDynamicClientRegistrationResponse(response)
    assert.equal(registered.client_name, 'Peer')
    assert.ok(registered.client_secret && registered.registration_access_token && registered.registration_client_uri)
  })
})
