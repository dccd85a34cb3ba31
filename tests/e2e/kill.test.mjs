// S44: the provider on SQLite is killed at any instant.
import { test } from 'node:test'
import { withstand } from './logins.mjs'
import { freePort } from './support.mjs'

test('s44 killed at any instant, nothing is accepted twice and nothing answered is lost', { timeout: 300_000 }, async (t) => {
  const disturb = async ([node]) => {
    await node.kill()
    await node.serve()
  }
  await withstand(t, { listen: [await freePort()], disturb })
})
