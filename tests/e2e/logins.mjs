// S44: a thousand logins, during which something happens to the provider again and again. Afterwards no code and no refresh
// token is accepted twice, and nothing that was answered is lost.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Person } from './person.mjs'
import { folder, run, start } from './support.mjs'

const LOGINS = 1000
const WORKERS = 16
const PASSWORD = 'correct horse battery staple'

/**
 * Logs people in a thousand times. `listen` are the ports of the nodes, of which the first must answer at the issuer's
 * address if there is no `issuer`; `database` is a file's name or a URL; `disturb` is called every half second or so with
 * the nodes, each of which has `kill()` and `serve()`. Where `mayFail` is set, an answer of 5xx is none.
 */
export async function withstand(t, { listen, issuer = `http://localhost:${listen[0]}`, database, disturb, mayFail = false }) {
  const data = folder(t)
  const config = join(data, 'authmint.toml')
  // At the end, codes of which nobody knows are presented twice, all from one address: guesses, to the provider.
  writeFileSync(config, `issuer = "${issuer}"\nlimits.login_attempts_per_address = 10000\n`)
  const env = {
    ...process.env,
    AUTHMINT_CONFIG: config,
    AUTHMINT_ISSUER: issuer,
    AUTHMINT_DATABASE: database ?? join(data, 'authmint.db'),
    AUTHMINT_SECRET_FILE: join(data, 'secret'),
    AUTHMINT_LOG: 'off',
  }
  const redirectUri = 'http://127.0.0.1/callback'
  run(['init'], { env })
  const printed = run(['client', 'add', '--redirect-uri', redirectUri, '--trusted', '--opaque', '--auth-method', 'none',
    '--scope', 'openid offline_access'], { env })
  const clientId = printed.match(/client_id\s+(\S+)/)[1]
  const people = []
  for (let n = 0; n < WORKERS; n++) {
    run(['user', 'add', `user${n}`, '--password-stdin'], { env, input: PASSWORD })
    people.push(new Person(`user${n}`, PASSWORD))
  }

  const nodes = listen.map((port) => {
    const node = { port, running: undefined }
    node.serve = async () => {
      const settings = { env: { ...env, AUTHMINT_LISTEN: `127.0.0.1:${port}` } }
      node.running = await start(['serve'], (output) => output.includes('serves'), settings)
    }
    node.kill = async () => {
      await node.running?.stop('SIGKILL')
      node.running = undefined
    }
    t.after(node.kill)
    return node
  })
  await Promise.all(nodes.map((node) => node.serve()))

  const authorize = async (person) => {
    const verifier = randomBytes(32).toString('base64url')
    const params = new URLSearchParams({
      response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: 'openid offline_access',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
    })
    const callback = await person.authorize(`${issuer}/authorize?${params}`, issuer)
    return { code: callback.searchParams.get('code'), verifier }
  }
  const token = async (params) => {
    const body = new URLSearchParams({ client_id: clientId, ...params })
    const response = await fetch(`${issuer}/token`, { method: 'POST', body })
    if (response.status >= 500) throw Object.assign(new Error(`answered ${response.status}`), { failed: true })
    return { status: response.status, ...(await response.json()) }
  }
  const redeem = ({ code, verifier }) =>
    token({ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri })
  const refresh = (refreshToken) => token({ grant_type: 'refresh_token', refresh_token: refreshToken })

  // What was answered, and so must hold; a request without an answer may have happened or not, and counts for nothing.
  const grants = []
  let done = 0
  let disturbances = 0
  let unanswered = 0
  const work = async (person) => {
    while (done < LOGINS) {
      try {
        const pending = await authorize(person)
        const grant = { pending, state: 'code answered' }
        grants.push(grant)
        if (done % 5 === 0) { done++; continue }
        grant.state = 'unknown'
        const first = await redeem(pending)
        if (first.status !== 200) throw Object.assign(new Error(`refused: ${JSON.stringify(first)}`), { refused: true })
        Object.assign(grant, { state: 'redeemed', tokens: first })
        if (done % 2 === 0) {
          grant.state = 'unknown'
          const second = await refresh(first.refresh_token)
          if (second.status !== 200) throw Object.assign(new Error(`refused: ${JSON.stringify(second)}`), { refused: true })
          Object.assign(grant, { state: 'rotated', used: first.refresh_token, tokens: second })
        }
        done++
      } catch (error) {
        if (error.refused || error.name === 'AssertionError' || (error.failed && !mayFail)) throw error
        unanswered++
        await new Promise((wait) => setTimeout(wait, 50))
      }
    }
  }
  let over = false
  const disturbing = (async () => {
    while (!over) {
      await new Promise((wait) => setTimeout(wait, 150 + Math.random() * 700))
      if (over) break
      await disturb(nodes)
      disturbances++
    }
  })()
  // One that fails must not be waited for by those who can't end without it.
  const working = Promise.all(people.map(work)).finally(() => { over = true })
  await Promise.all([working, disturbing])
  for (const node of nodes) {
    await node.kill()
    await node.serve()
  }

  const count = {}
  for (const grant of grants) {
    count[grant.state] = (count[grant.state] ?? 0) + 1
    switch (grant.state) {
      case 'code answered': {
        // A code lives for a minute; those of the last seconds must be good, once.
        const late = grants.indexOf(grant) > grants.length - 200
        const first = await redeem(grant.pending)
        if (late) assert.equal(first.status, 200, 'a code that was answered is lost')
        assert.equal((await redeem(grant.pending)).error, 'invalid_grant', 'a code was accepted twice')
        break
      }
      case 'redeemed':
        assert.equal((await refresh(grant.tokens.refresh_token)).status, 200, 'a refresh token that was answered is lost')
        assert.equal((await redeem(grant.pending)).error, 'invalid_grant', 'a code was accepted twice')
        break
      case 'rotated':
        assert.equal((await refresh(grant.tokens.refresh_token)).status, 200, 'a refresh token that was answered is lost')
        assert.equal((await refresh(grant.used)).error, 'invalid_grant', 'a refresh token was accepted twice')
        break
      default: {
        // Not known whether it happened; then it did at most once.
        const results = [await redeem(grant.pending), await redeem(grant.pending)]
        assert.ok(results.filter(({ status }) => status === 200).length <= 1)
      }
    }
  }
  t.diagnostic(`${done} logins, ${disturbances} disturbances, ${unanswered} requests without an answer, ${JSON.stringify(count)}`)
  assert.ok(disturbances >= 3, 'the provider was hardly disturbed')
}
