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

  /**
   * Follows an authorization request to what the client gets back: an address, or the request of a form (`form_post`).
   * A request to log out is followed in the same way.
   */
  authorize(url, origin) {
    return this.#follow(url, origin)
  }

  /** Follows a device's `verification_uri_complete` until the person may go back to the device. */
  connectDevice(url, origin) {
    return this.#follow(url, origin, (html) => !html.includes('<form id="device') && html.includes('Back to your device'))
  }

  async #follow(url, origin, isEnd = () => false) {
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
      if (isEnd(html)) return undefined
      const form = new URLSearchParams()
      for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) form.set(name, text(value))
      const action = new URL(text(html.match(/<form[^>]*action="([^"]+)"/)?.[1] ?? assert.fail(html)), origin)
      if (action.origin !== new URL(origin).origin) return new Request(action, { method: 'POST', body: form })
      if (action.pathname === '/login') {
        form.set('username', this.username)
        form.set('password', this.password)
      } else if (html.includes('name="action" value="logout"')) {
        form.set('action', 'logout')
      } else {
        const code = html.match(/name="user_code" type="text" value="([^"]*)"/)?.[1]
        if (code) form.set('user_code', code)
        else form.set('decision', 'allow')
      }
      response = await this.#fetch(action, { method: 'POST', body: form })
    }
    throw new Error('the provider leads nowhere')
  }
}

/** What an attribute of a page says. */
function text(attribute) {
  return attribute.replace(/&#(x?)([0-9a-f]+);/gi, (_, hex, digits) => String.fromCodePoint(parseInt(digits, hex ? 16 : 10)))
    .replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
}
