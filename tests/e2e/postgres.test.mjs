// S44 on PostgreSQL: nodes are killed, and the database itself, at any instant. `tests/postgres/start` makes the server.
import { execFile, spawnSync } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { withstand } from './logins.mjs'
import { freePort } from './support.mjs'

const server = process.env.AUTHMINT_TEST_POSTGRES
const skip = server ? false : 'NOT RUN: needs a server; tests/postgres/start npm test'

/** A database that is gone after the test. */
function database(t, name) {
  const sql = (text) => {
    const done = spawnSync('psql', ['-q', server, '-c', text], { encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`${text}: ${done.stderr}`)
  }
  sql(`CREATE DATABASE ${name}`)
  t.after(() => sql(`DROP DATABASE ${name} WITH (FORCE)`))
  return server.replace(/\/[^/]*$/, `/${name}`)
}

/** What stands before several nodes: hands each connection to one of them that answers. */
async function balancer(t, ports) {
  const balancing = createServer((from) => {
    const turn = Math.floor(Math.random() * ports.length)
    const tryNode = (tries) => {
      const to = connect(ports[(turn + tries) % ports.length], '127.0.0.1')
      let open = false
      to.once('connect', () => {
        open = true
        from.pipe(to).pipe(from)
      })
      to.on('error', () => {
        if (open || tries + 1 >= ports.length) from.destroy()
        else tryNode(tries + 1)
      })
      to.on('close', () => open && from.destroy())
      from.on('close', () => to.destroy())
    }
    from.on('error', () => {})
    tryNode(0)
  })
  await new Promise((listening) => balancing.listen(0, '127.0.0.1', listening))
  t.after(() => balancing.close())
  return `http://localhost:${balancing.address().port}`
}

test('s44 two nodes, each killed at any instant, accept nothing twice and lose nothing answered', { timeout: 400_000, skip }, async (t) => {
  const listen = [await freePort(), await freePort()]
  const disturb = async (nodes) => {
    const node = nodes[Math.floor(Math.random() * nodes.length)]
    await node.kill()
    await node.serve()
  }
  await withstand(t, { listen, issuer: await balancer(t, listen), database: database(t, 'nodes'), disturb })
})

test('s44 a database that is killed in the middle gives errors, comes back, and loses nothing answered', { timeout: 400_000, skip }, async (t) => {
  const disturb = () => promisify(execFile)(process.env.AUTHMINT_TEST_POSTGRES_RESTART)
  await withstand(t, { listen: [await freePort()], database: database(t, 'restarts'), disturb, mayFail: true })
})
