// Clients that register themselves: openid-client and oauth4webapi from npm, and RFC 7592 by hand, for which they have nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as client from 'openid-client'
import { GRACE, REDIRECT_URI, discover, jwks, keyPair, startApplication, tokensOf } from './peers.mjs'
import { folder, serve } from './support.mjs'

test('clients register themselves, log people in, change and go', async (t) => {
  const data = folder(t)
  const application = await startApplication(t, data)
  const provider = await serve(t, { data, registration: 'open', fetch: application.fetch, users: [GRACE] })
  const register = (metadata, authentication) =>
    client.dynamicClientRegistration(new URL(provider.issuer), { redirect_uris: [REDIRECT_URI], ...metadata }, authentication,
      { execute: [client.allowInsecureRequests] })
  // What openid-client uses where it is told nothing.
  const asked = {
    token_endpoint_auth_method: 'client_secret_post', grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email offline_access',
  }

  for (const method of ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none']) {
    await t.test(`registered with ${method}`, async () => {
      const authentication = {
        client_secret_basic: client.ClientSecretBasic, client_secret_post: client.ClientSecretPost,
        client_secret_jwt: client.ClientSecretJwt, none: client.None,
      }[method]()
      const config = await register({ client_name: 'Peer', ...asked, token_endpoint_auth_method: method }, authentication)
      assert.equal(config.clientMetadata().client_name, 'Peer')
      assert.equal(config.clientMetadata().client_secret === undefined, method === 'none')
      const tokens = await tokensOf(provider, config)
      assert.equal((await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).name, GRACE.name)
      assert.ok((await client.refreshTokenGrant(config, tokens.refresh_token)).access_token)
    })
  }

  await t.test('registered with private_key_jwt and jwks_uri, whose key is changed', async () => {
    const [first, second] = [await keyPair('ES256', 'first'), await keyPair('Ed25519', 'second')]
    application.answers['/jwks'] = jwks(first)
    const metadata = { ...asked, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${application.origin}/jwks` }
    const config = await register(metadata, client.PrivateKeyJwt({ key: first.key, kid: first.kid }))
    assert.ok((await tokensOf(provider, config)).claims().sub)
    application.answers['/jwks'] = jwks(second)
    const { client_id } = config.clientMetadata()
    const later = await discover(provider, client_id, undefined, client.PrivateKeyJwt({ key: second.key, kid: second.kid }))
    assert.ok((await tokensOf(provider, later)).claims().sub)
  })

  await t.test('pairwise subjects of two clients differ', async () => {
    const subjects = []
    for (const host of ['one.example', 'two.example']) {
      const redirect_uri = `https://${host}/callback`
      const config = await register({ redirect_uris: [redirect_uri], subject_type: 'pairwise', ...asked })
      subjects.push((await tokensOf(provider, config, { redirect_uri })).claims().sub)
    }
    assert.notEqual(subjects[0], subjects[1])
  })

  await t.test('what can’t be registered is refused', async () => {
    await assert.rejects(register({ redirect_uris: ['http://app.example/callback'] }), { error: 'invalid_redirect_uri' })
    await assert.rejects(register({ grant_types: ['password'] }), { error: 'invalid_client_metadata' })
  })

  await t.test('RFC 7592: read, update, delete', async () => {
    const config = await register({ client_name: 'Before', ...asked })
    const registered = config.clientMetadata()
    const { registration_client_uri: address, registration_access_token: token } = registered
    let held = token
    const manage = async (method, body) => {
      const headers = { authorization: `Bearer ${held}`, ...(body && { 'content-type': 'application/json' }) }
      const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) })
      const answer = response.headers.get('content-type')?.includes('json') ? await response.json() : undefined
      held = answer?.registration_access_token ?? held
      return { status: response.status, answer }
    }
    const read = await manage('GET')
    assert.equal(read.status, 200)
    assert.equal(read.answer.client_name, 'Before')

    const { registration_access_token, registration_client_uri, client_secret_expires_at, client_id_issued_at, ...metadata } = read.answer
    const changed = await manage('PUT', { ...metadata, client_name: 'After' })
    assert.deepEqual([changed.status, changed.answer.client_name], [200, 'After'], JSON.stringify(changed.answer))
    assert.equal((await manage('GET')).answer.client_name, 'After')
    assert.equal((await manage('PUT', { ...metadata, redirect_uris: ['http://app.example/callback'] })).status, 400)
    const tokens = await tokensOf(provider, config)

    const good = held
    held = 'another'
    assert.equal((await manage('GET')).status, 401)
    held = good
    assert.equal((await manage('DELETE')).status, 204)
    assert.equal((await manage('GET')).status, 401)
    await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), (error) =>
      error.error === 'invalid_client' || error.status === 401)
  })
})
