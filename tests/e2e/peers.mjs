// What the tests with openid-client and oauth4webapi share: a person, clients with keys, and an application that is called.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { Person } from './person.mjs'

// Long enough for a key, with what the form encoding of client_secret_basic (RFC 6749 2.3.1) must take care of.
export const SECRET = 'a-secret:of+the%20tests/that=is&long~enough-for-an-HMAC-of-SHA-512-as-well'
export const REDIRECT_URI = 'https://app.example/callback'
export const GRACE = { username: 'grace', password: 'correct horse battery staple', name: 'Grace Hopper', email: 'grace@example.com' }

/** A person at a browser that knows nobody yet. */
export const grace = () => new Person(GRACE.username, GRACE.password)

/** A seed client, with a secret if it uses one. */
const seedClient = (id, more) => {
  const hasSecret = !['private_key_jwt', 'none'].includes(more.token_endpoint_auth_method)
  return { client_id: id, ...(hasSecret && { client_secret: SECRET }), ...more }
}

/** A client that needs no browser: it calls APIs for itself, is one, or has a grant of its own. */
export const machine = (id, more = {}) => seedClient(id, { grant_types: ['client_credentials'], ...more })

/** A client that logs people in. */
export const webClient = (id, more = {}) => seedClient(id, {
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile email offline_access',
  ...more,
})

/** A key pair: the private one for a library, the public one for a registration. */
export async function keyPair(alg, kid = alg) {
  const { privateKey, publicKey } = await oauth.generateKeyPair(alg, { extractable: true })
  return { key: privateKey, kid, jwk: { ...(await crypto.subtle.exportKey('jwk', publicKey)), kid, alg, use: 'sig', key_ops: undefined } }
}

/** What is registered of key pairs. */
export const jwks = (...pairs) => ({ keys: pairs.map(({ jwk }) => JSON.parse(JSON.stringify(jwk))) })

/** openid-client, told of the provider by its discovery document. */
export const discover = (provider, id, metadata, authentication = client.ClientSecretBasic(SECRET)) =>
  client.discovery(new URL(provider.issuer), id, metadata, authentication, { execute: [client.allowInsecureRequests] })

/**
 * A login with openid-client, up to what comes back and what it must be compared with. `build` makes the address from the
 * parameters.
 */
export async function logIn(provider, config, parameters = {}, { person = grace(), build = client.buildAuthorizationUrl } = {}) {
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const address = await build(config, {
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  })
  const callback = await person.authorize(address, provider.issuer)
  return { callback, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true } }
}

/** A login with openid-client, up to the tokens. */
export async function tokensOf(provider, config, parameters, options) {
  const { callback, checks } = await logIn(provider, config, parameters, options)
  return client.authorizationCodeGrant(config, callback, checks)
}

/** Runs openssl in a folder. */
export function openssl(cwd, ...args) {
  const done = spawnSync('openssl', args, { cwd, encoding: 'utf8' })
  if (done.error) throw new Error(`openssl is missing, which makes certificates (Debian: apt-get install openssl): ${done.error.message}`)
  if (done.status !== 0) throw new Error(`openssl ${args.join(' ')}: ${done.stderr}`)
}

/**
 * A certificate for localhost, `app.pem` with `app-key.pem`, by an authority of its own, `ca.pem`. Returns the provider's
 * settings `[fetch]` for it.
 */
export function makeCertificate(data) {
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  openssl(data, 'req', '-x509', ...ec, '-subj', '/CN=Authority of the tests', '-keyout', 'ca-key.pem', '-out', 'ca.pem')
  openssl(data, 'req', '-x509', ...ec, '-subj', '/CN=localhost', '-CA', 'ca.pem', '-CAkey', 'ca-key.pem',
    '-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=critical,CA:FALSE',
    '-keyout', 'app-key.pem', '-out', 'app.pem')
  return { allow: ['127.0.0.0/8', '::1'], ca_file: join(data, 'ca.pem') }
}

/** An application that the provider calls over TLS: `answers` are what it says at its paths, `posted` is what it was sent. */
export async function startApplication(t, data, answers = {}) {
  const fetch = makeCertificate(data)
  const posted = []
  const [key, cert] = ['app-key.pem', 'app.pem'].map((name) => readFileSync(join(data, name)))
  const server = createServer({ key, cert }, async (request, response) => {
    if (request.method === 'POST') {
      let body = ''
      for await (const chunk of request) body += chunk
      posted.push({ path: request.url, form: new URLSearchParams(body) })
      return response.end()
    }
    const answer = answers[request.url]
    const isText = typeof answer === 'string'
    response.writeHead(answer ? 200 : 404, { 'content-type': isText ? 'application/oauth-authz-req+jwt' : 'application/json' })
    response.end(isText ? answer : JSON.stringify(answer ?? {}))
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => new Promise((closed) => {
    server.close(closed)
    server.closeAllConnections()
  }))
  return { origin: `https://localhost:${server.address().port}`, answers, posted, fetch }
}
