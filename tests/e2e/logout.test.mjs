// Logging out: the address by openid-client, the logout token received over TLS and verified with jose.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { GRACE, discover, grace, startApplication, tokensOf, webClient } from './peers.mjs'
import { folder, serve } from './support.mjs'

const GOODBYE = 'https://app.example/goodbye'

test('a person logs out at one application, and the others are told', async (t) => {
  const data = folder(t)
  const application = await startApplication(t, data)
  const hearing = (id, more) => webClient(id, {
    post_logout_redirect_uris: [GOODBYE], backchannel_logout_uri: `${application.origin}/${id}`,
    backchannel_logout_session_required: true, ...more,
  })
  const provider = await serve(t, {
    data,
    fetch: application.fetch,
    users: [GRACE],
    clients: [hearing('one'), hearing('two', { id_token_signed_response_alg: 'ES256' }), hearing('three')],
  })
  const [one, two] = [await discover(provider, 'one'), await discover(provider, 'two', { id_token_signed_response_alg: 'ES256' })]
  const person = grace()
  const tokens = { one: await tokensOf(provider, one, {}, { person }), two: await tokensOf(provider, two, {}, { person }) }

  const address = client.buildEndSessionUrl(one, { id_token_hint: tokens.one.id_token, post_logout_redirect_uri: GOODBYE, state: 'over' })
  const back = await person.authorize(address, provider.issuer)
  assert.equal(back.href, `${GOODBYE}?state=over`)

  // Those that the person used, once each, and nobody else.
  assert.deepEqual(application.posted.map(({ path }) => path).sort(), ['/one', '/two'])
  const keys = createRemoteJWKSet(new URL(one.serverMetadata().jwks_uri))
  const ids = new Set()
  for (const { path, form } of application.posted) {
    const id = path.slice(1)
    assert.deepEqual([...form.keys()], ['logout_token'])
    const { payload, protectedHeader } = await jwtVerify(form.get('logout_token'), keys, {
      issuer: provider.issuer, audience: id, typ: 'logout+jwt', maxTokenAge: '2m', requiredClaims: ['jti', 'exp'],
    })
    assert.equal(protectedHeader.alg, id === 'two' ? 'ES256' : 'RS256')
    assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} })
    const { sub, sid } = tokens[id].claims()
    assert.deepEqual([payload.sub, payload.sid], [sub, sid])
    assert.equal(payload.nonce, undefined)
    ids.add(payload.jti)
  }
  assert.equal(ids.size, 2)

  // The provider knows nobody any more: the next login asks for the password.
  const silent = await person.authorize(client.buildAuthorizationUrl(one, {
    redirect_uri: 'https://app.example/callback', scope: 'openid', prompt: 'none', state: 'x',
    code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()), code_challenge_method: 'S256',
  }), provider.issuer)
  assert.equal(silent.searchParams.get('error'), 'login_required')
})
