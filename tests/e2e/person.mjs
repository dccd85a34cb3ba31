// A person with a browser that is none: keeps cookies, follows redirects, posts the forms it is shown.
import assert from 'node:assert/strict'

export class Person {
  #cookies = new Map()

  constructor(username, password) {
    this.username = username
    this.password = password
  }

  async #fetch(url, options = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', ...options, headers: { ...options.headers, cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = set.match(/^([^=]+)=([^;]*)/)
      this.#cookies.set(name, value)
    }
    return response
  }

  /** Follows an authorization request to the address that the client gets back. */
  async authorize(url, origin) {
    let response = await this.#fetch(url)
    for (let step = 0; step < 10; step++) {
      if (response.status >= 500) throw Object.assign(new Error(`answered ${response.status}`), { failed: true })
      const location = response.headers.get('location')
      const html = await response.text()
      if (location) {
        const next = new URL(location, origin)
        if (next.origin !== new URL(origin).origin) return next
        response = await this.#fetch(next)
        continue
      }
      const form = new URLSearchParams()
      for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) form.set(name, value)
      const action = html.match(/<form[^>]*action="([^"]+)"/)?.[1]
      assert.ok(action, html)
      if (action.endsWith('/login')) {
        form.set('username', this.username)
        form.set('password', this.password)
      } else {
        form.set('decision', 'allow')
      }
      response = await this.#fetch(new URL(action, origin), { method: 'POST', body: form })
    }
    throw new Error('the provider leads nowhere')
  }
}
