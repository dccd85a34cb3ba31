// The sample applications on axum and on actix-web, in a real browser, behind TLS: two providers on one page, an answer by a form from
// another site, logout from the application, and from the provider.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import { SECRET, makeCertificate, webClient } from './peers.mjs'
import { folder, freePort, serve, startBrowser } from './support.mjs'

const ADA = { username: 'ada', password: 'correct horse battery staple', name: 'Ada Lovelace', email: 'ada@example.com' }
const GRACE = { ...ADA, username: 'grace', name: 'Grace <b>Hopper</b>', email: 'grace@example.com' }

/** A proxy with TLS in front of an application, as there is one in front of any. */
async function startProxy(t, data, port) {
  const [key, cert] = ['app-key.pem', 'app.pem'].map((name) => readFileSync(join(data, name)))
  const posted = []
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    const onward = request({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
      if (path.startsWith('/backchannel-logout')) posted.push({ path, status: answer.statusCode })
      outgoing.writeHead(answer.statusCode, answer.rawHeaders)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.writeHead(502).end())
    incoming.pipe(onward)
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  t.after(() => { server.closeAllConnections(); server.close() })
  return { origin: `https://localhost:${server.address().port}`, posted }
}

async function startSample(t, program, env) {
  const child = spawn(program, [], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill())
  let said = ''
  await new Promise((ready, failed) => {
    const listen = (chunk) => {
      said += chunk
      if (said.includes('open https://')) ready()
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', (code) => failed(new Error(`the sample ended with ${code}: ${said}`)))
  })
}

for (const [framework, program] of [['axum', process.env.AUTHMINT_LOGIN_AXUM], ['actix-web', process.env.AUTHMINT_LOGIN_ACTIX]]) {
  const skip = program ? false : 'NOT RUN: needs AUTHMINT_LOGIN_AXUM and AUTHMINT_LOGIN_ACTIX, the examples `login` and `login_actix`'

  test(`the sample application on ${framework}`, { skip }, async (t) => {
    const data = folder(t)
    const trusted = makeCertificate(data)
    const port = await freePort()
    const { origin, posted } = await startProxy(t, data, port)
    const provider = (user, end) => serve(t, {
      fetch: trusted,
      users: [user],
      clients: [webClient('my-app', {
        redirect_uris: [`${origin}/callback${end}`],
        post_logout_redirect_uris: [`${origin}/`],
        backchannel_logout_uri: `${origin}/backchannel-logout${end}`,
        backchannel_logout_session_required: true,
      })],
    })
    const [first, second] = [await provider(ADA, ''), await provider(GRACE, '/second')]
    await startSample(t, program, {
      PORT: String(port), ORIGIN: origin, ISSUER: first.issuer, CLIENT_SECRET: SECRET,
      SECOND_ISSUER: second.issuer, SECOND_CLIENT_SECRET: SECRET,
    })
    const browser = await startBrowser(t)

    /** A page in a browser of its own that fails the test on any complaint of its console. */
    const open = async (javaScriptEnabled = false) => {
      const context = await browser.newContext({ javaScriptEnabled, ignoreHTTPSErrors: true })
      const page = await context.newPage()
      page.setDefaultTimeout(10_000)
      const complaints = []
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      return { context, page, complaints }
    }
    const typeLogin = async (page, { username, password }) => {
      await page.fill('#login [name=username]', username)
      await page.fill('#login [name=password]', password)
      await page.click('#login-submit')
      if (page.url().includes('/consent')) await page.click('#consent-allow')
      // The answer by a form: without script, the person presses its button.
      if (await page.$('#form-post-submit')) await page.click('#form-post-submit')
      await page.waitForSelector('#name')
    }
    const logIn = async (page, choice, user, start = '/private') => {
      await page.goto(`${origin}${start}`)
      assert.ok(page.url().startsWith(`${origin}/login?return_to=`), page.url())
      await page.click(`#provider-${choice}`)
      await typeLogin(page, user)
    }
    const seen = async (page) => [await page.textContent('#name'), await page.textContent('#provider'), await page.textContent('#issuer')]

    await t.test('one page, two providers: log in with either, see who one is, log out', async () => {
      const { page, complaints } = await open()
      await page.goto(origin)
      assert.ok(await page.$('#nobody'))
      await page.click('#login')
      assert.deepEqual(await page.$$eval('a.provider', (links) => links.length), 2)
      assert.notEqual(await page.$eval('a.provider', (link) => getComputedStyle(link).borderTopWidth), '0px', 'the style is let through')
      for (const [choice, user, { issuer }] of [['main', ADA, first], ['second', GRACE, second]]) {
        await logIn(page, choice, user)
        assert.equal(page.url(), `${origin}/private`, 'back where the person wanted to go')
        assert.deepEqual(await seen(page), [user.name, choice, issuer])
        await page.click('#logout')
        assert.equal(page.url(), `${origin}/`)
        assert.ok(await page.$('#nobody'))
        await page.goto(issuer)
        assert.ok(await page.$('#sign-in'), 'the provider still knows the person')
      }
      assert.deepEqual(complaints, [])
    })

    await t.test('cookies are whole: a session for https alone, none of a login left', async () => {
      const { context, page } = await open()
      await logIn(page, 'second', GRACE)
      const cookies = (await context.cookies(origin)).filter(({ name }) => name.startsWith('__Host-app'))
      assert.deepEqual(cookies.map(({ name, httpOnly, secure, sameSite }) => ({ name, httpOnly, secure, sameSite })),
        [{ name: '__Host-app-session', httpOnly: true, secure: true, sameSite: 'Lax' }])
    })

    await t.test('who logs out at the provider is logged out here, and nobody else', async () => {
      const [ada, grace] = [await open(), await open()]
      await logIn(ada.page, 'main', ADA)
      await logIn(grace.page, 'second', GRACE)
      posted.length = 0
      await ada.page.goto(first.issuer)
      await ada.page.click('#logout-submit')
      assert.deepEqual(posted, [{ path: '/backchannel-logout', status: 200 }])
      await ada.page.goto(origin)
      assert.ok(await ada.page.$('#nobody'), 'the session is over')
      await grace.page.goto(origin)
      assert.equal(await grace.page.textContent('#name'), GRACE.name)
    })

    await t.test('a portal begins a login, and leads nowhere else', async () => {
      const { page } = await open()
      const wish = (iss, target) => `${origin}/login?${new URLSearchParams({ iss, target_link_uri: target })}`
      await page.goto(wish(second.issuer, `${origin}/private`))
      assert.ok(page.url().startsWith(`${second.issuer}/login`), page.url())
      await typeLogin(page, GRACE)
      assert.equal(page.url(), `${origin}/private`)
      await page.goto(wish(second.issuer, 'https://evil.example/'))
      if (await page.$('#form-post-submit')) await page.click('#form-post-submit')
      assert.equal(page.url(), `${origin}/`)
      const refused = await page.goto(wish('https://evil.example', '/private'))
      assert.equal(refused.status(), 400)
    })

    await t.test('an answer at the other provider’s callback, and in another browser, is refused', async () => {
      const { page } = await open()
      let callback
      page.on('response', (response) => {
        const location = response.headers().location ?? ''
        if (location.startsWith(`${origin}/callback`)) callback = location
      })
      await logIn(page, 'main', ADA)
      for (const address of [callback, callback.replace('/callback', '/callback/second')]) {
        const { page: other } = await open()
        const answer = await other.goto(address)
        assert.ok([400, 405].includes(answer.status()), String(answer.status()))
        await other.goto(origin)
        assert.ok(await other.$('#nobody'))
      }
    })
  })
}
