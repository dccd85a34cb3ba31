// openid-client from npm and every way of asking and answering: pushed, signed, hybrid, implicit, forms, encrypted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CompactEncrypt, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK } from 'jose'
import * as client from 'openid-client'
import { GRACE, REDIRECT_URI, discover, grace, jwks, keyPair, logIn, startApplication, tokensOf, webClient } from './peers.mjs'
import { folder, serve } from './support.mjs'

// All asymmetric ones that both sides have.
const ID_TOKEN_ALGORITHMS = ['RS256', 'ES256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'Ed25519']
const GOODBYE = 'https://app.example/goodbye'

/** A key pair that others encrypt with. */
async function encryptionPair(alg) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { key: privateKey, alg, kid: alg, jwk: { ...(await exportJWK(publicKey)), kid: alg, alg, use: 'enc' } }
}

test('openid-client asks in every way, and understands every answer', async (t) => {
  const data = folder(t)
  const application = await startApplication(t, data)
  const signing = await keyPair('ES256')
  const rsa = await encryptionPair('RSA-OAEP-256')
  const ec = await encryptionPair('ECDH-ES+A128KW')
  const implicit = ['authorization_code', 'implicit', 'refresh_token']
  const encrypted = (alg, enc, more) => ({
    id_token_encrypted_response_alg: alg, id_token_encrypted_response_enc: enc,
    userinfo_signed_response_alg: 'RS256', userinfo_encrypted_response_alg: alg, userinfo_encrypted_response_enc: enc, ...more,
  })
  const provider = await serve(t, {
    data,
    profile: 'legacy',
    more_id_token_algorithms: ID_TOKEN_ALGORITHMS.slice(1),
    fetch: application.fetch,
    users: [GRACE],
    clients: [
      webClient('pushing', { require_pushed_authorization_requests: true }),
      webClient('signing', {
        jwks: jwks(signing), require_signed_request_object: true, request_object_signing_alg: 'ES256',
        request_uris: [`${application.origin}/request.jwt`],
      }),
      webClient('hybrid', { grant_types: implicit, response_types: ['code', 'id_token', 'code id_token'] }),
      ...ID_TOKEN_ALGORITHMS.map((alg) => webClient(`signed-${alg}`, {
        id_token_signed_response_alg: alg, userinfo_signed_response_alg: alg, post_logout_redirect_uris: [GOODBYE],
      })),
      webClient('encrypted-rsa', encrypted('RSA-OAEP-256', 'A256GCM', { jwks: jwks(rsa) })),
      webClient('encrypted-ec', encrypted('ECDH-ES+A128KW', 'A128CBC-HS256', {
        jwks_uri: `${application.origin}/jwks`, grant_types: implicit, response_types: ['code', 'code id_token'],
      })),
    ],
  })
  application.answers['/jwks'] = jwks(ec)

  await t.test('a pushed request, which works once', async () => {
    const config = await discover(provider, 'pushing')
    const plain = await logIn(provider, config)
    assert.equal(plain.callback.searchParams.get('error'), 'invalid_request')
    let address
    const build = async (...all) => (address = await client.buildAuthorizationUrlWithPAR(...all))
    const tokens = await tokensOf(provider, config, {}, { build })
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).name, GRACE.name)
    assert.deepEqual([...address.searchParams.keys()].sort(), ['client_id', 'request_uri'])
    assert.equal((await fetch(address, { redirect: 'manual' })).status, 400)
    await assert.rejects(client.buildAuthorizationUrlWithPAR(config, { redirect_uri: 'https://other.example/callback' }),
      { error: 'invalid_request' })
  })

  await t.test('a signed request: by value, pushed, and where the client keeps it', async () => {
    const config = await discover(provider, 'signing')
    const signed = (_, parameters, key = signing.key) =>
      client.buildAuthorizationUrlWithJAR(config, parameters, { key, kid: signing.kid })
    const builds = {
      value: signed,
      pushed: async (...all) => client.buildAuthorizationUrlWithPAR(config, (await signed(...all)).searchParams),
      reference: async (...all) => {
        const address = await signed(...all)
        application.answers['/request.jwt'] = address.searchParams.get('request')
        address.searchParams.delete('request')
        address.searchParams.set('request_uri', `${application.origin}/request.jwt`)
        return address
      },
    }
    for (const [name, build] of Object.entries(builds)) {
      const tokens = await tokensOf(provider, config, {}, { build })
      assert.ok(tokens.claims().sub, name)
    }
    // Unsigned, or signed with another key: refused.
    const unsigned = await logIn(provider, config)
    assert.match(unsigned.callback.searchParams.get('error'), /invalid_request/)
    const { key } = await keyPair('ES256')
    const forged = await signed(config, { redirect_uri: REDIRECT_URI, scope: 'openid' }, key)
    assert.equal((await fetch(forged, { redirect: 'manual' })).status, 400)
  })

  await t.test('a request that is encrypted to the provider', async () => {
    const config = await discover(provider, 'signing')
    const { keys } = await (await fetch(config.serverMetadata().jwks_uri)).json()
    const jwk = keys.find(({ use }) => use === 'enc')
    assert.ok(jwk, 'the provider has no key for encryption')
    const build = async (_, parameters) => {
      const address = await client.buildAuthorizationUrlWithJAR(config, parameters, { key: signing.key, kid: signing.kid })
      const object = new TextEncoder().encode(address.searchParams.get('request'))
      address.searchParams.set('request', await new CompactEncrypt(object)
        .setProtectedHeader({ alg: jwk.alg, enc: 'A256GCM', kid: jwk.kid, cty: 'oauth-authz-req+jwt' }).encrypt(await importJWK(jwk)))
      return address
    }
    assert.ok((await tokensOf(provider, config, {}, { build })).claims().sub)
  })

  await t.test('code id_token, in the fragment and as a form', async () => {
    for (const parameters of [{}, { response_mode: 'form_post' }]) {
      const config = await discover(provider, 'hybrid')
      client.useCodeIdTokenResponseType(config)
      const { callback, checks } = await logIn(provider, config, parameters)
      assert.equal(callback instanceof Request, 'response_mode' in parameters)
      const tokens = await client.authorizationCodeGrant(config, callback, checks)
      assert.ok(tokens.claims().sub)
    }
  })

  await t.test('code id_token with the checks of a detached signature', async () => {
    const config = await discover(provider, 'hybrid')
    client.useCodeIdTokenResponseType(config)
    client.enableDetachedSignatureResponseChecks(config)
    const { callback, checks } = await logIn(provider, config)
    assert.ok((await client.authorizationCodeGrant(config, callback, checks)).claims().sub)
  })

  await t.test('id_token alone, in the fragment and as a form', async () => {
    for (const parameters of [{}, { response_mode: 'form_post' }]) {
      const config = await discover(provider, 'hybrid')
      client.useIdTokenResponseType(config)
      const { callback, checks } = await logIn(provider, config, { scope: 'openid profile', ...parameters })
      const claims = await client.implicitAuthentication(config, callback, checks.expectedNonce, { expectedState: checks.expectedState })
      assert.equal(claims.name, GRACE.name)
    }
  })

  await t.test('a code as a form', async () => {
    const config = await discover(provider, 'hybrid')
    const { callback, checks } = await logIn(provider, config, { response_mode: 'form_post' })
    assert.ok(callback instanceof Request)
    assert.ok((await client.authorizationCodeGrant(config, callback, checks)).claims().sub)
  })

  for (const alg of ID_TOKEN_ALGORITHMS) {
    await t.test(`ID tokens and UserInfo signed with ${alg}`, async () => {
      const person = grace()
      const config = await discover(provider, `signed-${alg}`, { id_token_signed_response_alg: alg, userinfo_signed_response_alg: alg })
      client.enableNonRepudiationChecks(config)
      const tokens = await tokensOf(provider, config, {}, { person })
      assert.equal(decodeProtectedHeader(tokens.id_token).alg, alg)
      const { sub } = tokens.claims()
      assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub)).name, GRACE.name)
      const plain = await client.fetchProtectedResource(config, tokens.access_token,
        new URL(config.serverMetadata().userinfo_endpoint), 'GET')
      assert.match(plain.headers.get('content-type'), /^application\/jwt/)
      // The provider knows its own again.
      const leaving = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: GOODBYE, state: 'x' })
      assert.equal((await person.authorize(leaving, provider.issuer)).href, `${GOODBYE}?state=x`)
    })
  }

  for (const [id, pair, enc, responseType] of [
    ['encrypted-rsa', rsa, 'A256GCM', undefined],
    ['encrypted-ec', ec, 'A128CBC-HS256', undefined],
    ['encrypted-ec', ec, 'A128CBC-HS256', 'code id_token'],
  ]) {
    await t.test(`ID tokens and UserInfo encrypted with ${pair.alg} and ${enc}, ${responseType ?? 'code'}`, async () => {
      const config = await discover(provider, id, { userinfo_signed_response_alg: 'RS256' })
      client.enableDecryptingResponses(config, [enc], { key: pair.key, alg: pair.alg, kid: pair.kid })
      client.enableNonRepudiationChecks(config)
      if (responseType) client.useCodeIdTokenResponseType(config)
      const tokens = await tokensOf(provider, config)
      assert.equal(tokens.id_token.split('.').length, 5)
      assert.deepEqual([decodeProtectedHeader(tokens.id_token).alg, decodeProtectedHeader(tokens.id_token).enc], [pair.alg, enc])
      const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
      assert.equal(person.name, GRACE.name)
      assert.equal(client.getDecryptedResponses(person).split('.').length, 3)
    })
  }
})
