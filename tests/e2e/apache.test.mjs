// A peer that is no library: Debian's libapache2-mod-auth-openidc, as an application and as an API.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as client from 'openid-client'
import { GRACE, SECRET, discover, machine, makeCertificate, openssl } from './peers.mjs'
import { folder, freePort, serve, startBrowser } from './support.mjs'

const APACHE = '/usr/sbin/apache2'
const MODULES = '/usr/lib/apache2/modules'
const LOADED = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'mime', 'include', 'ssl', 'auth_openidc']

/** Apache with a page for people under /protected on a port with TLS, and one for tokens under /api on one without. */
async function startApache(t, { root, port, plain, issuer, directives }) {
  const missing = [APACHE, ...LOADED.map((name) => `${MODULES}/mod_${name}.so`)].filter((file) => !existsSync(file))
  assert.deepEqual(missing, [], 'missing; Debian: apt-get install apache2-bin libapache2-mod-auth-openidc')

  const site = join(root, 'site')
  for (const [path, text] of [
    ['protected', '<p id="name"><!--#echo var="OIDC_CLAIM_name" --></p><p id="user"><!--#echo var="REMOTE_USER" --></p>'],
    ['api', '<!--#echo var="REMOTE_USER" -->'],
    ['public', '<p id="goodbye">Goodbye</p>'],
  ]) {
    mkdirSync(join(site, path), { recursive: true })
    writeFileSync(join(site, path, 'index.html'), text)
  }
  const asRoot = process.getuid() === 0
  // Apache's workers are another user then, who must reach the pages.
  if (asRoot) chmodSync(root, 0o755)
  writeFileSync(join(root, 'apache.conf'), `
    ServerRoot "${root}"
    ServerName localhost
    Listen 127.0.0.1:${plain}
    Listen 127.0.0.1:${port} https
    PidFile "${root}/apache.pid"
    DefaultRuntimeDir "${root}"
    ErrorLog "${root}/error.log"
    ${asRoot ? 'User www-data\n    Group www-data' : ''}
    ${LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n    ')}
    TypesConfig /dev/null
    AddType text/html .html
    DocumentRoot "${site}"
    DirectoryIndex index.html
    <Directory "${site}">
      Options +Includes
      SetOutputFilter INCLUDES
    </Directory>
    <VirtualHost 127.0.0.1:${port}>
      SSLEngine on
      SSLCertificateFile "${root}/app.pem"
      SSLCertificateKeyFile "${root}/app-key.pem"
    </VirtualHost>

    OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
    OIDCClientID apache
    OIDCClientSecret "${SECRET}"
    OIDCRedirectURI https://app.example:${port}/protected/redirect_uri
    OIDCCryptoPassphrase "a passphrase of the tests"
    OIDCScope "openid profile email"
    OIDCPKCEMethod S256
    OIDCPassClaimsAs environment
    OIDCRemoteUserClaim email
    ${directives.join('\n    ').replaceAll('rsa.', `${root}/rsa.`)}
    <Location /protected>
      AuthType openid-connect
      Require valid-user
    </Location>

    OIDCOAuthServerMetadataURL ${issuer}/.well-known/oauth-authorization-server
    OIDCOAuthClientID http://127.0.0.1/api
    OIDCOAuthClientSecret "${SECRET}"
    OIDCOAuthRemoteUserClaim client_id
    OIDCOAuthTokenIntrospectionInterval -1
    <Location /api>
      AuthType oauth20
      Require valid-user
    </Location>
  `)
  const apache = spawn(APACHE, ['-f', join(root, 'apache.conf'), '-DFOREGROUND'], { stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = new Promise((end) => apache.once('exit', end))
  t.after(() => {
    apache.kill('SIGTERM')
    return ended
  })
  const log = () => readFileSync(join(root, 'error.log'), 'utf8')
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://127.0.0.1:${plain}/public/`).catch(() => undefined)
    if (answer?.ok) return { log }
    assert.ok(tries < 100 && apache.exitCode === null, `Apache does not answer: ${existsSync(join(root, 'error.log')) ? log() : ''}`)
    await new Promise((wait) => setTimeout(wait, 100))
  }
}

const API = 'http://127.0.0.1/api'

// What the client registers, what Apache is told, and how it hears of a logout.
for (const [flow, channel, registered, directives] of [
  ['code', 'back', {}, []],
  ['code id_token as a form', 'front', {
    token_endpoint_auth_method: 'client_secret_post', grant_types: ['authorization_code', 'implicit'], response_types: ['code id_token'],
  }, ['OIDCResponseType "code id_token"', 'OIDCResponseMode form_post', 'OIDCProviderTokenEndpointAuth client_secret_post']],
  ['encrypted ID tokens, signed UserInfo', 'back', {
    id_token_signed_response_alg: 'ES256', id_token_encrypted_response_alg: 'RSA-OAEP', id_token_encrypted_response_enc: 'A256GCM',
    userinfo_signed_response_alg: 'RS256',
  }, ['OIDCIDTokenSignedResponseAlg ES256', 'OIDCIDTokenEncryptedResponseAlg RSA-OAEP', 'OIDCIDTokenEncryptedResponseEnc A256GCM',
    'OIDCUserInfoSignedResponseAlg RS256', 'OIDCPublicKeyFiles rsa.pub.pem', 'OIDCPrivateKeyFiles rsa.pem']],
]) {
  test(`Apache’s mod_auth_openidc, ${flow}`, async (t) => {
    const root = folder(t)
    const fetching = makeCertificate(root)
    openssl(root, 'genrsa', '-out', 'rsa.pem', '2048')
    openssl(root, 'rsa', '-in', 'rsa.pem', '-pubout', '-out', 'rsa.pub.pem')
    const [port, plain] = [await freePort(), await freePort()]
    // A name that only the browser knows: hybrid clients can't be at localhost (OpenID Connect Registration 2).
    const [origin, goodbye] = [`https://app.example:${port}`, `https://app.example:${port}/public/`]
    const provider = await serve(t, {
      profile: 'legacy',
      fetch: fetching,
      users: [GRACE],
      clients: [
        {
          client_id: 'apache', client_secret: SECRET, client_name: 'Pages behind Apache', scope: 'openid profile email',
          redirect_uris: [`${origin}/protected/redirect_uri`], post_logout_redirect_uris: [goodbye],
          ...(channel === 'back'
            ? { backchannel_logout_uri: `https://localhost:${port}/protected/redirect_uri?logout=backchannel` }
            : { frontchannel_logout_uri: `${origin}/protected/redirect_uri?logout=get`, frontchannel_logout_session_required: true }),
          // Apache publishes its key itself.
          ...(registered.id_token_encrypted_response_alg && { jwks_uri: `https://localhost:${port}/protected/redirect_uri?jwks=rsa` }),
          ...registered,
        },
        machine(API),
        machine('job', { scope: 'jobs', audience: [API], access_token_format: 'opaque' }),
      ],
    })
    const apache = await startApache(t, { root, port, plain, issuer: provider.issuer, directives })
    const browser = await startBrowser(t, '--host-resolver-rules=MAP app.example 127.0.0.1')
    const context = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true })
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)

    /** Opens the page, and logs in on the way. */
    const logIn = async () => {
      await page.goto(`${origin}/protected/`)
      assert.ok(page.url().startsWith(`${provider.issuer}/login`), page.url() + apache.log())
      await page.fill('#login [name=username]', GRACE.username)
      await page.fill('#login [name=password]', GRACE.password)
      await page.click('#login-submit')
      if (page.url().includes('/consent')) {
        assert.match(await page.textContent('body'), /Pages behind Apache/)
        await page.click('#consent-allow')
      }
      if (await page.$('#form-post-submit')) await page.click('#form-post-submit')
      assert.equal(page.url(), `${origin}/protected/`, apache.log())
      assert.equal(await page.textContent('#name'), GRACE.name)
      assert.match(await page.textContent('#user'), new RegExp(`^${GRACE.email}`))
    }

    /** Logs out on the provider's own page. */
    const leaveProvider = async (page) => {
      await page.goto(provider.issuer)
      await page.click('#logout-submit')
      await page.waitForLoadState('networkidle')
    }

    await t.test('a person logs in, sees the page that is for them, and logs out there', async () => {
      await logIn()
      await page.goto(`${origin}/protected/redirect_uri?logout=${encodeURIComponent(goodbye)}`)
      if (registered.id_token_encrypted_response_alg) {
        // Apache hands on the ID token as it came, which it alone can open; RP-Initiated Logout 2 and Core 3.1.2.1 want it decrypted.
        assert.match(await page.textContent('#error-details'), /id_token_hint/)
        return leaveProvider(page)
      }
      // Where frames tell the applications, the provider's page stays for a moment.
      await page.waitForURL((url) => url.href.split('?')[0] === goodbye)
      assert.equal(await page.textContent('#goodbye'), 'Goodbye')
    })

    await t.test(`a logout at the provider ends the session at Apache, over the ${channel} channel`, async () => {
      await logIn()
      await leaveProvider(await context.newPage())
      await page.goto(`${origin}/protected/`)
      assert.ok(page.url().startsWith(`${provider.issuer}/login`), page.url() + apache.log())
    })

    await t.test('a token is good at the API behind Apache until it is revoked', async () => {
      const config = await discover(provider, 'job')
      const { access_token } = await client.clientCredentialsGrant(config, { scope: 'jobs' })
      const call = (token) => fetch(`http://127.0.0.1:${plain}/api/`, { headers: token && { authorization: `Bearer ${token}` } })
      const answer = await call(access_token)
      assert.equal(answer.status, 200, apache.log())
      assert.match(await answer.text(), /^job/)
      assert.equal((await call()).status, 401)
      assert.equal((await call('another')).status, 401)
      await client.tokenRevocation(config, access_token)
      assert.equal((await call(access_token)).status, 401)
    })
  })
}
