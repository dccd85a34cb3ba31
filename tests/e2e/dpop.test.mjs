// DPoP with openid-client from npm: with and without nonces of the provider.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calculateJwkThumbprint } from 'jose'
import * as client from 'openid-client'
import { GRACE, SECRET, discover, logIn, machine, webClient } from './peers.mjs'
import { serve } from './support.mjs'

for (const require_dpop_nonce of [false, true]) {
  test(`openid-client proves its keys, ${require_dpop_nonce ? 'with' : 'without'} nonces`, async (t) => {
    const provider = await serve(t, {
      require_dpop_nonce,
      users: [GRACE],
      clients: [
        webClient('app', { token_endpoint_auth_method: 'none', dpop_bound_access_tokens: true }),
        webClient('web', { dpop_bound_access_tokens: true }),
        machine('job', { scope: 'jobs', audience: ['https://jobs.example'], dpop_bound_access_tokens: true }),
      ],
    })
    // How often the provider asked for a nonce.
    let asked = 0
    const connect = async (id, authentication) => {
      const config = await discover(provider, id, { dpop_bound_access_tokens: true }, authentication)
      config[client.customFetch] = async (...request) => {
        const response = await fetch(...request)
        if (response.status >= 400 && response.headers.has('dpop-nonce')) asked++
        return response
      }
      return config
    }

    for (const [id, authentication] of [['app', client.None()], ['web', client.ClientSecretBasic(SECRET)]]) {
      for (const alg of ['ES256', 'Ed25519', 'PS256']) {
        await t.test(`${id}: pushed request, token, refresh, UserInfo with ${alg}`, async () => {
          const config = await connect(id, authentication)
          const keys = await client.randomDPoPKeyPair(alg)
          const DPoP = client.getDPoPHandle(config, keys)
          asked = 0
          const build = (config, parameters) => client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
          const { callback, checks } = await logIn(provider, config, {}, { build })
          // The code belongs to the key that pushed the request.
          const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
          await assert.rejects(client.authorizationCodeGrant(config, callback, checks, undefined, { DPoP: other }),
            { error: 'invalid_grant' })

          const again = await logIn(provider, config, {}, { build })
          const tokens = await client.authorizationCodeGrant(config, again.callback, again.checks, undefined, { DPoP })
          assert.equal(tokens.token_type, 'dpop')
          const { sub } = tokens.claims()
          assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })).name, GRACE.name)
          const userinfo = new URL(config.serverMetadata().userinfo_endpoint)
          await assert.rejects(client.fetchUserInfo(config, tokens.access_token, sub), { status: 401 })
          await assert.rejects(
            client.fetchProtectedResource(config, tokens.access_token, userinfo, 'GET', null, undefined, { DPoP: other }),
            { status: 401 })

          if (id === 'app') {
            await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: other }),
              { error: 'invalid_grant' })
          } else {
            const answer = await client.tokenIntrospection(config, tokens.access_token)
            const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey)
            assert.equal(answer.cnf.jkt, await calculateJwkThumbprint(jwk))
          }
          const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
          assert.equal((await client.fetchUserInfo(config, renewed.access_token, sub, { DPoP })).name, GRACE.name)
          assert.equal(asked > 0, require_dpop_nonce)
        })
      }
    }

    await t.test('client credentials; without a proof there is no token', async () => {
      const config = await connect('job', client.ClientSecretBasic(SECRET))
      const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
      assert.equal((await client.clientCredentialsGrant(config, undefined, { DPoP })).token_type, 'dpop')
      await assert.rejects(client.clientCredentialsGrant(config), { error: 'invalid_dpop_proof' })
    })
  })
}
