// Another maker's provider: every flow that node oidc-provider has, done by the client of this house.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { Provider } from 'oidc-provider'
import { skip, startFlows } from './flows.mjs'
import { freePort } from './support.mjs'

const CALLBACK = 'http://127.0.0.1/callback'
const SECRET = 'a-secret-that-is-long-enough-for-every-mac-of-the-sha-2-family-and-more'
const SCOPE = 'openid email offline_access'

/** A key pair as JWKs. */
async function pair(alg, use = 'sig', kid = `${alg}-${use}`) {
  const { privateKey, publicKey } = use === 'sig'
    ? await oauth.generateKeyPair(alg, { extractable: true })
    : await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])
  const own = async (key) => {
    const { key_ops, ext, ...jwk } = await crypto.subtle.exportKey('jwk', key)
    return { ...jwk, kid, alg, use }
  }
  return { own: await own(privateKey), open: await own(publicKey) }
}

/** The provider with everything that it can do and the client can use. */
async function startProvider(t, { clients, dpopNonces = false, rotate } = {}) {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const signing = await Promise.all([pair('RS256', 'sig', 'one'), pair('ES256', 'sig', 'two')])
  const provider = new Provider(issuer, {
    clients: clients.map((client) => ({
      redirect_uris: [CALLBACK], response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'],
      post_logout_redirect_uris: ['http://127.0.0.1/bye'], application_type: 'native', ...client,
    })),
    jwks: { keys: signing.map(({ own }) => own) },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, email: `${sub}@example.com`, email_verified: true }) }),
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    scopes: ['openid', 'email', 'offline_access', 'orders:read'],
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    cookies: { keys: ['the keys of cookies are no secret in a test'] },
    pkce: { required: () => true },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      dPoP: { enabled: true, ...(dpopNonces && { nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true }) },
      encryption: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtUserinfo: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      registration: { enabled: true },
      registrationManagement: { enabled: true },
      requestObjects: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: (_, audience) => ({ scope: 'orders:read', audience, accessTokenFormat: 'jwt' }),
        useGrantedResource: () => true,
      },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    enabledJWA: { clientAuthSigningAlgValues: ['HS256', 'ES256', 'RS256'] },
  })
  const server = createServer(provider.callback())
  await new Promise((listening) => server.listen(port, '127.0.0.1', listening))
  t.after(() => { server.closeAllConnections(); server.close() })
  return { issuer, provider }
}

/** A person with a browser that is none: signs in and agrees wherever this provider asks. */
function person(issuer) {
  const cookies = new Map()
  const ask = async (url, options = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', ...options, headers: { ...options.headers, cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = set.match(/^([^=]+)=([^;]*)/)
      value ? cookies.set(name, value) : cookies.delete(name)
    }
    return response
  }
  return async function follow(address) {
    let response = await ask(address)
    for (let step = 0; step < 15; step++) {
      const location = response.headers.get('location')
      if (location) {
        const next = new URL(location, issuer)
        if (next.origin !== issuer) return next.search
        response = await ask(next)
        continue
      }
      const html = await response.text()
      const action = html.match(/<form[^>]*action="([^"]+)"/)?.[1]
      if (!action) {
        if (/Sign-in Success/i.test(html)) return 'done=1'
        throw new Error(`answered ${response.status}: ${html.slice(0, 2000)}`)
      }
      const form = new URLSearchParams()
      for (const [input] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
        form.set(input.match(/name="([^"]+)"/)[1], input.match(/value="([^"]*)"/)?.[1] ?? '')
      }
      const target = new URL(action, issuer)
      if (target.origin !== issuer) return form.toString()
      if (html.includes('name="login"')) {
        form.set('login', 'grace')
        form.set('password', 'anything')
      }
      if (html.includes('name="user_code"') && !form.get('user_code')) form.set('user_code', new URL(address).searchParams.get('user_code'))
      response = await ask(target, { method: 'POST', body: form })
    }
    throw new Error('the provider leads nowhere')
  }
}

test('the client at node oidc-provider', { skip }, async (t) => {
  const key = await pair('ES256')
  const encryption = await pair('ECDH-ES', 'enc')
  const dpop = (await pair('ES256', 'sig', 'dpop')).own
  const methods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none']
  const keyed = { jwks: { keys: [key.open] } }
  const { issuer } = await startProvider(t, {
    clients: [
      ...methods.map((method) => ({
        client_id: method, token_endpoint_auth_method: method,
        ...(!['none', 'private_key_jwt'].includes(method) && { client_secret: SECRET }),
        ...(method === 'private_key_jwt' && keyed),
      })),
      { client_id: 'signed', client_secret: SECRET, request_object_signing_alg: 'ES256', require_signed_request_object: true, ...keyed },
      { client_id: 'pushed', client_secret: SECRET, require_pushed_authorization_requests: true },
      { client_id: 'bound', client_secret: SECRET, dpop_bound_access_tokens: true },
      { client_id: 'hybrid', client_secret: SECRET, response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit', 'refresh_token'], application_type: 'web', redirect_uris: ['https://app.example/callback'], post_logout_redirect_uris: ['https://app.example/bye'] },
      {
        client_id: 'encrypted', client_secret: SECRET, jwks: { keys: [encryption.open] },
        id_token_encrypted_response_alg: 'ECDH-ES', id_token_encrypted_response_enc: 'A256GCM',
        userinfo_signed_response_alg: 'RS256', userinfo_encrypted_response_alg: 'ECDH-ES', userinfo_encrypted_response_enc: 'A256GCM',
      },
      { client_id: 'job', client_secret: SECRET, grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'orders:read' },
      { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'], redirect_uris: [], response_types: [] },
    ],
  })
  const does = startFlows(t)
  const login = (client_id, more = {}) =>
    does({ do: 'login', issuer, client_id, redirect_uri: CALLBACK, scope: SCOPE, secret: SECRET, ...more }, person(issuer))
  const isWhole = (done) => {
    assert.deepEqual(
      [done.error, done.sub, done.email, done.refreshed, done.sent, done.revoked],
      [undefined, 'grace', 'grace@example.com', true, 200, true], JSON.stringify(done))
    assert.ok(done.logout.startsWith(`${issuer}/session/end?`))
  }

  for (const method of methods) {
    await t.test(`a whole login with ${method}`, async () => {
      const more = method === 'none' ? { secret: undefined } : method === 'private_key_jwt' ? { secret: undefined, key: key.own } : {}
      isWhole(await login(method, { method, ...more }))
    })
  }
  await t.test('pushed, signed, both', async () => {
    isWhole(await login('pushed', { push: true }))
    isWhole(await login('signed', { key: key.own, sign_requests: true }))
    isWhole(await login('signed', { key: key.own, sign_requests: true, push: true }))
  })
  await t.test('the answer by a form, and beside an ID token', async () => {
    isWhole(await login('client_secret_basic', { form_post: true }))
    isWhole(await login('hybrid', { hybrid: true, redirect_uri: 'https://app.example/callback' }))
  })
  await t.test('bound to a key', async () => {
    const done = await login('bound', { dpop })
    isWhole(done)
    assert.equal(done.token_type, 'DPoP')
  })
  await t.test('encrypted ID token and UserInfo', async () => isWhole(await login('encrypted', { decrypt: encryption.own })))
  await t.test('tokens for an API, and of the client itself', async () => {
    const resource = ['https://api.example/orders']
    const api = await does({ do: 'tokens', issuer, client_id: 'client_secret_basic', secret: SECRET, redirect_uri: CALLBACK, scope: 'orders:read', resource }, person(issuer))
    assert.equal(JSON.parse(atob(api.access_token.split('.')[1])).aud, resource[0])
    const own = await does({ do: 'client_credentials', issuer, client_id: 'job', secret: SECRET, scope: 'orders:read', resource })
    assert.equal(own.scope, 'orders:read', JSON.stringify(own))
    const bound = await does({ do: 'client_credentials', issuer, client_id: 'job', secret: SECRET, scope: 'orders:read', dpop })
    assert.equal(bound.token_type, 'DPoP', JSON.stringify(bound))
  })
  await t.test('a device', async () => {
    const done = await does({ do: 'device', issuer, client_id: 'tv', scope: 'openid offline_access' }, person(issuer))
    assert.equal(done.refreshable, true, JSON.stringify(done))
  })
  await t.test('registration and its management', async () => {
    const done = await does({ do: 'register', issuer, metadata: {
      client_name: 'Self-made', redirect_uris: [CALLBACK], application_type: 'native', grant_types: ['authorization_code'], response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    } })
    assert.deepEqual([done.client_name, done.deleted], ['Self-made', true], JSON.stringify(done))
  })
  await t.test('what is wrong is told', async () => {
    const wrong = await login('client_secret_basic', { secret: 'wrong' })
    assert.match(wrong.error, /the token endpoint answered 401: invalid_client/)
    const refused = await does({ do: 'client_credentials', issuer, client_id: 'tv' })
    assert.match(refused.error, /the token endpoint answered 400: invalid_request/)
    const unsigned = await login('signed')
    assert.ok(unsigned.error, JSON.stringify(unsigned))
  })
})

test('a provider that wants nonces gets them', { skip }, async (t) => {
  const { issuer } = await startProvider(t, { dpopNonces: true, clients: [{ client_id: 'bound', client_secret: SECRET, dpop_bound_access_tokens: true }] })
  const does = startFlows(t)
  const dpop = (await pair('ES256', 'sig', 'dpop')).own
  const done = await does({ do: 'login', issuer, client_id: 'bound', secret: SECRET, redirect_uri: CALLBACK, scope: SCOPE, dpop, push: true }, person(issuer))
  assert.deepEqual([done.token_type, done.sent], ['DPoP', 200], JSON.stringify(done))
})
