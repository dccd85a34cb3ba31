// The main job in a real browser: open the sample application, log in, agree, call the API, refresh, log out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBrowser, startDev } from './support.mjs'

test('a person uses the sample application', async (t) => {
  const dev = await startDev(t)
  const browser = await startBrowser(t)

  /** A page in a browser of its own, that fails the test on any complaint of its console. */
  const open = async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    const complaints = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    return { context, page, complaints }
  }
  const typeLogin = async (page, password = dev.password) => {
    await page.fill('#login [name=username]', dev.username)
    await page.fill('#login [name=password]', password)
    await page.click('#login-submit')
  }
  const logIn = async (page) => {
    await page.goto(dev.app)
    await page.click('#login')
    await typeLogin(page)
    if (page.url().includes('/consent')) await page.click('#consent-allow')
    await page.waitForSelector('#user-name')
  }

  await t.test('log in, consent, see the name, call the API, refresh, log out, be logged out', async () => {
    const { page, complaints } = await open()
    await page.goto(dev.app)
    await page.click('#login')
    assert.ok(page.url().startsWith(`${dev.provider}/login?interaction=`), page.url())
    await typeLogin(page)
    assert.ok(page.url().startsWith(`${dev.provider}/consent?`), page.url())
    assert.match(await page.textContent('body'), /Sample application/)
    await page.click('#consent-allow')
    assert.equal(page.url(), `${dev.app}/`)
    assert.equal(await page.textContent('#user-name'), 'Ada Lovelace')

    await page.click('#call-api-submit')
    const answer = JSON.parse(await page.textContent('#api-body'))
    assert.equal(answer.message, 'The API knows who you are.')
    assert.match(answer.scope, /api:read/)

    await page.click('#refresh-submit')
    assert.match(await page.textContent('#notice'), /refreshed/)
    await page.click('#call-api-submit')
    assert.match(await page.textContent('#api-status'), /200/)

    await page.click('#logout-submit')
    assert.equal(page.url(), `${dev.app}/signed-out`)
    await page.goto(dev.app)
    assert.equal(await page.$('#user-name'), null)
    await page.goto(dev.provider)
    assert.ok(await page.$('#sign-in'), 'the provider still knows the person')
    assert.deepEqual(complaints, [])
  })

  await t.test('consent is remembered, and a second login asks for nothing', async () => {
    const { page } = await open()
    await logIn(page)
    await page.goto(`${dev.app}/login`)
    assert.equal(page.url(), `${dev.app}/`)
    await page.goto(dev.provider)
    assert.equal(await page.textContent('#user-name'), 'Ada Lovelace')
    await page.click('#logout-submit')
    await page.goto(`${dev.app}/login`)
    assert.ok(page.url().startsWith(`${dev.provider}/login`), page.url())
  })

  await t.test('a wrong password and an unknown user get the same page', async () => {
    const { page } = await open()
    await page.goto(`${dev.app}/login`)
    await typeLogin(page, 'not the password')
    const wrong = await page.textContent('[role=alert]')
    await page.fill('#login [name=username]', 'nobody')
    await page.fill('#login [name=password]', 'not the password')
    await page.click('#login-submit')
    assert.equal(await page.textContent('[role=alert]'), wrong)
    await typeLogin(page)
    assert.equal(await page.textContent('#user-name'), 'Ada Lovelace')
  })

  await t.test('saying no at the login shows the application’s page for it', async () => {
    const { page } = await open()
    await page.goto(`${dev.app}/login`)
    await page.click('#login-cancel')
    assert.ok(page.url().startsWith(`${dev.app}/callback?error=access_denied`), page.url())
    assert.match(await page.textContent('#error'), /did not sign in/)
    await page.click('#try-again')
    assert.ok(page.url().startsWith(`${dev.provider}/login`), page.url())
  })

  await t.test('a tampered callback, and one of another browser, are refused', async () => {
    const { page } = await open()
    await page.goto(`${dev.app}/login`)
    await page.goto(`${dev.app}/callback?code=x&state=forged&iss=${encodeURIComponent(dev.provider)}`)
    assert.match(await page.textContent('#error'), /not started here/)

    // A callback that was answered to one browser is worth nothing in another, nor a second time in the first.
    let callback
    page.on('response', (response) => {
      const location = response.headers().location ?? ''
      if (location.startsWith(`${dev.app}/callback`)) callback = location
    })
    await page.goto(`${dev.app}/login`)
    await typeLogin(page)
    assert.equal(await page.textContent('#user-name'), 'Ada Lovelace')
    const other = await open()
    for (const somebody of [other.page, page]) {
      const answer = await somebody.goto(callback)
      assert.equal(answer.status(), 400)
      assert.match(await somebody.textContent('#error'), /not started here/)
    }
  })

  await t.test('a login page of another browser can’t be finished here', async () => {
    const first = await open()
    await first.page.goto(`${dev.app}/login`)
    const second = await open()
    const answer = await second.page.goto(first.page.url())
    assert.equal(answer.status(), 400)
    assert.match(await second.page.textContent('#error'), /This sign-in is over/)
  })
})

test('denied consent shows the application’s page for it', async (t) => {
  const dev = await startDev(t)
  const browser = await startBrowser(t)
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
  await page.goto(`${dev.app}/login`)
  await page.fill('#login [name=username]', dev.username)
  await page.fill('#login [name=password]', dev.password)
  await page.click('#login-submit')
  await page.click('#consent-deny')
  assert.ok(page.url().startsWith(`${dev.app}/callback?error=access_denied`), page.url())
  assert.match(await page.textContent('#error'), /did not sign in/)
})
