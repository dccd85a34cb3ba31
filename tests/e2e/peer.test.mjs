// A real peer: openid-client from npm against `authmint serve`.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import * as client from 'openid-client'
import { Person } from './person.mjs'
import { folder, freePort, run, start } from './support.mjs'

const PASSWORD = 'correct horse battery staple'

/** A provider with one user and one client, made with the operator's commands. */
async function startProvider(t, authMethod) {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const data = folder(t)
  const redirectUri = 'http://127.0.0.1/callback'
  const env = {
    ...process.env,
    AUTHMINT_ISSUER: issuer,
    AUTHMINT_LISTEN: `127.0.0.1:${port}`,
    AUTHMINT_DATABASE: join(data, 'authmint.db'),
    AUTHMINT_SECRET_FILE: join(data, 'secret'),
  }
  run(['init'], { env })
  run(['user', 'add', 'grace', '--name', 'Grace Hopper', '--email', 'grace@example.com', '--password-stdin'],
    { env, input: PASSWORD })
  const printed = run(['client', 'add', '--name', 'Peer', '--redirect-uri', redirectUri, '--auth-method', authMethod,
    '--scope', 'openid profile email offline_access'], { env })
  const clientId = printed.match(/client_id\s+(\S+)/)[1]
  const clientSecret = printed.match(/client_secret\s+(\S+)/)?.[1]
  const server = await start(['serve'], (output) => output.includes('serves'), { env })
  t.after(() => server.stop())
  return { issuer, clientId, clientSecret, redirectUri }
}

for (const [method, authentication] of [
  ['client_secret_basic', (secret) => client.ClientSecretBasic(secret)],
  ['client_secret_post', (secret) => client.ClientSecretPost(secret)],
  ['none', () => client.None()],
]) {
  test(`openid-client completes the flows with ${method}`, async (t) => {
    const provider = await startProvider(t, method)
    const config = await client.discovery(new URL(provider.issuer), provider.clientId, undefined,
      authentication(provider.clientSecret), { execute: [client.allowInsecureRequests] })

    const verifier = client.randomPKCECodeVerifier()
    const [state, nonce] = [client.randomState(), client.randomNonce()]
    const redirectUri = 'http://127.0.0.1:53682/callback'
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email offline_access',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      max_age: '600',
    })
    const callback = await new Person('grace', PASSWORD).authorize(address, provider.issuer)
    const tokens = await client.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 600, idTokenExpected: true,
    })
    const { sub } = tokens.claims()

    const person = await client.fetchUserInfo(config, tokens.access_token, sub)
    assert.equal(person.name, 'Grace Hopper')
    assert.equal(person.email, 'grace@example.com')

    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
    assert.notEqual(renewed.refresh_token, tokens.refresh_token)
    assert.equal(renewed.claims().sub, sub)

    if (method !== 'none') {
      const active = await client.tokenIntrospection(config, renewed.access_token)
      assert.equal(active.active, true)
      assert.equal(active.sub, sub)
      await client.tokenRevocation(config, renewed.access_token)
      assert.equal((await client.tokenIntrospection(config, renewed.access_token)).active, false)
    }
    await client.tokenRevocation(config, renewed.refresh_token)
    await assert.rejects(client.refreshTokenGrant(config, renewed.refresh_token), { error: 'invalid_grant' })
    await assert.rejects(client.fetchUserInfo(config, renewed.access_token, sub))

    // The callback once more: the code was used.
    await assert.rejects(client.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce,
    }), { error: 'invalid_grant' })
  })
}
