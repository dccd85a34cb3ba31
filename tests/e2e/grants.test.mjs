// openid-client from npm and every way of authenticating, and every grant that it has.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import * as client from 'openid-client'
import { GRACE, SECRET, discover, grace, jwks, keyPair, machine, tokensOf, webClient } from './peers.mjs'
import { folder, serve } from './support.mjs'

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const ORDERS = 'https://orders.example'
const STOCK = 'https://stock.example'

test('openid-client has every grant', async (t) => {
  const keys = {}
  for (const alg of ['ES256', 'RS256', 'PS256', 'Ed25519']) keys[alg] = await keyPair(alg)
  const partner = await keyPair('ES256', 'partner')
  const data = folder(t)
  writeFileSync(join(data, 'partner.json'), JSON.stringify(jwks(partner)))

  const provider = await serve(t, {
    data,
    profile: 'legacy',
    users: [GRACE],
    trusted_issuers: [{ issuer: 'https://partner.example', jwks_file: 'partner.json' }],
    clients: [
      ...['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none'].map((method) =>
        webClient(method, { token_endpoint_auth_method: method })),
      ...Object.entries(keys).map(([alg, pair]) =>
        webClient(alg, { token_endpoint_auth_method: 'private_key_jwt', jwks: jwks(pair) })),
      machine('job', { scope: 'orders:read stock:read', audience: [ORDERS, STOCK] }),
      machine('tv', {
        token_endpoint_auth_method: 'none', grant_types: [DEVICE, 'refresh_token'], scope: 'openid profile offline_access',
      }),
      machine('partner', { grant_types: [JWT_BEARER], scope: 'openid profile' }),
      machine('old', { grant_types: ['password', 'refresh_token'], scope: 'openid profile offline_access' }),
      webClient('shop', { scope: 'openid profile offline_access orders:read', audience: [ORDERS, STOCK] }),
      machine(ORDERS),
    ],
  })

  const authentications = {
    client_secret_basic: client.ClientSecretBasic(SECRET),
    client_secret_post: client.ClientSecretPost(SECRET),
    client_secret_jwt: client.ClientSecretJwt(SECRET),
    none: client.None(),
    ...Object.fromEntries(Object.entries(keys).map(([alg, { key, kid }]) => [alg, client.PrivateKeyJwt({ key, kid })])),
  }
  for (const [id, authentication] of Object.entries(authentications)) {
    await t.test(`code, refresh, introspection, revocation with ${id}`, async () => {
      const config = await discover(provider, id, undefined, authentication)
      const tokens = await tokensOf(provider, config)
      const { sub } = tokens.claims()
      assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub)).email, GRACE.email)
      const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
      assert.notEqual(renewed.refresh_token, tokens.refresh_token)
      if (id !== 'none') {
        const answer = await client.tokenIntrospection(config, renewed.access_token)
        assert.deepEqual([answer.active, answer.sub, answer.client_id], [true, sub, id])
      }
      await client.tokenRevocation(config, renewed.refresh_token)
      await assert.rejects(client.refreshTokenGrant(config, renewed.refresh_token), { error: 'invalid_grant' })
    })
  }

  await t.test('an authentication that is not the registered one is refused', async () => {
    for (const [id, wrong] of [
      ['client_secret_basic', client.ClientSecretPost(SECRET)],
      ['client_secret_jwt', client.ClientSecretBasic(SECRET)],
      ['ES256', client.ClientSecretPost(SECRET)],
      ['ES256', client.PrivateKeyJwt({ key: partner.key, kid: 'ES256' })],
      ['client_secret_post', client.None()],
    ]) {
      const config = await discover(provider, id, undefined, wrong)
      await assert.rejects(client.refreshTokenGrant(config, 'any'), (error) => error.error === 'invalid_client' || error.status === 401)
    }
  })

  await t.test('client credentials, for one resource', async () => {
    const config = await discover(provider, 'job')
    const tokens = await client.clientCredentialsGrant(config, { scope: 'orders:read', resource: ORDERS })
    assert.equal(tokens.scope ?? 'orders:read', 'orders:read')
    const api = await discover(provider, ORDERS)
    const answer = await client.tokenIntrospection(api, tokens.access_token)
    assert.deepEqual([answer.active, answer.client_id, [answer.aud].flat()], [true, 'job', [ORDERS]])
    await assert.rejects(client.clientCredentialsGrant(config, { resource: 'https://other.example' }), { error: 'invalid_target' })
    await assert.rejects(client.clientCredentialsGrant(config, { scope: 'openid' }), { error: 'invalid_scope' })
  })

  await t.test('resource indicators: what was asked for at first bounds what can be asked for later', async () => {
    const config = await discover(provider, 'shop')
    const tokens = await tokensOf(provider, config, { resource: ORDERS, scope: 'openid offline_access orders:read' })
    const api = await discover(provider, ORDERS)
    // With openid and without a word in the token request, UserInfo is one of them.
    assert.deepEqual([(await client.tokenIntrospection(api, tokens.access_token)).aud].flat(), [ORDERS, provider.issuer])
    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, { resource: ORDERS })
    assert.deepEqual([(await client.tokenIntrospection(api, renewed.access_token)).aud].flat(), [ORDERS])
    await assert.rejects(client.refreshTokenGrant(config, renewed.refresh_token, { resource: STOCK }), { error: 'invalid_target' })
  })

  await t.test('the device grant', async () => {
    const config = await discover(provider, 'tv', undefined, client.None())
    const device = await client.initiateDeviceAuthorization(config, { scope: 'openid profile offline_access' })
    const polled = client.pollDeviceAuthorizationGrant(config, device)
    await grace().connectDevice(device.verification_uri_complete, provider.issuer)
    const tokens = await polled
    const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
    assert.equal(person.name, GRACE.name)
    assert.ok((await client.refreshTokenGrant(config, tokens.refresh_token)).access_token)
  })

  await t.test('the JWT bearer grant, once for each assertion', async () => {
    const own = await discover(provider, 'client_secret_basic')
    const { sub } = (await tokensOf(provider, own)).claims()
    const config = await discover(provider, 'partner')
    const assertion = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'partner' }).setIssuer('https://partner.example')
      .setSubject(sub).setAudience(provider.issuer).setJti(client.randomState()).setIssuedAt().setExpirationTime('1m').sign(partner.key)
    const tokens = await client.genericGrantRequest(config, JWT_BEARER, { assertion, scope: 'openid profile' })
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub)).name, GRACE.name)
    await assert.rejects(client.genericGrantRequest(config, JWT_BEARER, { assertion }), { error: 'invalid_grant' })
  })

  await t.test('the password grant, which the profile opens', async () => {
    const config = await discover(provider, 'old')
    const ask = (password) =>
      client.genericGrantRequest(config, 'password', { username: GRACE.username, password, scope: 'openid profile' })
    const tokens = await ask(GRACE.password)
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, client.skipSubjectCheck)).name, GRACE.name)
    await assert.rejects(ask('not the password'), { error: 'invalid_grant' })
  })
})
