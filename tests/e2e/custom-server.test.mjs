// examples/custom-server: a provider of one's own, with a login in the browser, a grant and a client authentication of its own.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { startFlows } from './flows.mjs'
import { folder, startBrowser } from './support.mjs'

const program = process.env.AUTHMINT_CUSTOM_SERVER
const skip = program && process.env.AUTHMINT_FLOWS ? false : 'NOT RUN: needs AUTHMINT_CUSTOM_SERVER and AUTHMINT_FLOWS, two examples'
const ISSUER = 'http://localhost:8090'
const KEY = 'the-key-of-the-kiosk'

async function startServer(t, cwd) {
  const secret = Buffer.alloc(32, 9).toString('base64url')
  const child = spawn(program, [], { cwd, env: { ...process.env, KIOSK_KEY: KEY, CUSTOM_SECRET: secret }, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((done) => child.once('exit', done))
  t.after(() => child.kill())
  await new Promise((ready, failed) => {
    child.stdout.on('data', (chunk) => String(chunk).includes('serving') && ready())
    child.once('exit', (code) => failed(new Error(`ended with ${code}`)))
  })
  return async () => { child.kill(); await ended }
}

const badge = (badge, key = KEY) => fetch(`${ISSUER}/token`, {
  method: 'POST', headers: key ? { 'x-api-key': key } : {},
  body: new URLSearchParams({ grant_type: 'urn:example:grant-type:badge', client_id: 'kiosk', badge }),
})

test('a provider of one\'s own', { skip }, async (t) => {
  const data = folder(t)
  let stop = await startServer(t, data)
  const browser = await startBrowser(t)
  const does = startFlows(t)
  const settings = { do: 'login', issuer: ISSUER, client_id: 'app', redirect_uri: 'http://localhost:3000/callback', scope: 'openid profile' }

  /** The person on the page; what the address that the browser is sent to brings. */
  const decide = (name, password, decision) => async (address) => {
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    const sent = page.waitForRequest((request) => request.url().startsWith('http://localhost:3000/'))
    await page.goto(address)
    assert.match(await page.textContent('h1'), /app asks for: openid profile/)
    if (name) {
      await page.fill('[name=username]', name)
      await page.fill('[name=password]', 'not it')
      await page.click('button[value=allow]')
      assert.match(await page.textContent('body'), /Wrong name or password/)
      await page.fill('[name=username]', name)
      await page.fill('[name=password]', password)
    }
    await page.click(`button[value=${decision}]`).catch(() => {})
    return new URL((await sent).url()).search
  }

  await t.test('a person signs in on its page', async () => {
    const done = await does(settings, decide('ada', 'analytical engine', 'allow'))
    assert.equal(done.sub, 'u-1', JSON.stringify(done))
  })
  await t.test('or does not', async () => {
    assert.match((await does(settings, decide(undefined, undefined, 'deny'))).error, /access_denied/)
  })
  await t.test('a badge is worth tokens, with the right key and for an owner', async () => {
    const tokens = await badge('0042')
    assert.equal(tokens.status, 200)
    assert.equal((await tokens.json()).scope, 'profile')
    for (const [response, error, status] of [[await badge('0043'), 'invalid_grant', 400], [await badge('0042', 'wrong'), 'invalid_client', 401], [await badge('0042', ''), 'invalid_client', 401]]) {
      assert.deepEqual([response.status, (await response.json()).error], [status, error])
    }
  })
  await t.test('a restart forgets nothing', async () => {
    await stop()
    stop = await startServer(t, data)
    assert.equal((await badge('0042')).status, 200)
  })
})
