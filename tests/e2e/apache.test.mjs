// A peer that is no library of ours or Node's: Debian's libapache2-mod-auth-openidc, as an application and as an API.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as client from 'openid-client'
import { GRACE, SECRET, discover } from './peers.mjs'
import { folder, freePort, serve, startBrowser } from './support.mjs'

const APACHE = '/usr/sbin/apache2'
const MODULES = '/usr/lib/apache2/modules'
const LOADED = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'mime', 'include', 'auth_openidc']

/** Apache on a port, with a page for people under /protected and one for tokens under /api. */
async function startApache(t, { port, issuer }) {
  const missing = [APACHE, ...LOADED.map((name) => `${MODULES}/mod_${name}.so`)].filter((file) => !existsSync(file))
  assert.deepEqual(missing, [], 'missing; Debian: apt-get install apache2-bin libapache2-mod-auth-openidc')

  const root = folder(t)
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
    ServerName 127.0.0.1
    Listen 127.0.0.1:${port}
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

    OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
    OIDCClientID apache
    OIDCClientSecret "${SECRET}"
    OIDCRedirectURI http://127.0.0.1:${port}/protected/redirect_uri
    OIDCCryptoPassphrase "a passphrase of the tests"
    OIDCScope "openid profile email"
    OIDCPKCEMethod S256
    OIDCPassClaimsAs environment
    OIDCRemoteUserClaim email
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
  const origin = `http://127.0.0.1:${port}`
  const log = () => readFileSync(join(root, 'error.log'), 'utf8')
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${origin}/public/`).catch(() => undefined)
    if (answer?.ok) return { origin, log }
    assert.ok(tries < 100 && apache.exitCode === null, `Apache does not answer: ${existsSync(join(root, 'error.log')) ? log() : ''}`)
    await new Promise((wait) => setTimeout(wait, 100))
  }
}

test('Apache’s mod_auth_openidc', async (t) => {
  const port = await freePort()
  const api = 'http://127.0.0.1/api'
  const provider = await serve(t, {
    users: [GRACE],
    clients: [
      {
        client_id: 'apache', client_secret: SECRET, client_name: 'Pages behind Apache', scope: 'openid profile email',
        redirect_uris: [`http://127.0.0.1:${port}/protected/redirect_uri`], post_logout_redirect_uris: [`http://127.0.0.1:${port}/public/`],
      },
      { client_id: api, client_secret: SECRET, grant_types: ['client_credentials'] },
      { client_id: 'job', client_secret: SECRET, grant_types: ['client_credentials'], scope: 'jobs', audience: [api], access_token_format: 'opaque' },
    ],
  })
  const apache = await startApache(t, { port, issuer: provider.issuer })
  t.after(() => t.passed === false && console.error(apache.log(), provider.output()))

  await t.test('a person logs in, sees the page that is for them, and logs out', async (t) => {
    const browser = await startBrowser(t)
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    page.setDefaultTimeout(10_000)
    await page.goto(`${apache.origin}/protected/`)
    assert.ok(page.url().startsWith(`${provider.issuer}/login`), page.url())
    await page.fill('#login [name=username]', GRACE.username)
    await page.fill('#login [name=password]', GRACE.password)
    await page.click('#login-submit')
    assert.match(await page.textContent('body'), /Pages behind Apache/)
    await page.click('#consent-allow')
    assert.equal(page.url(), `${apache.origin}/protected/`)
    assert.equal(await page.textContent('#name'), GRACE.name)
    assert.match(await page.textContent('#user'), new RegExp(`^${GRACE.email}`))

    const goodbye = `${apache.origin}/public/`
    await page.goto(`${apache.origin}/protected/redirect_uri?logout=${encodeURIComponent(goodbye)}`)
    if (page.url().startsWith(provider.issuer)) await page.click('#logout-submit')
    assert.equal(page.url().split('?')[0], goodbye)
    assert.equal(await page.textContent('#goodbye'), 'Goodbye')
    await page.goto(`${apache.origin}/protected/`)
    assert.ok(page.url().startsWith(`${provider.issuer}/login`), page.url())
  })

  await t.test('a token is good at the API behind Apache until it is revoked', async () => {
    const config = await discover(provider, 'job')
    const { access_token } = await client.clientCredentialsGrant(config, { scope: 'jobs' })
    const call = (token) => fetch(`${apache.origin}/api/`, { headers: token && { authorization: `Bearer ${token}` } })
    const answer = await call(access_token)
    assert.equal(answer.status, 200, apache.log())
    assert.match(await answer.text(), /^job/)
    assert.equal((await call()).status, 401)
    assert.equal((await call('no token of ours')).status, 401)
    await client.tokenRevocation(config, access_token)
    assert.equal((await call(access_token)).status, 401)
  })
})
